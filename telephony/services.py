"""What the server's parts share: opened once, in one place, and handed to whoever needs it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from docket import Docket

from agent.brain import Brain
from agent.brain.local import LocalBrain
from agent.brain.model_stream import Limits, Model
from agent.campaign import Campaign
from agent.gate.law import current_law
from agent.gate.registers import Registers
from audio.pool import Engines, load_engines
from state.clock import Clock, clock_from, system_clock
from state.embedded import EmbeddedValkey
from state.store import Record, RecordUnavailable
from state.view import View
from telephony.browser.carrier import WithBrowser
from telephony.carrier import Carrier
from telephony.carriers import account_of, dialect_of
from telephony.dialect import Dialect
from telephony.errands import Errands
from telephony.hosting import front_with_services, hosted_model
from telephony.live.pacer import Pacer
from telephony.metrics import engine_served
from telephony.outreach.halts import Halts
from telephony.process.admission import Admission, Lag, LoopLag, most_calls
from telephony.process.slots import Slots
from telephony.process.startup import campaigns_of
from telephony.registers import DIRECTORY as REGISTERS
from telephony.registers import RegisterFiles
from telephony.settings import Settings, SettingsError, variable

log = structlog.get_logger(__name__)

DOCKET = "segue"
"""Name, and so key prefix, of the queue of wake-ups."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a handler or a worker may reach for."""

    settings: Settings
    clock: Clock
    record: Record
    campaigns: Mapping[str, Campaign]
    """By campaign id."""
    carrier: Carrier
    brain: Brain
    engines: Engines
    docket: Docket
    dialect: Dialect
    """How the carrier of telephones speaks with us."""
    pacer: Pacer = field(default_factory=Pacer)
    """Paces the audio of every live call."""
    admission: Admission = field(default_factory=Admission)
    """Whether one more call may begin."""
    errands: Errands = field(default_factory=Errands)
    """What this process does itself, without the queue."""
    registers: Callable[[], Registers] = Registers
    """What operators keep for the gate; asked at each decision."""

    def campaign_of(self, view: View) -> Campaign:
        """The campaign a conversation belongs to.

        Raises:
            LookupError: if its file is gone. Nothing may then be said or sent in its name.
        """
        campaign = self.campaigns.get(view.campaign)
        if campaign is None:
            raise LookupError(f"no campaign {view.campaign!r} in {self.settings.campaigns}; put its file back")
        return campaign

    def campaigns_at(self, number: str) -> list[Campaign]:
        """An active campaign of each brand that owns this E.164 number of ours, first one for unknown callers."""
        owners = [one for one in self.campaigns.values() if one.active and self.number_of(one) == number]
        by_brand: dict[str, Campaign] = {}
        for one in sorted(owners, key=lambda one: (not one.takes_unknown, one.id)):
            by_brand.setdefault(one.brand, one)
        return list(by_brand.values())

    def campaign_at(self, number: str) -> Campaign | None:
        """The campaign that whoever is no lead gets at this number."""
        return next(iter(self.campaigns_at(number)), None)

    def number_of(self, campaign: Campaign) -> str | None:
        """The E.164 number a campaign calls and texts from."""
        return campaign.number or self.settings.number

    def webhook(self, path: str) -> str:
        """The public address of a webhook of the carrier's, e.g. of `/voice`."""
        return self.settings.url(f"/{self.dialect.carrier}{path}")

    def real_time_of(self, at: datetime) -> datetime:
        """The moment on the wall clock at which the business clock showed `at`."""
        return datetime.now(UTC) - (self.clock() - at)

    def real_time(self, due: datetime) -> datetime:
        """The moment on the wall clock when the business clock will show `due`."""
        return datetime.now(UTC) + max(due - self.clock(), timedelta())


