from collections.abc import Sequence

import numpy as np
import pytest

from audio.engines import Pcm16, Transcript
from telephony.sandbox.ears import LONGEST_PIECE, Ears, pieces

SECOND = 8_000


def tone(seconds: float) -> Pcm16:
    """Something loud."""
    return (6_000 * np.sin(2 * np.pi * 500 * np.arange(int(seconds * SECOND)) / SECOND)).astype(np.int16)


def silence(seconds: float) -> Pcm16:
    """Nothing."""
    return np.zeros(int(seconds * SECOND), np.int16)


class Counter:
    """Recognises how long a piece was, in whole seconds."""

    def transcribe(self, pcm: Pcm16, hints: Sequence[str] = ()) -> Transcript:
        """The length as words."""
        return Transcript(f" {round(len(pcm) / SECOND)} ", 0.0, 0.0)


def test_silence_around_a_turn_is_cut_off() -> None:
    """All but a tenth of a second."""
    (piece,) = pieces(np.concatenate([silence(1), tone(2), silence(3)]))
    assert len(piece) == pytest.approx(2.2 * SECOND, abs=400)


def test_nothing_is_nothing() -> None:
    """Silence and clicks are not sent to the recogniser, which would make up words."""
    assert pieces(silence(0)) == []
    assert pieces(silence(5)) == []
    assert pieces(np.concatenate([silence(0.03), tone(0.02)])) == []


def test_a_long_turn_is_cut_where_it_is_quiet() -> None:
    """No piece is longer than the recogniser's window, and no word is cut when there is a pause."""
    turn = np.concatenate([tone(5.8), silence(0.4), tone(5.8), silence(0.4), tone(3)])
    cut = pieces(turn)
    assert len(cut) == 3
    assert max(len(piece) for piece in cut) <= LONGEST_PIECE
    assert len(cut[0]) == pytest.approx(6.0 * SECOND, abs=0.2 * SECOND)
    assert sum(len(piece) for piece in cut) == pytest.approx(len(turn), abs=0.2 * SECOND)


def test_a_turn_without_pauses_is_cut_all_the_same() -> None:
    """Nothing is lost."""
    cut = pieces(tone(20))
    assert sum(len(piece) for piece in cut) == 20 * SECOND
    assert max(len(piece) for piece in cut) <= LONGEST_PIECE


@pytest.mark.anyio
async def test_the_pieces_are_understood_as_one_turn() -> None:
    """In order, with single blanks."""
    ears = Ears(Counter())
    assert await ears.understand(np.concatenate([tone(6.0), silence(0.4), tone(2)])) == "6 2"
    assert await ears.understand(silence(3)) == ""
