"""`segue doctor`: what is ready, what is missing, and how to mend it, item by item."""

import asyncio
import socket
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from twilio.request_validator import RequestValidator

from agent.campaign import CampaignError, load_campaigns
from audio import models
from audio.engines import ModelError
from audio.pool import load_engines
from state.embedded import EmbeddedError, EmbeddedValkey
from state.store import Record, RecordError
from telephony.access import is_private
from telephony.carrier import CarrierError
from telephony.carriers import account_of
from telephony.hosting import choices, try_services
from telephony.settings import PLACEHOLDERS, Settings, SettingsError, load_settings, variable

OLDEST_REDIS = 7
PROBE_SECONDS = 10.0
PROBED = "/voice/status"
"""The carrier's webhook that the round trip asks: it does nothing without a CallSid."""

# What stands in for a setting that is missing, so that the other checks can run. Checks that need it are left out.
_PLACEHOLDERS = {
    "public_url": "http://127.0.0.1",
    "api_token": "0" * 16,
    **PLACEHOLDERS,
}
ACCOUNT = frozenset(map(variable, PLACEHOLDERS))


class State(Enum):
    """How an item stands."""

    READY = "ready"
    NOTE = "note"
    """Works, with something to know."""
    MISSING = "missing"
    """The server cannot do its work without it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One item and how it stands; `detail` says how to mend what is not ready."""

    item: str
    state: State
    detail: str

    @property
    def blocks(self) -> bool:
        """Whether the server must not be relied on before this is mended."""
        return self.state is State.MISSING


@dataclass(frozen=True, slots=True)
class _Check:
    run: Callable[[Settings], Awaitable[list[Finding]]]
    needs: frozenset[str] = frozenset()
    """Variables without which there is nothing to check."""


async def examine() -> list[Finding]:
    """Looks at everything; one item that is missing hides none of the others."""
    settings, problems = read_settings()
    findings = [Finding(name, State.MISSING, message) for name, message in problems.items()]
    if not problems:
        findings.append(Finding("settings", State.READY, "complete"))
    if settings is None:
        return findings
    for check in CHECKS:
        if not check.needs & problems.keys():
            findings.extend(await check.run(settings))
    return findings


def read_settings() -> tuple[Settings | None, dict[str, str]]:
    """The settings as far as they are usable, and what is wrong with the rest, by variable."""
    try:
        return load_settings(), {}
    except SettingsError as error:
        try:
            unusable = {field: value for field, value in _PLACEHOLDERS.items() if variable(field) in error.problems}
            return load_settings(**unusable), error.problems
        except SettingsError:
            return None, error.problems


def show(findings: Iterable[Finding], console: Console | None = None) -> None:
    """Prints the findings as a table."""
    colours = {State.READY: "green", State.NOTE: "yellow", State.MISSING: "red"}
    table = Table("item", "", "what it says", box=None, pad_edge=False)
    for finding in findings:
        colour = colours[finding.state]
        table.add_row(finding.item, f"[{colour}]{finding.state.value}[/]", finding.detail)
    (console or Console()).print(table)


# The checks ----------------------------------------------------------------------------------------------------------


async def check_models(settings: Settings) -> list[Finding]:
    """Each model file is there and is the tested one; then the engines load."""
    files = [models.SILERO, models.SMART_TURN, models.WHISPER_TINY_EN, models.HIBARI]
    findings = await asyncio.to_thread(lambda: [_check_model(file) for file in files])
    if any(finding.blocks for finding in findings):
        return findings
    return [*findings, await asyncio.to_thread(_check_engines)]


def _check_model(file: models.ModelFile) -> Finding:
    try:
        models.verify(file, models.locate(file))
    except ModelError as error:
        return Finding(file.name, State.MISSING, str(error))
    return Finding(file.name, State.READY, "the tested file")


def _check_engines() -> Finding:
    try:
        load_engines().close()
    except ModelError as error:
        return Finding("speech engines", State.MISSING, str(error))
    return Finding("speech engines", State.READY, "load and run")


