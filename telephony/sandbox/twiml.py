"""Reads TwiML as Twilio does: names are case-sensitive, what it does not know it ignores with a warning. Pure."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit
from xml.etree import ElementTree

LARGEST = 64 * 1024
LONGEST_PARAMETER = 500
SCHEMA = 12200
"""The code of every warning about an element, attribute or value that is ignored."""


class TwimlError(Exception):
    """TwiML, or a URL in it, that cannot be carried out. `code` is Twilio's."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Say:
    """Words for the sandbox's voice."""

    text: str


@dataclass(frozen=True, slots=True)
class Play:
    """A recording. The sandbox does not play it."""

    url: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence."""

    seconds: float = 1


@dataclass(frozen=True, slots=True)
class Gather:
    """Waits for keys, words or either, with prompts meanwhile."""

    prompts: tuple[Say | Play | Pause, ...] = ()
    action: str = ""
    method: str = "POST"
    num_digits: int | None = None
    timeout_s: float = 5
    finish_on_key: str = "#"
    inputs: frozenset[str] = frozenset({"dtmf"})


@dataclass(frozen=True, slots=True)
class Stream:
    """A bidirectional media stream."""

    url: str
    parameters: dict[str, str]
    track: str = "inbound_track"
    name: str = ""
    status_callback: str = ""
    status_method: str = "POST"


@dataclass(frozen=True, slots=True)
class Connect:
    """Hands the call to a stream until the server closes it."""

    stream: Stream | None
    action: str | None = None
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Conference:
    """A room to join."""

    name: str
    label: str | None = None
    start_on_enter: bool = True
    end_on_exit: bool = False
    muted: bool = False
    wait_url: str | None = None
    """What is played to whoever is alone; empty: nothing, None: Twilio's music."""
    wait_method: str = "POST"
    status_callback: str = ""
    status_method: str = "POST"
    status_events: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dial:
    """Connects the call to a room. Other destinations are not played by the sandbox."""

    conference: Conference | None
    action: str | None = None
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Hangup:
    """Ends the call."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Goes on with another document."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuses an incoming call without answering it."""

    reason: str = "rejected"


Verb = Say | Play | Pause | Gather | Connect | Dial | Hangup | Redirect | Reject


@dataclass(frozen=True, slots=True)
class Voice:
    """A document for a call."""

    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """One text a document asks for."""

    body: str
    status_callback: str = ""


@dataclass(frozen=True, slots=True)
class Messaging:
    """A document for a text."""

    replies: tuple[Reply, ...]
    warnings: tuple[str, ...]


BOOLEAN = re.compile(r"true|false")
NUMBER = re.compile(r"\d+")
METHOD = re.compile(r"GET|POST")
ANY = re.compile(r"(?s).*")
CALL_EVENTS = re.compile(r"(initiated|ringing|answered|completed)( (initiated|ringing|answered|completed))*")
ROOM_EVENT = "(start|end|join|leave|mute|hold|modify|speaker|announcement)"
ROOM_EVENTS = re.compile(f"{ROOM_EVENT}( {ROOM_EVENT})*")

