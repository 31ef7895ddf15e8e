"""The calls that browsers make to this process: each is answered, run by the one call code, and reported as over."""

import asyncio
from contextlib import aclosing

import structlog
from starlette.exceptions import HTTPException

from state.events import CallArrived, CallStatus
from state.store import RecordError
from telephony import voice
from telephony.browser.carrier import CALL, new_id
from telephony.browser.leg import OfferError, WebRtcLeg
from telephony.leg import LegClosedError
from telephony.live.talk import talk
from telephony.metrics import CALLS_WITHOUT_ROOM
from telephony.services import Services
from telephony.webhooks import Party

log = structlog.get_logger(__name__)

CONNECT_S = 15.0
"""A browser whose audio has not come by then cannot reach us."""
BUSY = "All our lines are busy right now. Please call again in a few minutes."


class BrowserCalls:
    """Every browser's call of one process.

    Nothing else need reach the process that has a call: its answer holds all our candidates, its audio has a port of
    its own, and what a page says later comes by the data channel. A lead has one telephone, so a call that begins, here
    or in another process, ends the one before: its arrival is in the record.
    """

    def __init__(self) -> None:
        self._legs: set[WebRtcLeg] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, services: Services, lead: Party, offer: str) -> str:
        """Answers an offer with SDP; the call goes on by itself.

        Raises:
            HTTPException: 400 for an offer that cannot be answered, 503 if there is no room.
        """
        call = new_id(CALL)
        full = services.admission.admit(call, CONNECT_S)
        if full is not None:
            CALLS_WITHOUT_ROOM.labels("inbound", full.name.lower()).inc()
            log.warning("call refused", call=call, conversation=lead.cid, why=full.value)
            raise HTTPException(503, BUSY)
        leg = WebRtcLeg(call, services.settings.ice_servers)
        try:
            answer = await leg.answer(offer)
        except OfferError as error:
            services.admission.release(call)
            await leg.close()
            raise HTTPException(400, str(error)) from None
        self._legs.add(leg)
        task = asyncio.create_task(self._run(services, lead, leg), name=f"browser call {leg.call}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return answer

    async def close(self) -> None:
        """Hangs up on everybody, and returns when their calls are accounted for."""
        for leg in self._legs:
            leg.hang_up()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, services: Services, lead: Party, leg: WebRtcLeg) -> None:
        status = "failed"
        yielding = asyncio.create_task(_yield_to_the_next(services, lead.cid, leg), name=f"next after {leg.call}")
        try:
            await voice.welcome(services, lead, leg.call, source="browser_call")
            async with asyncio.timeout(CONNECT_S):
                await leg.connected()
            await talk(services, leg, lead.cid)
            status = "completed"
        except (TimeoutError, LegClosedError):
            log.warning("browser did not connect", call=leg.call, conversation=lead.cid)
        except Exception:
            log.exception("browser call broke", call=leg.call, conversation=lead.cid)
        finally:
            yielding.cancel()
            self._legs.discard(leg)
            await leg.close()
            await _report(services, lead.cid, leg.call, status)


async def _yield_to_the_next(services: Services, cid: str, leg: WebRtcLeg) -> None:
    """Hangs up when the lead calls from another page, whichever process takes that call."""
    ours = False
    async with aclosing(services.record.follow(cid)) as landed:
        async for _, event in landed:
            if isinstance(event, CallArrived):
                if ours:
                    leg.hang_up()
                ours = ours or event.call == leg.call


async def _report(services: Services, cid: str, call: str, status: str) -> None:
    """Says that the call is over, as a carrier's status callback would."""
    event = CallStatus(id=f"call:{call}:{status}", at=services.clock(), call=call, status=status, sequence=1)
    try:
        await voice.reported(services, cid, event)
    except RecordError as error:
        log.warning("end of a browser call not recorded", call=call, error=type(error).__name__)
