"""A language model with nothing but a pace: for measuring what a system makes of the time a model takes.

It answers every system alike: the reply depends on nothing but the caller's last words.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from zlib import crc32

from benchmarks.llm_endpoint import LlmEndpoint, Step, llm_endpoint, paced

MODEL = "paced"
"""What to ask it for; any name will do."""
TOKENS_A_SECOND = 80
"""After the first token: what hosted models of a size for conversation give."""

GREETING = "Hi, this is Ava, a virtual assistant. Is now a good time?"
REPLIES = (
    "Okay, thanks for telling me. Is there anything else that matters to you?",
    "Got it, that helps a lot. What would you like to know first?",
    "Sure, no problem at all. When would you like it to start?",
    "Great, let me note that down. How soon do you need it?",
    "All right, that's good to know. What made you think of it now?",
    "I see, thank you. Would mornings or evenings suit you better?",
)


@asynccontextmanager
async def paced_model(first_token_ms: int) -> AsyncIterator[LlmEndpoint]:
    """The model behind an endpoint of its own, with its first token so long after each request."""

    def answer(request: dict[str, Any]) -> Sequence[Step]:
        return paced(reply_to(request["messages"]), first_token_ms / 1000, TOKENS_A_SECOND)

    async with llm_endpoint(answer) as endpoint:
        yield endpoint


def reply_to(messages: Sequence[dict[str, Any]]) -> str:
    """What is said to a conversation: a greeting until the caller has spoken."""
    words = [str(message["content"]) for message in messages if message["role"] == "user"]
    return REPLIES[crc32(words[-1].lower().encode()) % len(REPLIES)] if words else GREETING
