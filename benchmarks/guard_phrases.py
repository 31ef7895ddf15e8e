"""The phrases that the guard's learned layer is fitted on: people's own, and sentences drawn from a small grammar.

`benchmarks/data/guard/*.csv` hold labelled phrases (text, label), `grammar.yaml` the templates. Every phrase is brought
into the form in which the guard reads it, with names replaced by roles.
"""

import csv
import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from agent.guard.plain import Plain, plain

DATA = Path(__file__).with_name("data") / "guard"
DRAWN_WEIGHT = 0.3
"""What a drawn sentence counts for, next to one that a person wrote."""

_ROLES = {"sarah": "agent", "ava": "you", "jordan": "leadname", "jordans": "leadname"}
_CHOICE = re.compile(r"\[([^][()]*)\]|\(([^][()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as the guard reads it, what it is, how much it counts, and whose it is."""

    message: Plain
    label: str
    weight: float = 1.0
    text: str = ""
    author: str = ""
    kind: str = ""
    """What its table is about: "optout", "ai_question" or "human_request"; empty for a mixed one."""


def written() -> list[Phrase]:
    """The phrases that people wrote, each once. A table is called after its author and what it is about."""
    phrases: dict[tuple[str, str], Phrase] = {}
    for path in sorted(DATA.glob("*.csv")):
        author, _, kind = path.stem.partition("_")
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                phrase = Phrase(read(row["text"]), row["label"], 1.0, row["text"], author, kind)
                phrases.setdefault((row["text"], row["label"]), phrase)
    return list(phrases.values())


def drawn(each: int = 24, seed: int = 1) -> list[Phrase]:
    """`each` sentences of every template of the grammar, the same for the same seed."""
    grammar = yaml.safe_load((DATA / "grammar.yaml").read_text(encoding="utf-8"))
    slots = {name: fillings.split("|") for name, fillings in grammar.pop("slots").items()}
    chance = random.Random(seed)
    found: dict[tuple[str, str], None] = {}
    for label, templates in grammar.items():
        for template in templates:
            found |= {(sentence, label): None for sentence in _sentences(template, slots, each, chance)}
    return [Phrase(read(text), label, DRAWN_WEIGHT) for text, label in found]


def fingerprint() -> str:
    """SHA-256 over all the files the phrases come from: weights that carry another one are to be fitted anew."""
    digest = hashlib.sha256()
    for path in sorted(DATA.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read(text: str) -> Plain:
    """The plain form, with the names of the story's people replaced by their roles."""
    clauses = plain(text).clauses
    return Plain(tuple(" ".join(_ROLES.get(word, word) for word in clause.split()) for clause in clauses))


def _sentences(template: str, slots: dict[str, list[str]], each: int, chance: random.Random) -> Iterator[str]:
    for _ in range(each):
        sentence = template
        while match := _CHOICE.search(sentence):
            sentence = sentence[: match.start()] + _chosen(match, chance) + sentence[match.end() :]
        while match := _SLOT.search(sentence):
            sentence = sentence[: match.start()] + chance.choice(slots[match[1]]) + sentence[match.end() :]
        yield " ".join(sentence.split())


def _chosen(match: re.Match[str], chance: random.Random) -> str:
    """One of the alternatives; those in square brackets may be left out."""
    if match[1] is not None and chance.random() < 0.5:
        return ""
    options: list[str] = (match[1] or match[2] or "").split("|")
    return chance.choice(options)
