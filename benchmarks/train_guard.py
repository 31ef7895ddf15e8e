"""Fits the guard's learned layer: `python -m benchmarks.train_guard` writes agent/guard/weights.npz.

Four logistic regressions over hashed features of the phrases and of a variant of each (`benchmarks.guard_variants`), by
full-batch Adam. The same phrases give the same weights.

With `--folds N` nothing is written; the phrases that people wrote are cross-validated instead. `--by-author [NAME ...]`
holds out one author after the other and shows his phrases to the whole guard, rules and models. The rules stay as they
are: they have been written with the phrases of all authors in sight, so only the models' part is unseen.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.guard.learned import BUCKETS, WEIGHTS, Models, Topic, buckets
from agent.guard.reading import FindingKind, Listener, findings
from benchmarks.guard_phrases import Phrase, drawn, fingerprint, written
from benchmarks.guard_variants import varied

STEPS = 400
LEARNING_RATE = 0.1
"""At the start; it falls to nothing along half a cosine."""
DECAY = 2.5e-6
"""Strength of the L2 penalty."""

_LISTENER = Listener("Ava", ("Sarah",), "Jordan")
"""Who the phrases' people are."""
_LABELS = {"decline": Topic.DECLINE, "ambiguous": Topic.DECLINE}
"""Labels that are named differently from their topic."""
_UNKNOWN = {Topic.DECLINE: {"opt_out"}}
"""Labels from which a topic learns nothing: many a stop begins with a decline."""
_TABLE_OF = {topic: topic.value for topic in Topic} | dict.fromkeys((Topic.OPT_OUT, Topic.DECLINE), "optout")
"""The table that holds a topic's phrases and its near misses."""
_ELSEWHERE = 0.3
"""What a phrase of another table counts for: it is easily told apart, and teaches little."""


