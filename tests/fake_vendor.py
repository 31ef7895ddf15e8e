"""A speech vendor on a loopback socket, in the shape of Cartesia's: a recogniser and a voice over WebSockets."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from websockets.asyncio.server import ServerConnection, serve

from audio.engines import Pcm16

VOICE_RATE = 24_000


@dataclass
class Vendor:
    """The vendor's end. `hear` says what 16 kHz audio means; speech is 60 ms of tone a word."""

    hear: Callable[[Pcm16], str] = lambda pcm: ""
    port: int = 0
    spoken: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    """Context ids that were taken back."""
    silent: bool = False
    """The voice takes text and gives nothing."""
    late: bool = False
    """The recogniser answers when it is asked about the next utterance."""
    keys: set[str] = field(default_factory=set)

    @property
    def stt_options(self) -> dict[str, Any]:
        """What points Pipecat's recogniser here."""
        return {"base_url": f"ws://127.0.0.1:{self.port}"}

    @property
    def tts_options(self) -> dict[str, Any]:
        """What points Pipecat's voice here."""
        return {"url": f"ws://127.0.0.1:{self.port}/tts/websocket", "voice": "v"}

    async def serve(self, socket: ServerConnection) -> None:
        """One connection of either kind."""
        assert socket.request is not None
        self.keys.add(socket.request.headers.get("X-API-Key", ""))
        if socket.request.path.startswith("/stt"):
            await self._listen(socket)
        else:
            await self._speak(socket)

    async def _listen(self, socket: ServerConnection) -> None:
        audio, held = b"", list[str]()
        async for message in socket:
            if isinstance(message, bytes):
                audio += message
            elif message == "finalize":
                text, audio = self.hear(np.frombuffer(audio, np.int16)), b""
                held += [json.dumps({"type": "transcript", "text": text, "is_final": True})]
                held += [json.dumps({"type": "flush_done"})]
                while held[2:] if self.late else held:
                    await socket.send(held.pop(0))

    async def _speak(self, socket: ServerConnection) -> None:
        async for message in socket:
            asked = json.loads(message)
            context = asked["context_id"]
            if asked.get("cancel"):
                self.cancelled.append(context)
            elif asked["transcript"]:
                self.spoken.append(asked["transcript"].strip())
                if not self.silent:
                    await socket.send(json.dumps(_sound(asked["transcript"], context)))
            elif not self.silent:
                await socket.send(json.dumps({"type": "done", "context_id": context}))


def _sound(text: str, context: str) -> dict[str, str]:
    length = VOICE_RATE * 60 // 1000 * len(text.split())
    tone = (6000 * np.sin(2 * np.pi * 300 * np.arange(length) / VOICE_RATE)).astype(np.int16)
    return {"type": "chunk", "context_id": context, "data": base64.b64encode(tone.tobytes()).decode()}


@asynccontextmanager
async def fake_vendor(hear: Callable[[Pcm16], str] = lambda pcm: "") -> AsyncIterator[Vendor]:
    """A vendor on a free port."""
    vendor = Vendor(hear)
    async with serve(vendor.serve, "127.0.0.1", 0) as server:
        vendor.port = next(iter(server.sockets)).getsockname()[1]
        yield vendor