@asynccontextmanager
async def open_services(
    settings: Settings,
    on_progress: Callable[[str], None] = lambda text: log.info("starting", part=text),
    *,
    load: Callable[[Callable[[str], None]], Engines] = load_engines,
    brain: Brain | None = None,
    slots: Path | None = None,
    began: float | None = None,
) -> AsyncIterator[Services]:
    """Opens everything, the engines last because they take seconds; closes it in reverse.

    `load` loads the engines; `brain` is one to use in place of the one that is set. Processes of one server share
    `slots`, the file of those, and `began`, when the business clock was started (`time.monotonic`).

    Raises:
        one of `telephony.errors.MENDABLE`, each of which says what to do.
    """
    current_law()  # a rule that cannot be read is to be found now, not at the first contact
    campaigns = campaigns_of(settings)
    async with AsyncExitStack() as stack:
        on_progress("record")
        url = settings.redis_url or await _start_embedded(settings, stack)
        record = await _open_record(url, settings, stack)
        telephones = account_of(settings)
        stack.push_async_callback(telephones.close)
        docket = await stack.enter_async_context(Docket(name=DOCKET, url=url))
        brain = await _ready(brain or choose_brain(settings, await hosted_model(settings, stack)), stack)
        on_progress("engines")
        engines = await asyncio.to_thread(load, on_progress)
        engines.served = engine_served
        stack.callback(engines.close)
        await front_with_services(engines, settings, stack)
        yield Services(
            settings=settings,
            clock=clock_from(settings.business_time, began) if settings.business_time else system_clock,
            record=record,
            campaigns=campaigns,
            carrier=WithBrowser(telephones),
            brain=brain,
            engines=engines,
            docket=docket,
            dialect=dialect_of(settings),
            admission=_admission(settings, engines, slots, stack),
            registers=await _registers(settings, record, campaigns, stack),
        )


def choose_brain(settings: Settings, hosted: Model | None = None, *, limits: Limits | None = None) -> Brain:
    """The hosted model, or the one behind the endpoint that is set, with the local brain to fall back on; else that."""
    model = hosted or _endpoint(settings)
    if model is None:
        return LocalBrain()
    from agent.brain.llm import LlmBrain  # a third of a second of imports that few servers want

    return LlmBrain(model, LocalBrain(), limits=limits)


def _endpoint(settings: Settings) -> Model | None:
    if settings.llm_base_url is None or settings.llm_model is None:
        return None
    from agent.brain.openai_model import OpenAiModel

    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else ""
    return OpenAiModel(settings.llm_base_url, settings.llm_model, key)


async def _start_embedded(settings: Settings, stack: AsyncExitStack) -> str:
    server = EmbeddedValkey(settings.data)
    url = await asyncio.to_thread(server.start)
    stack.push_async_callback(asyncio.to_thread, server.stop)
    return url


async def _open_record(url: str, settings: Settings, stack: AsyncExitStack) -> Record:
    record = Record.connect(url, told=bool(settings.webhooks))
    stack.push_async_callback(record.close)
    try:
        await record.ping()
    except RecordUnavailable as error:
        if settings.redis_url is None:
            raise
        name = variable("redis_url")
        advice = "Start it, or name another; without the setting an embedded Valkey keeps the data"
        raise SettingsError({name: f"{name}: {error}. {advice}"}) from error
    return record


async def _ready(brain: Brain, stack: AsyncExitStack) -> Brain:
    """The brain, its model warmed up if it has one: the first lead is not to wait for that."""
    if isinstance(brain, LocalBrain):
        return brain
    from agent.brain.llm import LlmBrain

    if isinstance(brain, LlmBrain):
        stack.push_async_callback(brain.close)
        await brain.warm_up()
    return brain


def _admission(settings: Settings, engines: Engines, slots: Path | None, stack: AsyncExitStack) -> Admission:
    """What lets calls in, by how late this process's loop and its engines run."""
    lag = LoopLag()
    _keep_up(lag.watch(), "loop lag", stack)
    return Admission(
        settings.max_calls or most_calls(os.cpu_count() or 1),
        lambda: Lag(lag.ms, engines.lag_ms()),
        slots=Slots(slots),  # not closed: a call that ends last still gives its slot back
    )


async def _registers(
    settings: Settings, record: Record, campaigns: Mapping[str, Campaign], stack: AsyncExitStack
) -> Callable[[], Registers]:
    """The registers as they are now: what the files say, and which campaigns have paused themselves."""
    halts = Halts(record, campaigns)
    await halts.look()
    _keep_up(halts.watch(), "paused campaigns", stack)
    files = RegisterFiles(settings.data / REGISTERS)
    return lambda: replace(files(), paused=halts.paused)


def _keep_up(watch: Coroutine[None, None, None], name: str, stack: AsyncExitStack) -> None:
    """Has something watched for as long as the server is up."""
    stack.callback(asyncio.create_task(watch, name=name).cancel)
