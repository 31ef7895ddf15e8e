"""How a carrier and we speak with each other beside its REST API (`telephony.carrier`): how it signs what it asks,
which documents it obeys, how it sends a call's audio. `telephony/twilio/dialect.py` and its sibling are two.

The words are Twilio's: those of its webhooks (`CallSid`, `CallStatus`, `Digits`, `MessageSid`, …, see
https://www.twilio.com/docs/voice/twiml) and of its documents. Others have taken most of them over, and a dialect
translates the rest where it comes in, so that whoever answers a webhook need not know whose it is.
"""

from collections.abc import Mapping
from typing import Protocol

from starlette.requests import Request
from starlette.websockets import WebSocket

from telephony.forms import Form
from telephony.live.streams import JsonStream


class Documents(Protocol):
    """The documents that tell a carrier what to do with a call. Each function returns a whole one."""

    def empty(self) -> str:
        """Does nothing."""
        ...

    def hang_up(self, say: str | None = None) -> str:
        """Ends the call, after a last sentence if there is one."""
        ...

    def connect_stream(self, ws_url: str, action_url: str, parameters: Mapping[str, str]) -> str:
        """Connects the call to our media socket. When that ends, however it ends, `action_url` is asked what next.

        The parameters come back with the socket: in its `start`, or in the query of its URL.
        """
        ...

    def agent_whisper(self, text: str, accept_url: str) -> str:
        """Tells a human agent who is calling; his key or word goes to `accept_url`. Neither, or a hang-up, declines."""
        ...

    def join_conference(
        self, room: str, label: str, *, end_on_exit: bool, action_url: str, wait_url: str, waiting: str
    ) -> str:
        """Puts the call in a conference room; `action_url` is asked what next when it leaves.

        Who is alone there hears `waiting`: from `wait_url`, as often as it takes, if the carrier asks there, else once.
        """
        ...

    def wait_in_room(self, text: str, again_url: str) -> str:
        """What somebody hears who is alone in a room, every few seconds."""
        ...


class Dialect(Protocol):
    """A carrier's way of speaking."""

    @property
    def carrier(self) -> str:
        """Its name; the paths of its webhooks begin with it: `/twilio/voice`."""
        ...

    @property
    def documents(self) -> Documents:
        """What it obeys."""
        ...

    async def read(self, request: Request) -> Form:
        """What a webhook says, in Twilio's words.

        Raises:
            HTTPException: 403 if the carrier did not sign it, 415 or 400 if it is not in the shape it should have.
        """
        ...

    def may_open(self, socket: WebSocket) -> bool:
        """Whether a media socket's upgrade may be the carrier's, before its token is asked for."""
        ...

    def stream(self) -> JsonStream:
        """The protocol of one media socket."""
        ...
