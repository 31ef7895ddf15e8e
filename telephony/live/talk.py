"""A call's audio from its first frame to its last, whichever carrier's it is: counted, in its slot, kept if wanted."""

import structlog

from telephony.leg import Leg
from telephony.live.call import LiveCall
from telephony.live.recording import recorded
from telephony.metrics import LIVE_CALLS
from telephony.services import Services

log = structlog.get_logger(__name__)


async def talk(services: Services, leg: Leg, cid: str) -> None:
    """Runs one call on a leg that is connected."""
    view = await services.record.view(cid)
    campaign = services.campaign_of(view)
    log.info("call connected", call=leg.call, conversation=cid)
    with LIVE_CALLS.track_inprogress(), services.admission.live(leg.call):
        async with recorded(services, leg, cid, view, campaign) as line:
            await LiveCall(services, line, cid, view, campaign).run()
