"""The TeXML documents we answer with. Each function returns a whole document.

TeXML is TwiML's like (https://developers.telnyx.com/docs/voice/programmable-voice/texml-twiml-compatibility); what
differs is here. Verbs and their attributes: https://developers.telnyx.com/docs/voice/programmable-voice/texml-verbs.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse

from telephony.twilio.twiml import WHISPER_SECONDS, checked_label, empty, hang_up, spoken, wait_in_room

__all__ = ["agent_whisper", "connect_stream", "empty", "hang_up", "join_conference", "wait_in_room"]

SPEECH_ENDS_SECONDS = 1
"""How long a human agent may pause in his answer."""


def connect_stream(ws_url: str, action_url: str, parameters: Mapping[str, str]) -> str:
    """Connects the call to our media socket. When that ends, Telnyx goes on to the next verb, which asks `action_url`.

    The parameters go into the socket's query. Without `rtp` only MP3 could be sent.
    """
    if not ws_url.startswith(("wss://", "ws://")) or "?" in ws_url:
        raise ValueError("a stream URL is wss://host/path without a query: pass values as parameters")
    response = VoiceResponse()
    connect = Connect()
    connect.stream(
        url=f"{ws_url}?{urlencode(parameters)}" if parameters else ws_url,
        track="inbound_track",
        codec="PCMU",
        bidirectionalMode="rtp",
        bidirectionalCodec="PCMU",
    )
    response.append(connect)
    response.redirect(action_url, method="POST")
    return str(response)


def agent_whisper(text: str, accept_url: str, *, wait_seconds: int = WHISPER_SECONDS) -> str:
    """Tells a human agent who is calling, on the agent's own leg, and asks for a key or a word.

    They go to `accept_url` as `Digits` or `SpeechResult`, by POST if the TeXML application is set to it. Neither, or a
    hang-up, declines.
    """
    response = VoiceResponse()
    gather = Gather(
        input="dtmf speech",
        num_digits=1,
        timeout=wait_seconds,
        speech_timeout=SPEECH_ENDS_SECONDS,
        hints="yes, no, put him through, put her through, I'll take it, not now",
        action=accept_url,
    )
    gather.append(spoken(text))
    response.append(gather)
    response.hangup()
    return str(response)


def join_conference(room: str, label: str, *, end_on_exit: bool, action_url: str, wait_url: str, waiting: str) -> str:
    """Puts the call in a conference room; `action_url` is asked what next when it leaves.

    Telnyx asks nobody what somebody alone in a room is to hear, so who comes first, the agent, is told before he goes
    in; `label` says whether this is he.
    """
    if not room:
        raise ValueError("a conference needs a room name")
    response = VoiceResponse()
    if checked_label(label) == "agent":
        response.append(spoken(waiting))
    dial = Dial(action=action_url, method="POST")
    dial.conference(room, beep=False, start_conference_on_enter=True, end_conference_on_exit=end_on_exit)
    response.append(dial)
    return str(response)
