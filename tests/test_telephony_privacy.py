"""A story full of numbers that must not be kept, told by form, text and telephone; then every sink is searched."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from call_rig import CID as RIG
from call_rig import Rig
from redis import Redis
from telephony_kit import API_TOKEN, CAMPAIGN, CID, LEAD, OURS, TestServices, open_services, until_quiet

from agent.brain.llm import Limits, LlmBrain
from agent.brain.local import LocalBrain
from agent.brain.openai_model import OpenAiModel
from agent.campaign import Question
from agent.guard.sensitive import Mask
from benchmarks.llm_endpoint import LlmEndpoint, Step, calls, llm_endpoint, speaks
from state.embedded import EmbeddedValkey
from state.store import Record
from telephony.log import set_up_logging

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

INSURANCE = Path(__file__).parent.parent / "campaigns" / "insurance.yaml"
WITH_NOTES = CAMPAIGN.model_copy(
    update={
        "questions": (
            *CAMPAIGN.questions,
            Question(key="notes", type="text"),
            Question(key="alarm_code", type="int"),
            Question(key="history", type="text", multi=True),
        )
    }
)
PATIENT = Limits(connect_s=5, first_token_s=30, between_tokens_s=30, total_s=60)

TEXTS = [
    "Hi, my SSN is 078-05-1120",
    "social security number 219099999 for the quote",
    "put it on my card 4111 1111 1111 1111 exp 12/28",
    "visa 5500005555555559 works too",
    "routing number is 021000021 and account 000123456789",
    "the gate code is 448213 and the alarm is 9081726",
    "mi seguro social es 457 55 5462",
    "stop texting me about my card 4012 8888 8888 1881",
]
SPOKEN = [
    "my social is zero seven eight oh five one one two zero",
    "the card is four one one one one one one one one one one one one one one one",
    "the garage code is four four eight two one three",
    "my checking account number is 000123456789",
]
SECRETS = [
    *("078-05-1120", "078051120", "219099999", "457 55 5462", "457555462"),
    *("4111 1111 1111 1111", "4111111111111111", "5500005555555559", "4012 8888 8888 1881", "378282246310005"),
    *("021000021", "000123456789", "448213", "9081726"),
    *("zero seven eight oh five", "four one one one one", "four four eight two one three"),
]
FORM = {
    "campaign": "insurance",
    "number": LEAD,
    "source": "web form, card 4111 1111 1111 1111",
    "first_name": "Jordan 078-05-1120",
    "zip": "60614",
    "consent": {
        "scopes": ["sms", "ai_voice"],
        "basis": "written",
        "act": "tick",
        "disclosure": "I agree to be called and texted.",
        "source_url": "https://quotes.example.com/thanks?ssn=078-05-1120",
        "form": "quote form, ssn 078-05-1120",
    },
    "facts": {
        "notes": "bill my amex 378282246310005, gate code 448213",
        "alarm_code": 9081726,
        "history": ["ssn 219099999", {"bank_account": "000123456789"}],
    },
}


@dataclass
class Sinks:
    """Everything that was written anywhere, by name."""

    found: dict[str, str]

    def leaks(self) -> list[str]:
        """Which secret is where."""
        return [
            f"{secret} in {sink}" for sink, content in self.found.items() for secret in SECRETS if secret in content
        ]


@dataclass
class Story:
    """The server, its model and its disk."""

    server: TestServices
    model: LlmEndpoint
    url: str
    answers: list[str]
    """What HTTP clients got to read."""

    async def form(self, body: object, *, raw: bytes | None = None) -> int:
        """A form, as the website posts it."""
        content = raw if raw is not None else json.dumps(body).encode()
        async with self.server.client() as client:
            headers = {"authorization": f"Bearer {API_TOKEN}"}
            answer = await client.http.post("/v1/leads", content=content, headers=headers)
        self.answers.append(answer.text)
        return answer.status_code

    async def text(self, number: int, body: str) -> None:
        """A text of the lead's, and what the workers make of it."""
        form = {"MessageSid": f"SMin{number:030d}", "From": LEAD, "To": OURS, "Body": body, "NumMedia": "0"}
        async with self.server.client() as client:
            answer = await client.twilio("/twilio/sms", **form)
            forged = await client.http.post("/twilio/sms", data=form, headers={"x-twilio-signature": "forged"})
        assert (answer.status_code, forged.status_code) == (200, 403)
        await until_quiet(self.server.services)

    async def call(self) -> None:
        """A call on which he reads out what he should not."""
        rig = Rig(self.server.record, self.server.services.brain, INSURANCE)  # type: ignore[arg-type] # any brain does
        async with rig:
            await rig.quiet()
            for words in SPOKEN:
                await rig.say(words)
                await rig.quiet()

    async def read_back(self) -> None:
        """What the API and the metrics show."""
        async with self.server.client() as client:
            headers = {"authorization": f"Bearer {API_TOKEN}"}
            for path in (f"/v1/conversations/{CID}", f"/v1/conversations/{RIG}", "/metrics"):
                self.answers.append((await client.http.get(path, headers=headers)).text)