PROMPTS = frozenset({"Say", "Play", "Pause"})
CHILDREN: dict[str, frozenset[str]] = {
    "Connect": frozenset({"Stream"}),
    "Stream": frozenset({"Parameter"}),
    "Gather": PROMPTS,
    "Dial": frozenset({"Conference", "Number", "Client", "Sip", "Queue"}),
    "Message": frozenset({"Body", "Media"}),
    "Say": frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"}),
}
VOICE_VERBS = PROMPTS | {"Gather", "Connect", "Dial", "Hangup", "Redirect", "Reject"}
MESSAGING_VERBS = frozenset({"Message", "Redirect"})
ACTION = {"action": ANY, "method": METHOD}
CALLBACK = {"statusCallback": ANY, "statusCallbackMethod": METHOD}
ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    "Connect": ACTION,
    "Stream": CALLBACK
    | {"url": ANY, "name": ANY, "connectorName": ANY, "audioFormat": ANY, "sampleRate": NUMBER}
    | {"track": re.compile("(inbound|outbound|both)_tracks?")},
    "Parameter": {"name": ANY, "value": ANY},
    "Say": {"voice": ANY, "language": ANY, "loop": NUMBER},
    "Play": {"loop": NUMBER, "digits": ANY},
    "Pause": {"length": NUMBER},
    "Gather": ACTION
    | {"input": re.compile("dtmf|speech|dtmf speech|speech dtmf"), "speechTimeout": re.compile(r"auto|\d+")}
    | dict.fromkeys(("language", "hints", "speechModel", "finishOnKey"), ANY)
    | dict.fromkeys(("partialResultCallback", "partialResultCallbackMethod"), ANY)
    | dict.fromkeys(("numDigits", "timeout", "maxSpeechTime"), NUMBER)
    | dict.fromkeys(("actionOnEmptyResult", "bargeIn", "debug", "enhanced", "profanityFilter"), BOOLEAN),
    "Dial": ACTION
    | dict.fromkeys(("timeout", "timeLimit"), NUMBER)
    | dict.fromkeys(("answerOnBridge", "hangupOnStar", "sequential"), BOOLEAN)
    | dict.fromkeys(("callerId", "ringTone", "record", "trim", "recordingTrack", "referUrl", "referMethod"), ANY)
    | dict.fromkeys(("recordingStatusCallback", "recordingStatusCallbackEvent"), ANY)
    | {"recordingStatusCallbackMethod": METHOD},
    "Conference": CALLBACK
    | dict.fromkeys(("startConferenceOnEnter", "endConferenceOnExit", "muted"), BOOLEAN)
    | {"beep": re.compile("true|false|onEnter|onExit"), "jitterBufferSize": re.compile("large|medium|small|off")}
    | {"statusCallbackEvent": ROOM_EVENTS, "maxParticipants": NUMBER, "waitMethod": METHOD}
    | {"participantLabel": re.compile(r"[^/]{0,128}")}
    | dict.fromkeys(("waitUrl", "coach", "record", "region", "trim", "eventCallbackUrl"), ANY)
    | dict.fromkeys(("recordingStatusCallback", "recordingStatusCallbackEvent"), ANY)
    | {"recordingStatusCallbackMethod": METHOD},
    "Number": CALLBACK | {"url": ANY, "method": METHOD, "sendDigits": ANY, "statusCallbackEvent": CALL_EVENTS},
    "Redirect": {"method": METHOD},
    "Reject": {"reason": re.compile("rejected|busy")},
    "Message": ACTION | {"to": ANY, "from": ANY, "statusCallback": ANY},
}


def parse_voice(text: str) -> Voice:
    """Reads a document for a call. Raises `TwimlError` (11750 too long, 12100 not a document)."""
    root = _root(text)
    checker = _Checker()
    verbs = tuple(_VERBS[child.tag](child, checker) for child in checker.children(root, VOICE_VERBS))
    return Voice(verbs, tuple(checker.warnings))


def parse_messaging(text: str) -> Messaging:
    """Reads a document for a text. Raises `TwimlError` as `parse_voice` does."""
    root = _root(text)
    checker = _Checker()
    replies = [
        Reply(_body(child, checker), checker.attributes(child).get("statusCallback", ""))
        for child in checker.children(root, MESSAGING_VERBS)
        if child.tag == "Message"
    ]
    return Messaging(tuple(replies), tuple(checker.warnings))


def media_url(stream: Stream) -> tuple[str, list[str]]:
    """Where a stream connects, and what to note about it. Raises `TwimlError` (31941, 31922, 31923).

    Twilio opens only wss and drops the query; ws is let through here for loopback hosts, which have no certificates.
    """
    if stream.track != "inbound_track":
        raise TwimlError(31941, f"<Connect><Stream> sends the inbound track only, not {stream.track!r}")
    parts = urlsplit(stream.url)
    if not parts.hostname or parts.scheme not in ("ws", "wss", "http", "https"):
        raise TwimlError(31923, f"malformed stream URL {stream.url!r}")
    if parts.scheme in ("http", "https") or (parts.scheme == "ws" and not is_loopback(parts.hostname)):
        raise TwimlError(31922, f"stream URL {stream.url!r} is not wss")
    notes = []
    if parts.scheme == "ws":
        notes.append("ws stream URL let through because it is loopback: Twilio wants wss (31922)")
    if parts.query:
        notes.append("query dropped from the stream URL, as Twilio does: use <Parameter>")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), notes


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _root(text: str) -> ElementTree.Element:
    if len(text.encode()) > LARGEST:
        raise TwimlError(11750, "TwiML is longer than 64 kB")
    try:
        root = ElementTree.fromstring(text.strip())
    except ElementTree.ParseError as error:
        raise TwimlError(12100, f"not parseable: {error}") from error
    if root.tag != "Response":
        raise TwimlError(12100, f"the root element is <{root.tag}>, not <Response>")
    return root


