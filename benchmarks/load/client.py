"""The callers of the load test: a process of its own, on a core of its own, that speaks Twilio's protocol to a server.

    python -m benchmarks.load.client CORE UTTERANCES TURN_MS

UTTERANCES is a folder of `.ulaw` files, of which each caller says one after the other. Orders come from standard input,
one JSON object a line; each is answered with one on standard output that bears its number. They may overlap:

    {"order", "dial": [{"url", "call", "account", "parameters", "headers"}, ...]}   opens calls, within half a second
    {"order", "hang_up": n}                                                        ends the n newest calls
    {"order", "measure": seconds, "of": n}                                         what the n oldest calls hear

Hundreds of sockets must cost little, so frames are written and read here without a library; the handshake is the
`websockets` library's.
"""

import asyncio
import json
import random
import secrets
import struct
import sys
from collections.abc import Sequence
from functools import partial
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import uvloop
from websockets.client import ClientProtocol
from websockets.http11 import Response
from websockets.speedups import apply_mask
from websockets.uri import parse_uri

from audio import mulaw
from audio.engines import FRAME_MS, FRAME_SAMPLES, TELEPHONE_RATE
from benchmarks.load.core import take
from benchmarks.load.line import Line, Manners, Phase
from telephony.sandbox import wire

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
PHASES = 10
"""Calls are spread over this many moments of each 20 ms, as independent calls are."""
NOISE_AMPLITUDE = 40.0
"""Of the line's own noise: about -58 dB."""


def _now_ms() -> float:
    return perf_counter() * 1000  # not the loop's clock, which uvloop keeps in whole milliseconds


class Script:
    """What a caller's line carries, frame by frame: one of the utterances, or the noise of the line."""

    def __init__(self, utterances: Sequence[bytes], noise: bytes) -> None:
        self.utterances = [_frames(utterance) for utterance in utterances]
        self.noise = _frames(noise)


def _same(caller: "Caller") -> "Caller":
    return caller


def _frames(ulaw: bytes) -> list[bytes]:
    whole = len(ulaw) // FRAME_SAMPLES * FRAME_SAMPLES
    return [ulaw[at : at + FRAME_SAMPLES] for at in range(0, whole, FRAME_SAMPLES)]