class Matrix:
    """Phrases as a sparse matrix of features, each row of length one."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        found = [buckets(phrase.message) for phrase in phrases]
        self.size = len(phrases)
        self.rows = np.repeat(np.arange(self.size), [len(row) for row in found])
        self.columns = np.concatenate(found)
        self.values = np.concatenate([np.full(len(row), 1 / np.sqrt(max(len(row), 1))) for row in found])

    def scores(self, weights: NDArray[np.float64], bias: float) -> NDArray[np.float64]:
        """The linear score of every phrase."""
        summed = np.bincount(self.rows, self.values * weights[self.columns], self.size)
        return summed.astype(np.float64) + bias


def fit(phrases: Sequence[Phrase], topic: Topic) -> tuple[NDArray[np.float64], float]:
    """The weights and the bias of one topic's model."""
    phrases = [phrase for phrase in phrases if phrase.label not in _UNKNOWN.get(topic, set())]
    matrix = Matrix(phrases)
    wanted = np.array([_LABELS.get(phrase.label, phrase.label) == topic for phrase in phrases], float)
    counts = np.array([phrase.weight * _relevance(phrase, topic) for phrase in phrases])
    # A phrase of the topic is rarer than one of any other: left alone, the model would rather pass than find.
    counts[wanted == 1] *= np.sqrt(counts[wanted == 0].sum() / counts[wanted == 1].sum())
    counts /= counts.sum()
    weights, bias = np.zeros(BUCKETS), 0.0
    mean, spread = np.zeros(BUCKETS + 1), np.zeros(BUCKETS + 1)
    for step in range(1, STEPS + 1):
        error = (1 / (1 + np.exp(-matrix.scores(weights, bias))) - wanted) * counts
        slope = np.bincount(matrix.columns, matrix.values * error[matrix.rows], BUCKETS) + DECAY * weights
        gradient = np.append(slope, error.sum())
        mean = 0.9 * mean + 0.1 * gradient
        spread = 0.999 * spread + 0.001 * gradient**2
        rate = LEARNING_RATE * (1 + np.cos(np.pi * step / STEPS)) / 2
        move = rate * (mean / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
        weights -= move[:-1]
        bias -= float(move[-1])
    return weights, bias


def _relevance(phrase: Phrase, topic: Topic) -> float:
    return 1.0 if phrase.kind in {"", _TABLE_OF[topic]} else _ELSEWHERE


def cross_validate(folds: int) -> None:
    """Prints, for every topic and threshold, how the written phrases fare that a model was not fitted on."""
    people, sentences = written(), drawn()
    order = np.random.default_rng(1).permutation(len(people))
    for topic in Topic:
        chances = np.zeros(len(people))
        for fold in range(folds):
            held = set(order[fold::folds].tolist())
            weights, bias = fit(_with_variants([p for i, p in enumerate(people) if i not in held]) + sentences, topic)
            test = sorted(held)
            chances[test] = 1 / (1 + np.exp(-Matrix([people[i] for i in test]).scores(weights, bias)))
        unknown = _UNKNOWN.get(topic, set())
        is_it = np.array([_LABELS.get(p.label, p.label) == topic for p in people])
        is_not = np.array([p.label not in unknown for p in people]) & ~is_it
        for limit in (0.3, 0.5, 0.7, 0.9):
            recall, false = (chances[is_it] >= limit).mean(), (chances[is_not] >= limit).mean()
            print(f"{topic:14} at {limit}: recall {recall:.3f} of {is_it.sum()}, false {false:.3f} of {is_not.sum()}")


def by_author(names: Sequence[str]) -> None:
    """Prints how the guard fares on each author's tables, with models fitted on all the others' phrases."""
    people, sentences = written(), drawn()
    for name in names or sorted({phrase.author for phrase in people if phrase.kind}):
        test = [phrase for phrase in people if phrase.author == name and phrase.kind]
        if not test:
            raise SystemExit(f"no table of benchmarks/data/guard is called {name}_...")
        seen = {phrase.text.lower() for phrase in test}
        others = [phrase for phrase in people if phrase.author != name and phrase.text.lower() not in seen]
        models = _models([fit(_with_variants(others) + sentences, topic) for topic in Topic])
        for kind in sorted({phrase.kind for phrase in test}):
            _print_shares(f"{name:8} {kind:14}", [phrase for phrase in test if phrase.kind == kind], models)


def _print_shares(title: str, phrases: Sequence[Phrase], models: Models) -> None:
    caught = [_is_flagged(phrase, models) for phrase in phrases if not phrase.label.startswith("not_")]
    flagged = [_is_flagged(phrase, models) for phrase in phrases if phrase.label.startswith("not_")]
    found = f"caught {np.mean(caught):.1%} of {len(caught)}"
    print(f"{title} {found}, flagged wrongly {np.mean(flagged):.1%} of {len(flagged)}", flush=True)


def _is_flagged(phrase: Phrase, models: Models) -> bool:
    """Whether the guard finds in a text what its table is about. What is no clear stop may be held as well."""
    kinds = findings(phrase.text, _LISTENER, models).keys()
    if phrase.kind != "optout":
        return FindingKind(phrase.kind) in kinds
    is_held = FindingKind.AMBIGUOUS_STOP in kinds and phrase.label != "opt_out"
    return is_held or bool(kinds & {FindingKind.OPT_OUT, FindingKind.WRONG_NUMBER})


def _with_variants(phrases: list[Phrase]) -> list[Phrase]:
    return phrases + varied(phrases)


def _models(fitted: Sequence[tuple[NDArray[np.float64], float]]) -> Models:
    """As they are stored: half the precision, so that what is measured is what ships."""
    weights = np.array([weights for weights, _ in fitted], np.float16).astype(np.float32)
    return Models(weights, np.array([bias for _, bias in fitted], np.float32))


def main() -> None:
    """Reads the command line, fits and stores, or cross-validates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, help="cross-validate instead of writing the weights")
    parser.add_argument("--by-author", nargs="*", metavar="NAME", help="hold out one author after the other instead")
    asked = parser.parse_args()
    if asked.by_author is not None:
        by_author(asked.by_author)
        return
    if asked.folds:
        cross_validate(asked.folds)
        return
    read_from = fingerprint()
    phrases = _with_variants(written()) + drawn()
    fitted = [fit(phrases, topic) for topic in Topic]
    models = _models(fitted)
    weights = models.weights.astype(np.float16)
    np.savez_compressed(WEIGHTS, weights=weights, biases=models.biases, phrases=np.array(read_from))
    print(f"{len(phrases)} phrases, {np.count_nonzero(weights)} weights, {WEIGHTS.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