async def check_record(settings: Settings) -> list[Finding]:
    """Redis or Valkey answers, is new enough, and keeps its data on disk."""
    async with AsyncExitStack() as stack:
        try:
            url = settings.redis_url or await _embedded(settings.data, stack)
            record = Record.connect(url)
            stack.push_async_callback(record.close)
            about = await record.ping()
        except (EmbeddedError, RecordError, ValueError) as error:
            return [Finding("record", State.MISSING, str(error))]
    return judge_record(about, embedded=settings.redis_url is None)


async def _embedded(data: Path, stack: AsyncExitStack) -> str:
    # A server that runs on the directory is used, and left running; one that is started here ends here.
    valkey = EmbeddedValkey(data)
    url = await asyncio.to_thread(valkey.start)
    stack.push_async_callback(asyncio.to_thread, valkey.stop)
    return url


def judge_record(about: dict[str, str | bool], *, embedded: bool) -> list[Finding]:
    """What a server's answer to `Record.ping` means."""
    server, version = str(about["server"]), str(about["version"])
    name = f"{server} {version}" + (", embedded" if embedded else "")
    findings = [Finding("record", State.READY, name)]
    if int(version.split(".")[0]) < OLDEST_REDIS:
        findings = [
            Finding("record", State.MISSING, f"{name} is too old: use Redis {OLDEST_REDIS} or newer, or Valkey")
        ]
    if about["appendonly"]:
        return [*findings, Finding("persistence", State.READY, "append-only file on")]
    advice = "the append-only file is off, so a crash loses conversations: CONFIG SET appendonly yes"
    return [*findings, Finding("persistence", State.MISSING, advice)]


async def check_campaigns(settings: Settings) -> list[Finding]:
    """The campaign files are valid, and each has a number to call and text from."""
    try:
        campaigns = load_campaigns(settings.campaigns)
    except CampaignError as error:
        return [Finding("campaigns", State.MISSING, str(error))]
    without = [one.id for one in campaigns.values() if one.active and not (one.number or settings.number)]
    if without:
        name = variable(f"{settings.carrier}_number")
        advice = f"no number for {', '.join(without)}: set {name}, or `number` in the file"
        return [Finding("campaigns", State.MISSING, advice)]
    return [Finding("campaigns", State.READY, ", ".join(sorted(campaigns)))]


async def check_console(settings: Settings) -> list[Finding]:
    """Who can open the console."""
    ways = [
        "without signing in on this machine" if is_private(settings) else "",
        "with SEGUE_CONSOLE_TOKEN" if settings.console_token else "",
        "to look, with SEGUE_CONSOLE_VIEW_TOKEN" if settings.console_view_token else "",
        f"for whom {settings.console_user_header} names" if settings.console_user_header else "",
    ]
    opens = ", ".join(way for way in ways if way)
    if opens:
        return [Finding("console", State.READY, f"opens {opens}")]
    return [
        Finding(
            "console", State.NOTE, "is closed to everybody; to open it set SEGUE_CONSOLE_TOKEN, see docs/console.md"
        )
    ]


async def check_port(settings: Settings) -> list[Finding]:
    """The port can be listened on."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            return [await _taken(settings, error)]
    return [Finding("port", State.READY, f"{settings.host}:{settings.port} is free")]


async def _taken(settings: Settings, error: OSError) -> Finding:
    try:
        async with httpx.AsyncClient(timeout=PROBE_SECONDS, trust_env=False) as client:
            answer = await client.get(f"http://{settings.host}:{settings.port}/healthz")
        if answer.json() == {"status": "alive"}:
            return Finding("port", State.READY, f"{settings.host}:{settings.port}, the server runs there")
    except (httpx.HTTPError, ValueError):
        pass  # something else has it
    advice = f"{settings.host}:{settings.port} cannot be used ({error.strerror}): free it, or set SEGUE_PORT"
    return Finding("port", State.MISSING, advice)


async def check_account(settings: Settings) -> list[Finding]:
    """The carrier accepts the credentials."""
    item = f"{settings.carrier.capitalize()} account"
    async with AsyncExitStack() as stack:
        carrier = account_of(settings)
        stack.push_async_callback(carrier.close)
        try:
            account = await carrier.check_credentials()
        except CarrierError as error:
            return [Finding(item, State.MISSING, str(error))]
    return [Finding(item, State.READY, account)]


async def check_public_url(settings: Settings) -> list[Finding]:
    """A request such as the carrier's reaches our server by the public URL, and is taken for what it is."""
    try:
        async with httpx.AsyncClient(timeout=PROBE_SECONDS) as client:
            answer = await probe(settings, client)
    except httpx.HTTPError as error:
        advice = (
            f"{settings.public_url} cannot be reached ({type(error).__name__}): start `segue serve` and the tunnel or "
            "proxy in front of it, then ask again"
        )
        return [Finding("public URL", State.MISSING, advice)]
    judge = judge_probe if settings.carrier == "twilio" else judge_unsigned_probe
    return [judge(settings.url(f"/{settings.carrier}{PROBED}"), answer.status_code)]


