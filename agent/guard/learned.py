"""A second reader for what the rules pass on: four linear models over words, word classes and spelling.

The rules know the grammar of a request; people know more ways of making one. The models were fitted on labelled phrases
(`benchmarks/data/guard`) by `python -m benchmarks.train_guard` and read one message in a tenth of a millisecond.
What they and the rules say is added up (`agent.guard.reading`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from agent.guard.lexicon import classes
from agent.guard.plain import Plain

BUCKETS = 1 << 17
"""Features are hashed into so many."""
UNHEARD = -20.0
"""The log-odds of any topic where there are no words."""
WEIGHTS = Path(__file__).with_name("weights.npz")


class Topic(StrEnum):
    """What a model knows of."""

    OPT_OUT = "opt_out"
    DECLINE = "decline"
    """A no that may or may not mean the whole conversation, and complaints."""
    AI_QUESTION = "ai_question"
    HUMAN_REQUEST = "human_request"


@dataclass(frozen=True, slots=True)
class Models:
    """Fitted models: `weights` of shape (topics, BUCKETS), `biases` of shape (topics,)."""

    weights: NDArray[np.float32]
    biases: NDArray[np.float32]

    def log_odds(self, message: Plain) -> dict[Topic, float]:
        """How likely a message is about each topic, as log-odds: 0 is as likely as not. One without words is about none."""
        found = buckets(message)
        if not len(found):
            return dict.fromkeys(Topic, UNHEARD)
        scores = self.weights[:, found].sum(axis=1) / np.sqrt(len(found)) + self.biases
        return dict(zip(Topic, scores.tolist(), strict=True))


@cache
def stored() -> Models:
    """The models that ship with the guard."""
    with np.load(WEIGHTS) as file:
        return Models(file["weights"].astype(np.float32), file["biases"].astype(np.float32))


def buckets(message: Plain) -> NDArray[np.int64]:
    """The buckets of a message's features, each once."""
    return np.unique(np.fromiter((crc32(name.encode()) % BUCKETS for name in set(_features(message))), np.int64))


def _features(message: Plain) -> Iterator[str]:
    """Runs of up to three words and of up to four classes, pairs of classes near or far, and pieces of long words."""
    if not message.clauses:
        return
    clauses = [clause for clause in map(_without_fillers, message.clauses) if clause]
    words = ["^", *" | ".join(clauses).split(), "$"]
    kinds = ["^", *" | ".join(" ".join(classes(clause)) for clause in clauses).split(), "$"]
    yield from (f"w {run}" for run in _runs(words, 3))
    yield from (f"k {run}" for run in _runs(kinds, 4))
    yield from (f"s {one} {other}" for i, one in enumerate(kinds) for other in kinds[i + 2 : i + 6])
    for clause in clauses:
        known = [kind for kind in classes(clause)[:24] if kind.isupper()]
        yield from (f"p {one} {other}" for i, one in enumerate(known) for other in known[i + 1 :])
    for word in set(words):
        if len(word) > 3:
            yield from (f"c {piece}" for piece in _pieces(f"<{word}>"))


_COLOUR = "uh um uhh umm er hmm lol lmao haha hon honey dear bro dude omg well oh yo hey like really actually kinda"
_FILLERS = frozenset(_COLOUR.split())
"""Words that colour what is said and do not change it."""


def _without_fillers(clause: str) -> str:
    return " ".join(word for word in clause.split() if word not in _FILLERS)


def _runs(items: list[str], longest: int) -> Iterator[str]:
    for length in range(1, longest + 1):
        for start in range(len(items) - length + 1):
            yield " ".join(items[start : start + length])


def _pieces(word: str) -> Iterator[str]:
    for length in (3, 4, 5):
        for start in range(len(word) - length + 1):
            yield word[start : start + length]