class _Checker:
    """Collects schema warnings while a document is read."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def children(
        self, element: ElementTree.Element, known: frozenset[str] | None = None
    ) -> Iterator[ElementTree.Element]:
        """The child elements Twilio knows there."""
        known = CHILDREN.get(element.tag, frozenset()) if known is None else known
        for child in element:
            if child.tag in known:
                yield child
            else:
                self.warn(f"<{child.tag}> is not known inside <{element.tag}>: ignored")

    def attributes(self, element: ElementTree.Element) -> dict[str, str]:
        """The attributes Twilio knows, with values it takes."""
        known = ATTRIBUTES.get(element.tag, {})
        kept = {}
        for name, value in element.attrib.items():
            if name not in known:
                self.warn(f"<{element.tag}> has no attribute {name}: ignored")
            elif not known[name].fullmatch(value):
                self.warn(f'<{element.tag} {name}="{value}"> is not a value it takes: ignored')
            else:
                kept[name] = value
        return kept


def _text(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _body(element: ElementTree.Element, checker: _Checker) -> str:
    parts = [element.text or "", *(child.text or "" for child in checker.children(element) if child.tag == "Body")]
    return "".join(parts).strip()


def _say(element: ElementTree.Element, checker: _Checker) -> Say:
    checker.attributes(element)
    list(checker.children(element))
    return Say(_text(element))


def _play(element: ElementTree.Element, checker: _Checker) -> Play:
    checker.attributes(element)
    return Play(_text(element))


def _pause(element: ElementTree.Element, checker: _Checker) -> Pause:
    return Pause(int(checker.attributes(element).get("length", "1")))


def _gather(element: ElementTree.Element, checker: _Checker) -> Gather:
    given = checker.attributes(element)
    prompts = tuple(_PROMPTS[child.tag](child, checker) for child in checker.children(element))
    digits = given.get("numDigits")
    return Gather(
        prompts=prompts,
        action=given.get("action", ""),
        method=given.get("method", "POST"),
        num_digits=int(digits) if digits else None,
        timeout_s=int(given.get("timeout", "5")),
        finish_on_key=given.get("finishOnKey", "#"),
        inputs=frozenset(given.get("input", "dtmf").split()),
    )


def _connect(element: ElementTree.Element, checker: _Checker) -> Connect:
    given = checker.attributes(element)
    streams = [_stream(child, checker) for child in checker.children(element)]
    if len(streams) != 1:
        checker.warn(f"<Connect> holds {len(streams)} streams: one is played")
    return Connect(streams[0] if streams else None, given.get("action"), given.get("method", "POST"))


def _stream(element: ElementTree.Element, checker: _Checker) -> Stream:
    given = checker.attributes(element)
    parameters = {}
    for child in checker.children(element):
        pair = checker.attributes(child)
        name, value = pair.get("name", ""), pair.get("value", "")
        if len(name) + len(value) >= LONGEST_PARAMETER:
            checker.warn(f"<Parameter> {name}: name and value are {LONGEST_PARAMETER} characters or more: ignored")
        else:
            parameters[name] = value
    return Stream(
        url=given.get("url", ""),
        parameters=parameters,
        track=given.get("track", "inbound_track"),
        name=given.get("name", ""),
        status_callback=given.get("statusCallback", ""),
        status_method=given.get("statusCallbackMethod", "POST"),
    )


def _dial(element: ElementTree.Element, checker: _Checker) -> Dial:
    given = checker.attributes(element)
    rooms = []
    for child in checker.children(element):
        if child.tag == "Conference":
            rooms.append(_conference(child, checker))
        else:
            checker.warn(f"<Dial><{child.tag}> is not played by the sandbox")
    return Dial(rooms[0] if rooms else None, given.get("action"), given.get("method", "POST"))


def _conference(element: ElementTree.Element, checker: _Checker) -> Conference:
    given = checker.attributes(element)
    return Conference(
        name=_text(element),
        label=given.get("participantLabel") or None,
        start_on_enter=given.get("startConferenceOnEnter", "true") == "true",
        end_on_exit=given.get("endConferenceOnExit", "false") == "true",
        muted=given.get("muted", "false") == "true",
        wait_url=given.get("waitUrl"),
        wait_method=given.get("waitMethod", "POST"),
        status_callback=given.get("statusCallback", ""),
        status_method=given.get("statusCallbackMethod", "POST"),
        status_events=frozenset(given.get("statusCallbackEvent", "").split()),
    )


def _hangup(element: ElementTree.Element, checker: _Checker) -> Hangup:
    checker.attributes(element)
    return Hangup()


def _redirect(element: ElementTree.Element, checker: _Checker) -> Redirect:
    return Redirect(_text(element), checker.attributes(element).get("method", "POST"))


def _reject(element: ElementTree.Element, checker: _Checker) -> Reject:
    return Reject(checker.attributes(element).get("reason", "rejected"))


_PROMPTS: dict[str, Callable[[ElementTree.Element, _Checker], Say | Play | Pause]] = {
    "Say": _say,
    "Play": _play,
    "Pause": _pause,
}
_VERBS: dict[str, Callable[[ElementTree.Element, _Checker], Verb]] = {
    **_PROMPTS,
    "Gather": _gather,
    "Connect": _connect,
    "Dial": _dial,
    "Hangup": _hangup,
    "Redirect": _redirect,
    "Reject": _reject,
}