async def probe(settings: Settings, client: httpx.AsyncClient) -> httpx.Response:
    """A status report about no call: signed, if the key to sign with is ours as well as the carrier's."""
    url, form = settings.url(f"/{settings.carrier}{PROBED}"), {"AccountSid": settings.account}
    if settings.carrier != "twilio":
        return await client.post(url, data=form)
    signature = RequestValidator(settings.twilio_auth_token.get_secret_value()).compute_signature(url, form)
    return await client.post(url, data=form, headers={"x-twilio-signature": signature})


def judge_probe(url: str, status: int) -> Finding:
    """What the answer to the signed probe means. Ours is 400: it was believed, and misses its CallSid."""
    if status == httpx.codes.BAD_REQUEST:
        return Finding("public URL", State.READY, f"{url} reaches the server, and signatures verify")
    if status == httpx.codes.FORBIDDEN:
        advice = (
            "the server refuses a request signed for this URL: it runs with another SEGUE_PUBLIC_URL or "
            "TWILIO_AUTH_TOKEN than set here, or a proxy changes the path or query"
        )
        return Finding("public URL", State.MISSING, advice)
    return _another_answers(url, status)


def judge_unsigned_probe(url: str, status: int) -> Finding:
    """What the answer to a probe without a signature means. Ours is 403: whatever is not signed is refused."""
    if status == httpx.codes.FORBIDDEN:
        advice = f"{url} reaches the server, which refuses what is not signed (only the carrier can sign)"
        return Finding("public URL", State.READY, advice)
    return _another_answers(url, status)


def _another_answers(url: str, status: int) -> Finding:
    advice = f"{url} answers {status}: something other than this server, or one set to another carrier, answers there"
    return Finding("public URL", State.MISSING, advice)


async def check_data(settings: Settings) -> list[Finding]:
    """The data directory can be written to (only the embedded Valkey needs it)."""
    if settings.redis_url:
        return []
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data):
            pass
    except OSError as error:
        advice = f"{settings.data} cannot be written to ({error.strerror}): set SEGUE_DATA to a directory that can"
        return [Finding("data directory", State.MISSING, advice)]
    return [Finding("data directory", State.READY, str(settings.data.resolve()))]


async def check_brain(settings: Settings) -> list[Finding]:
    """Which brain will talk."""
    if settings.llm is not None:
        return [Finding("brain", State.READY, f"{settings.llm}, local as its fallback")]
    if settings.llm_base_url is None:
        return [Finding("brain", State.NOTE, "local; set SEGUE_LLM_BASE_URL and SEGUE_LLM_MODEL for a language model")]
    return [Finding("brain", State.READY, f"{settings.llm_model} at {settings.llm_base_url}, local as its fallback")]


async def check_services(settings: Settings) -> list[Finding]:
    """The vendors' services that are set are installed, have their keys, and can be connected to."""
    chosen = choices(settings)
    if not chosen:
        return []
    faults = await try_services(settings)
    return [
        Finding(f"{kind} service", State.MISSING, faults[kind])
        if kind in faults
        else Finding(f"{kind} service", State.READY, choice.name)
        for kind, choice in chosen.items()
    ]


CHECKS = (
    _Check(check_models),
    _Check(check_data),
    _Check(check_record),
    _Check(check_campaigns),
    _Check(check_brain),
    _Check(check_services),
    _Check(check_console, needs=frozenset({"SEGUE_PUBLIC_URL"})),
    _Check(check_port),
    _Check(check_account, needs=ACCOUNT),
    _Check(check_public_url, needs=ACCOUNT | {"SEGUE_PUBLIC_URL"}),
)
