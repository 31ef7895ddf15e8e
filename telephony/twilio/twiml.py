"""The TwiML documents we answer with. Each function returns a whole document; Twilio wants it as `text/xml`.

Verbs and their limits: https://www.twilio.com/docs/voice/twiml.
"""

import re
from collections.abc import Mapping

from twilio.twiml.voice_response import Connect, Dial, Gather, Say, VoiceResponse

WHISPER_SECONDS = 8
"""How long a human agent has to press the key, counted from the end of the whisper."""

WAIT_PAUSE_SECONDS = 5
"""Between two sentences to somebody who waits in a room."""

_PARAMETER_LIMIT = 500
_LABEL_LIMIT = 128
_CALL_SID = re.compile(r"CA[0-9a-f]{32}", re.IGNORECASE)
# What XML 1.0 cannot hold. Twilio would refuse the whole document (error 12100) and end the call.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def empty() -> str:
    """Does nothing: the answer to a text (we reply through the REST API) or to a status callback."""
    return str(VoiceResponse())


def hang_up(say: str | None = None) -> str:
    """Ends the call, after a last sentence if there is one."""
    response = VoiceResponse()
    if say:
        response.append(spoken(say))
    response.hangup()
    return str(response)


def connect_stream(ws_url: str, action_url: str, parameters: Mapping[str, str]) -> str:
    """Connects the call to our media socket. When the socket ends, however it ends, Twilio asks `action_url` what next.

    Parameters arrive in `Started.parameters`. The URL carries none: Twilio drops its query.
    """
    if not ws_url.startswith(("wss://", "ws://")) or "?" in ws_url:
        raise ValueError("a stream URL is wss://host/path without a query: pass values as parameters")
    response = VoiceResponse()
    connect = Connect(action=action_url, method="POST")
    stream = connect.stream(url=ws_url)
    for name, value in parameters.items():
        stream.parameter(name=name, value=_checked_parameter(name, value))
    response.append(connect)
    return str(response)


def agent_whisper(text: str, accept_url: str, *, wait_seconds: int = WHISPER_SECONDS) -> str:
    """Tells a human agent who is calling, on the agent's own leg, and asks for a key or a word.

    They go to `accept_url` as `Digits` or `SpeechResult`. Neither, or a hang-up, declines.
    """
    response = VoiceResponse()
    gather = Gather(
        input="dtmf speech",
        num_digits=1,
        timeout=wait_seconds,
        speech_timeout="auto",
        hints="yes, no, put him through, put her through, I'll take it, not now",
        action=accept_url,
        method="POST",
    )
    gather.append(spoken(text))
    response.append(gather)
    response.hangup()
    return str(response)


def wait_in_room(text: str, again_url: str) -> str:
    """What somebody hears who is alone in a room: a voice every few seconds, for as long as it takes."""
    response = VoiceResponse()
    response.append(spoken(text))
    response.pause(length=WAIT_PAUSE_SECONDS)
    response.redirect(again_url, method="POST")
    return str(response)


def join_conference(
    room: str,
    label: str,
    *,
    end_on_exit: bool,
    action_url: str,
    wait_url: str,
    waiting: str = "",
    start_on_enter: bool = True,
) -> str:
    """Puts the call in a conference room; `action_url` is asked what next when it leaves, `wait_url` what it hears
    while it is alone there.

    `room` is one namespace per account and shows in Twilio's console: no name or number in it. `label` must be the
    only one of its kind in the room (error 16025).
    """
    if not room:
        raise ValueError("a conference needs a room name")
    response = VoiceResponse()
    dial = Dial(action=action_url, method="POST")
    dial.conference(
        room,
        beep=False,
        start_conference_on_enter=start_on_enter,
        end_conference_on_exit=end_on_exit,
        jitter_buffer_size="small",  # the default, large, adds 300 to 1000 ms
        participant_label=checked_label(label),
        wait_url=wait_url,
    )
    response.append(dial)
    return str(response)


def spoken(text: str) -> Say:
    """The verb that says something; what XML cannot hold becomes a space."""
    return Say(_NOT_XML.sub(" ", text))


def _checked_parameter(name: str, value: str) -> str:
    if len(name) + len(value) >= _PARAMETER_LIMIT:
        raise ValueError(f"stream parameter {name!r}: name and value must be shorter than {_PARAMETER_LIMIT} together")
    if _NOT_XML.search(name + value):
        raise ValueError(f"stream parameter {name!r} holds a character that XML cannot carry")
    return value


def checked_label(label: str) -> str:
    """A label that a participant may have; ValueError for another."""
    if not 0 < len(label) <= _LABEL_LIMIT or "/" in label or _CALL_SID.fullmatch(label):
        raise ValueError(f"a participant label is 1 to {_LABEL_LIMIT} characters, without a slash, not a call SID")
    return label