class Caller(asyncio.Protocol):
    """One call: a socket, and the line behind it."""

    def __init__(self, order: dict[str, Any], script: Script, manners: Manners, seed: int) -> None:
        self._order = order
        self._script = script
        self._manners = manners
        self._sender = wire.Sender(f"MZ{secrets.token_hex(16)}", order["call"], order["account"], seed)
        self._http: ClientProtocol | None = ClientProtocol(parse_uri(order["url"]))
        self._buffer = bytearray()
        self._frame = 0
        self._said = seed % len(script.utterances)
        """Which of the utterances comes next or is being said,"""
        self._spoken = 0
        """and how many frames of it were."""
        self._noise = seed
        self._marks: list[tuple[float, str]] = []
        self.line: Line | None = None
        self.closed: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the upgrade."""
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self._transport: Any = transport
        assert self._http is not None
        request = self._http.connect()
        for name, value in self._order["headers"].items():
            request.headers[name] = value
        self._http.send_request(request)
        self._transport.write(b"".join(self._http.data_to_send()))

    def data_received(self, data: bytes) -> None:
        """Reads what the server sends."""
        if self._http is not None:
            self._shake_hands(data)
            return
        self._buffer += data
        for opcode, payload in self._messages():
            if opcode == TEXT:
                self._obey(json.loads(payload))
            elif opcode == PING:
                self._write(PONG, payload)
            elif opcode == CLOSE:
                self.closed = f"closed by the server with {struct.unpack('!H', payload[:2])[0] if payload else 1005}"
                self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """The call is over."""
        self.closed = self.closed or "connection lost"

    def _shake_hands(self, data: bytes) -> None:
        assert self._http is not None
        self._http.receive_data(data)
        for event in self._http.events_received():
            if isinstance(event, Response) and event.status_code == 101:
                self._http = None
                self.line = Line(self._manners, _now_ms())
                self._text(self._sender.connected())
                self._text(self._sender.start(self._order["parameters"]))
                return
            self.closed = f"the server refused the upgrade: {event}"
            self._transport.close()

    def _messages(self) -> list[tuple[int, bytes]]:
        """The frames that are complete (RFC 6455, section 5.2; a server does not mask, and ours never fragment)."""
        found, buffer, at = [], self._buffer, 0
        while len(buffer) - at >= 2:
            length, start = buffer[at + 1], at + 2
            if length == 126:
                if len(buffer) < at + 4:
                    break
                length, start = (buffer[at + 2] << 8) | buffer[at + 3], at + 4
            if len(buffer) < start + length:
                break
            found.append((buffer[at] & 0x0F, bytes(buffer[start : start + length])))
            at = start + length
        del buffer[:at]
        return found

    def _obey(self, message: dict[str, Any]) -> None:
        line = self.line
        assert line is not None
        match message["event"]:
            case "media":
                payload = message["media"]["payload"]
                size = len(payload) * 3 // 4 - payload.count("=", -2)
                line.audio(size * 1000 / TELEPHONE_RATE, _now_ms())
            case "mark":
                self._marks.append((line.playing_until, message["mark"]["name"]))
            case "clear":
                line.clear(_now_ms())
                for _, name in self._marks:
                    self._text(self._sender.mark(name))
                self._marks.clear()

    def tick(self) -> None:
        """20 ms have passed: sends what the caller said in them, and echoes the marks that were played."""
        line = self.line
        if line is None or self.closed is not None:
            return
        now = _now_ms()
        utterance = self._script.utterances[self._said]
        phase = line.tick(now, utterance_over=self._spoken >= len(utterance))
        if phase is Phase.SPEAKING:
            payload = utterance[self._spoken % len(utterance)]
            self._spoken += 1
        else:
            if self._spoken:
                self._said = (self._said + 1) % len(self._script.utterances)
            self._spoken = 0
            self._noise = (self._noise + 1) % len(self._script.noise)
            payload = self._script.noise[self._noise]
        self._text(self._sender.media(self._frame, payload))
        self._frame += 1
        while self._marks and self._marks[0][0] <= now:
            self._text(self._sender.mark(self._marks.pop(0)[1]))

    def hang_up(self) -> None:
        """Ends the call as Twilio does when the caller hangs up."""
        if self.line is not None and self.closed is None:
            self._text(self._sender.stop())
            self._write(CLOSE, struct.pack("!H", 1000))
        self.closed = self.closed or "hung up"
        self._transport.close()

    def _text(self, message: str) -> None:
        self._write(TEXT, message.encode())

    def _write(self, opcode: int, payload: bytes) -> None:
        mask = random.randbytes(4)  # Nobody is to be kept from guessing it, and it costs no system call.
        size = len(payload)
        head = (
            struct.pack("!BB", 0x80 | opcode, 0x80 | size)
            if size < 126
            else (struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size))
        )
        self._transport.write(head + mask + apply_mask(payload, mask))


class Crowd:
    """All callers, and the clock that makes them speak."""

    def __init__(self, utterances: Sequence[bytes], turn_ms: int) -> None:
        noise = np.random.default_rng(0).normal(0, NOISE_AMPLITUDE, 2 * TELEPHONE_RATE)
        self._script = Script(utterances, mulaw.encode(noise.astype(np.int16)))
        self._manners = Manners(turn_ms)
        self._calls: list[Caller] = []
        self._late: list[float] = []
        self._dialled = 0

    async def dial(self, orders: Sequence[dict[str, Any]], within_s: float = 0.5) -> None:
        """Opens calls, one after the other."""
        loop = asyncio.get_running_loop()
        for order in orders:
            seed, self._dialled = self._dialled, self._dialled + 1
            uri = parse_uri(order["url"])
            caller = Caller(order, self._script, self._manners, seed)
            await loop.create_connection(partial(_same, caller), uri.host, uri.port)
            self._calls.append(caller)
            await asyncio.sleep(within_s / max(1, len(orders)))

    def hang_up(self, count: int) -> None:
        """Ends the newest calls."""
        for _ in range(min(count, len(self._calls))):
            self._calls.pop().hang_up()

    async def run(self) -> None:
        """Ticks: a tenth of all calls every 2 ms."""
        clock = perf_counter
        step = FRAME_MS / 1000 / PHASES
        due = clock()
        for slot in count():
            due += step
            await asyncio.sleep(max(0.0, due - clock()))
            self._late.append((clock() - due) * 1000)
            for caller in self._calls[slot % PHASES :: PHASES]:
                caller.tick()

    async def measure(self, seconds: float, of: int) -> dict[str, Any]:
        """What the oldest calls hear in the next seconds."""
        calls = self._calls[:of]
        for caller in calls:
            if caller.line is not None:
                caller.line.take()
        self._late.clear()
        listening = []
        for _ in range(max(1, round(seconds * 4))):
            await asyncio.sleep(0.25)
            listening.append(sum(c.line is not None and c.line.phase is Phase.LISTENING for c in calls))
        heard = [caller.line.take() for caller in calls if caller.line is not None]
        lateness = [late for one in heard for late in one.lateness]
        answers = [gap for one in heard for gap in one.answers]
        return {
            "calls": len(calls),
            "frames": len(lateness),
            **_percentiles("lateness", lateness),
            "gap_ms_per_minute": sum(one.gaps_ms for one in heard) / max(1.0, sum(o.audio_ms for o in heard)) * 60_000,
            "spoken_to": sum(listening) / len(listening) / max(1, len(calls)),
            **_percentiles("answer", answers),
            "answers": len(answers),
            "lost": sum(one.lost for one in heard),
            "closed": [caller.closed for caller in calls if caller.closed],
            "silent": sum(caller.line is None for caller in calls),
            **_percentiles("client_lateness", self._late),
        }


def _percentiles(name: str, values: Sequence[float]) -> dict[str, float | None]:
    if not values:
        return {f"p50_{name}_ms": None, f"p99_{name}_ms": None, f"max_{name}_ms": None}
    p50, p99, most = np.percentile(values, (50, 99, 100))
    return {f"p50_{name}_ms": round(p50, 2), f"p99_{name}_ms": round(p99, 2), f"max_{name}_ms": round(most, 2)}


async def _serve(utterances: Sequence[bytes], turn_ms: int) -> None:
    crowd = Crowd(utterances, turn_ms)
    ticking = asyncio.create_task(crowd.run())
    async with asyncio.TaskGroup() as orders:
        while line := await asyncio.to_thread(sys.stdin.readline):
            orders.create_task(_obey(crowd, json.loads(line)))
    ticking.cancel()


async def _obey(crowd: Crowd, order: dict[str, Any]) -> None:
    answer: dict[str, Any] = {}
    if "dial" in order:
        await crowd.dial(order["dial"])
    elif "hang_up" in order:
        crowd.hang_up(order["hang_up"])
    else:
        answer = await crowd.measure(order["measure"], order["of"])
    print(json.dumps({"order": order["order"], **answer}), flush=True)


def main(core: str, utterances: str, turn_ms: str) -> None:
    """Runs until standard input ends."""
    take(int(core))
    said = [path.read_bytes() for path in sorted(Path(utterances).glob("*.ulaw"))]
    uvloop.run(_serve(said, int(turn_ms)))


if __name__ == "__main__":
    main(*sys.argv[1:])
