"""Carries out TwiML on one call: fetches documents, plays their verbs, and finds out what comes next."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from telephony.sandbox import twiml
from telephony.sandbox.conference import LabelInUseError, Member
from telephony.sandbox.desk import Desk
from telephony.sandbox.media_leg import MediaLeg, StreamError
from telephony.sandbox.phone import Phone
from telephony.sandbox.twiml import TwimlError
from telephony.sandbox.webhooks import Page, Report

T = TypeVar("T")
CLEAN_CLOSES = frozenset({1000, 1001, 1005})
FAREWELL_S = 2.0
"""How long a stream that is cut off may take to say `stop` and close."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Go on with the document at a URL. `fallback` is asked when that fails."""

    url: str
    method: str = "POST"
    fields: Mapping[str, str] = field(default_factory=dict)
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Inline:
    """Go on with this document. Relative URLs in it start at `base`."""

    document: str
    base: str = ""


@dataclass(frozen=True, slots=True)
class Over:
    """The call ends. `rejected` is why an incoming one was never answered, if so."""

    rejected: str | None = None


Step = Fetch | Inline | Over


class Steps:
    """Follows instructions on one leg. Cancelling `follow` breaks off the verb under way, as a redirect does.

    `answer` is called before the first verb that needs an answered call, `about` gives the standard parameters.
    """

    def __init__(
        self, desk: Desk, phone: Phone, about: Callable[[], dict[str, str]], answer: Callable[[], None]
    ) -> None:
        self._desk, self._phone = desk, phone
        self._about, self._answer = about, answer
        self._base = ""
        self._streams = 0

    async def follow(self, step: Fetch | Inline) -> Step:
        """Fetches and plays one document; returns what comes after it."""
        document = await self._document(step)
        if document is None:
            return Over()
        for warning in document.warnings:
            self._desk.debugger.warn(twiml.SCHEMA, warning)
        for verb in document.verbs:
            if not isinstance(verb, twiml.Reject):
                self._answer()
            following = await self._play(verb)
            if following is not None:
                return following
        return Over()

    # Documents

    async def _document(self, step: Fetch | Inline) -> twiml.Voice | None:
        if isinstance(step, Inline):
            self._base = step.base
            return self._parse(step.document)
        document = await self._fetched(step.url, step.method, step.fields)
        if document is None and step.fallback:
            document = await self._fetched(step.fallback, "POST", {"ErrorCode": "11200", "ErrorUrl": step.url})
        return document

    async def _fetched(self, url: str, method: str, fields: Mapping[str, str]) -> twiml.Voice | None:
        page = await self._desk.courier.instructions(url, method, self._about() | dict(fields))
        if page is None:
            return None
        self._base = page.url
        return self._read(page)

    def _read(self, page: Page) -> twiml.Voice | None:
        if not page.text.strip():
            return twiml.Voice((), ())
        if page.content_type == "text/plain":
            self._desk.debugger.warn(12300, f"{page.url} answered text/plain: it is read aloud and the call ends")
            return twiml.Voice((twiml.Say(page.text), twiml.Hangup()), ())
        if not page.is_xml:
            self._desk.debugger.error(12300, f"{page.url} answered {page.content_type}, not text/xml")
            return None
        return self._parse(page.text)

    def _parse(self, text: str) -> twiml.Voice | None:
        try:
            return twiml.parse_voice(text)
        except TwimlError as error:
            self._desk.debugger.error(error.code, str(error))
            return None

    def _to(self, url: str, method: str, fields: Mapping[str, str]) -> Step:
        target = urljoin(self._base, url)
        if not urlsplit(target).hostname:
            self._desk.debugger.error(11100, f"{url!r} is relative and there is nothing it could start from")
            return Over()
        return Fetch(target, method, fields)

    # Verbs

    async def _play(self, verb: twiml.Verb) -> Step | None:
        match verb:
            case twiml.Say() | twiml.Play() | twiml.Pause():
                async with self._idle():
                    await self._prompt(verb)
                return None
            case twiml.Gather():
                return await self._gather(verb)
            case twiml.Connect():
                return await self._connect(verb)
            case twiml.Dial():
                return await self._dial(verb)
            case twiml.Redirect():
                return self._to(verb.url, verb.method, {})
            case twiml.Reject():
                return Over(rejected=verb.reason)
            case twiml.Hangup():
                return Over()

    async def _prompt(self, prompt: twiml.Say | twiml.Play | twiml.Pause) -> None:
        match prompt:
            case twiml.Say():
                self._phone.said.append(prompt.text)
                await self._speak(prompt.text)
            case twiml.Pause():
                await asyncio.sleep(prompt.seconds)
            case twiml.Play():
                self._desk.debugger.note("<Play> is silent in the sandbox")

    async def _speak(self, text: str) -> None:
        if self._desk.voice is None:
            await asyncio.sleep(len(text.split()) * self._desk.timing.word_s)
            return
        handset = self._phone.handset
        handset.say_to_ear(await asyncio.to_thread(self._desk.voice.synthesize, text))
        try:
            await asyncio.sleep(handset.queued_ms / 1000)
        finally:
            handset.clear()

    async def _gather(self, gather: twiml.Gather) -> Step | None:
        """Keys or words, whichever come first: words are one answer, keys are counted."""
        keys: asyncio.Queue[str] = asyncio.Queue()
        words: asyncio.Queue[str] = asyncio.Queue()
        if "dtmf" in gather.inputs:
            self._phone.listen_for_keys(keys.put_nowait, asking=True)
        if "speech" in gather.inputs:
            self._phone.listen_for_words(words.put_nowait)
        try:
            async with self._idle():
                fields = await self._input(gather, keys, words)
        finally:
            self._phone.listen_for_keys(None)
            self._phone.listen_for_words(None)
        return self._to(gather.action, gather.method, fields) if fields else None

    async def _input(self, gather: twiml.Gather, keys: asyncio.Queue[str], words: asyncio.Queue[str]) -> dict[str, str]:
        digits = asyncio.create_task(self._digits(gather, keys))
        speech = asyncio.create_task(words.get())
        try:
            await asyncio.wait([digits, speech], return_when=asyncio.FIRST_COMPLETED)
            if speech.done():
                return {"SpeechResult": speech.result(), "Confidence": "0.9"}
            return {"Digits": digits.result()} if digits.result() else {}
        finally:
            digits.cancel()
            speech.cancel()
            await asyncio.wait([digits, speech])

    async def _digits(self, gather: twiml.Gather, keys: asyncio.Queue[str]) -> str:
        """The keys pressed before the prompts and then the time are over; the first key cuts the prompts."""
        patience = asyncio.create_task(self._prompts_and_wait(gather))
        digits = ""
        try:
            while gather.num_digits is None or len(digits) < gather.num_digits:
                key = await _unless(keys.get(), patience)
                if key is None or key == gather.finish_on_key:
                    break
                digits += key
                patience.cancel()
                patience = asyncio.create_task(asyncio.sleep(gather.timeout_s))
        finally:
            patience.cancel()
        return digits

    async def _prompts_and_wait(self, gather: twiml.Gather) -> None:
        for prompt in gather.prompts:
            await self._prompt(prompt)
        await asyncio.sleep(gather.timeout_s)

    async def _connect(self, connect: twiml.Connect) -> Step | None:
        stream = connect.stream
        if stream is None:
            return None
        try:
            url, notes = twiml.media_url(stream)
        except TwimlError as error:
            self._desk.debugger.error(error.code, str(error))
        else:
            for note in notes:
                self._desk.debugger.note(note)
            await self._stream(self._leg(url, stream), stream)
        return None if connect.action is None else self._to(connect.action, connect.method, {})

    def _leg(self, url: str, stream: twiml.Stream) -> MediaLeg:
        line = self._desk.line
        self._streams += 1
        return MediaLeg(
            url,
            call=self._phone.call,
            account=self._desk.account,
            parameters=stream.parameters,
            headers={"x-twilio-signature": self._desk.courier.sign(url)},
            marks=line.marks,
            seed=line.seed + self._streams,
            jitter_ms=line.jitter_ms,
            loss=line.loss,
            handset=self._phone.handset,
        )

    async def _stream(self, leg: MediaLeg, stream: twiml.Stream) -> None:
        running = asyncio.create_task(leg.run())
        self._phone.listen_for_keys(leg.press)
        self._tell(leg, stream, "stream-started")
        error = ""
        try:
            code = await asyncio.shield(running)
            if code not in CLEAN_CLOSES:
                error = f"the server closed the media socket with {code}"
                self._desk.debugger.error(31921, error)
        except StreamError as failure:
            error = str(failure)
            self._desk.debugger.error(failure.code, f"{leg.url}: {failure}")
        except asyncio.CancelledError:
            leg.hang_up()
            await asyncio.wait([running], timeout=FAREWELL_S)
            raise
        finally:
            running.cancel()
            await asyncio.wait([running])  # no two verbs may move one telephone's clock
            self._phone.listen_for_keys(None)
            self._desk.debugger.violations.extend(leg.violations)
            self._tell(leg, stream, "stream-error" if error else "stream-stopped", error)

    def _tell(self, leg: MediaLeg, stream: twiml.Stream, event: str, error: str = "") -> None:
        fields = {
            "AccountSid": self._desk.account,
            "CallSid": self._phone.call,
            "StreamSid": leg.stream,
            "StreamName": stream.name or leg.stream,
            "StreamEvent": event,
            "StreamError": error,
            "Timestamp": self._desk.now().isoformat(timespec="milliseconds"),
        }
        self._desk.courier.report(leg.stream, Report(stream.status_callback, stream.status_method, fields))

    async def _dial(self, dial: twiml.Dial) -> Step | None:
        outcome = {"DialCallStatus": "failed"}
        if dial.conference is not None:
            try:
                outcome = await self._confer(dial.conference)
            except LabelInUseError as error:
                self._desk.debugger.error(16025, f"participant label {error} is in use")
                return None
        return None if dial.action is None else self._to(dial.action, dial.method, outcome)

    async def _confer(self, join: twiml.Conference) -> dict[str, str]:
        if join.wait_url is None:
            self._desk.debugger.note(
                'the waiting music of a conference is silent in the sandbox: waitUrl="" silences it'
            )
        room = self._desk.enter(join)
        member = room.join(
            self._phone,
            label=join.label,
            start_on_enter=join.start_on_enter,
            end_on_exit=join.end_on_exit,
            muted=join.muted,
        )
        because = "participant_hung_up"
        waiting = asyncio.create_task(self._wait_alone(join, member))
        try:
            async for frame in self._phone.handset.frames():
                if room.over or room.member(self._phone.call) is None:
                    because = "conference_ended"
                    break
                if member.met_somebody and not waiting.done():
                    waiting.cancel()
                room.speak(member, frame)
        finally:
            waiting.cancel()
            await asyncio.wait([waiting])
            room.leave(member, because, self._about()["CallStatus"])
        return {"DialCallStatus": "answered", "DialBridged": str(member.met_somebody).lower()}

    async def _wait_alone(self, join: twiml.Conference, member: Member) -> None:
        """Plays the documents of `waitUrl` until the room begins: only Say, Play, Pause and Redirect count there."""
        base, method = self._base, join.wait_method
        url = urljoin(base, join.wait_url) if join.wait_url else ""
        while url and not member.met_somebody:
            document = await self._fetched(url, method, {})
            self._base = base  # the call's own document goes on from where it was
            here, url = url, ""
            for verb in document.verbs if document is not None else ():
                match verb:
                    case twiml.Say() | twiml.Play() | twiml.Pause():
                        await self._prompt(verb)
                    case twiml.Redirect():
                        url, method = urljoin(here, verb.url), verb.method
                        break
                    case _:
                        self._desk.debugger.warn(twiml.SCHEMA, f"<{type(verb).__name__}> is ignored in a waitUrl")

    @asynccontextmanager
    async def _idle(self) -> AsyncIterator[None]:
        """Lets the telephone's clock run while nothing is connected to it."""
        idling = asyncio.create_task(self._drain())
        try:
            yield
        finally:
            idling.cancel()
            await asyncio.wait([idling])

    async def _drain(self) -> None:
        async for _ in self._phone.handset.frames():
            pass


async def _unless(wanted: Awaitable[T], sooner: asyncio.Task[None]) -> T | None:
    """The value of `wanted`, or None if `sooner` is done first."""
    waiting = asyncio.ensure_future(wanted)
    try:
        await asyncio.wait([waiting, sooner], return_when=asyncio.FIRST_COMPLETED)
        return waiting.result() if waiting.done() else None
    finally:
        waiting.cancel()