@asynccontextmanager
async def story(data: Path) -> AsyncIterator[Story]:
    """A server with a model behind it, on a Valkey of its own, that logs all it can."""
    set_up_logging(level=logging.DEBUG)
    with EmbeddedValkey(data) as valkey:
        record = Record.connect(valkey.url)
        async with llm_endpoint() as model:
            # The model is eager: it would store whatever it got to see.
            eager: list[list[Step]] = [[*calls("learn", '{"key": "notes", "value": "see above"}'), *speaks("Noted.")]]
            model.scenes += eager * 100
            brain = LlmBrain(OpenAiModel(model.base_url, "test", None, PATIENT), LocalBrain(), limits=PATIENT)
            async with open_services(record, valkey.url, campaign=WITH_NOTES, brain=brain) as server:
                yield Story(server, model, valkey.url, [])
            await brain.close()
        await record.close()


def in_redis(url: str) -> str:
    """Every key and value, also Docket's."""
    with Redis.from_url(url) as redis:
        read: dict[bytes, Callable[[bytes], object]] = {
            b"stream": lambda key: redis.xrange(key),
            b"hash": lambda key: redis.hgetall(key),
            b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
            b"set": lambda key: redis.smembers(key),
            b"list": lambda key: redis.lrange(key, 0, -1),
            b"string": lambda key: redis.get(key),
        }
        return repr([(key, read[redis.type(key)](key)) for key in redis.scan_iter()])


def on_disk(data: Path) -> str:
    """The append-only file, the snapshot, the server's own log."""
    return "".join(path.read_text(errors="replace") for path in data.rglob("*") if path.is_file())


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """Afterwards pytest's own again."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def test_no_sink_holds_what_must_not_be_kept(
    anyio_backend: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], logging_as_it_was: None
) -> None:
    """Redis, its files, logs, stdout, stderr, the model's prompts, the texts we sent, HTTP answers, metrics."""
    async with story(tmp_path) as told:
        assert await told.form(FORM) == 202
        assert await told.form(FORM | {"zip": "078-05-1120"}) == 422
        assert await told.form(FORM | {"facts": {"ssn 078-05-1120": 1}}) == 422
        assert await told.form(None, raw=b'{"ssn": "078-05-1120"') == 400
        told.answers.pop(2)  # names the field as the caller named it, to the caller alone
        for number, words in enumerate(TEXTS):
            told.server.clock.advance(minutes=1)
            await told.text(number, words)
        await told.call()
        await told.read_back()
        output = capfd.readouterr()
        sinks = Sinks(
            {
                "Redis": in_redis(told.url),
                "the disk": on_disk(tmp_path),
                "stdout": output.out,
                "stderr and the log": output.err,
                "the model's prompts": json.dumps(told.model.requests),
                "the texts we sent": json.dumps(told.server.carrier.texts),
                "HTTP answers": "\n".join(told.answers),
            }
        )
    assert sinks.leaks() == []
    # Or the story would prove nothing: the words did get there, each with its mask.
    assert len(told.model.requests) >= len(TEXTS) + len(SPOKEN) - 2
    for sink in ("Redis", "the disk", "the model's prompts", "HTTP answers"):
        assert [mask for mask in Mask if mask not in sinks.found[sink]] == [], sink
    assert '"event": "text received"' in sinks.found["stderr and the log"]
    assert "put it on my card [card] exp 12/28" in sinks.found["Redis"]
    assert LEAD not in sinks.found["stderr and the log"]


async def test_a_crash_says_nothing_of_what_it_crashed_on(
    anyio_backend: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    logging_as_it_was: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An exception that quotes the lead, on its way through the web server's log."""

    async def crash(*_: object, **__: object) -> None:
        raise ValueError(f"cannot store {TEXTS[0]} of {LEAD}")

    async with story(tmp_path) as told:
        monkeypatch.setattr(told.server.record, "append", crash)
        form = {"MessageSid": "SM1", "From": LEAD, "To": OURS, "Body": TEXTS[0], "NumMedia": "0"}
        async with told.server.client() as client:
            answer = await client.twilio("/twilio/sms", **form)
        try:
            await crash()
        except ValueError as error:
            # As uvicorn logs what the application raised.
            logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error)
        err = capfd.readouterr().err
    assert (answer.status_code, json.loads(answer.text)) == (500, {"error": "internal error"})
    assert r"ValueError: cannot store Hi, my SSN is [ssn] of \u202642" in err
    assert Sinks({"the log": err, "the answer": answer.text}).leaks() == []
    assert LEAD not in err
