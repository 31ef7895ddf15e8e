"""The wait, by words, voice and what was asked for."""

import pytest

from audio.completeness import IN_PIECES, Asked, Ending
from audio.ear import WINDOW_MS
from audio.waiting import TELLS_ENOUGH, Waits

WAITS = Waits()


@pytest.mark.parametrize("ending", list(Ending))
def test_a_surer_voice_is_never_waited_for_longer(ending: Ending) -> None:
    """And one that has not been judged no less than any other."""
    waits = [WAITS.ms(ending, voice) for voice in (None, 0.0, 0.49, 0.5, 0.89, 0.9, 1.0)]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] == waits[1]


def test_surer_words_are_never_waited_for_longer() -> None:
    """Whatever the voice."""
    for voice in (None, 0.2, 0.7, 0.95):
        waits = [WAITS.ms(ending, voice) for ending in Ending]
        assert waits == sorted(waits)


def test_words_that_tell_enough_need_no_voice() -> None:
    """So it need not be judged, which costs as much as half a transcript."""
    for ending in Ending:
        judged = {WAITS.ms(ending, voice) for voice in (None, 0.2, 0.7, 0.95)}
        assert (len(judged) == 1) is (ending in TELLS_ENOUGH)


def test_what_is_said_in_pieces_is_waited_for_until_it_is_whole() -> None:
    """Digits of a ZIP code, an address, a spelled name: longer than elsewhere, and not at all once they are there."""
    for asked in Asked:
        extra = WAITS.ms(Ending.UNFINISHED, 0.9, asked) - WAITS.ms(Ending.UNFINISHED, 0.9)
        assert extra == (WAITS.pieces_ms if asked in IN_PIECES else 0)
        assert WAITS.ms(Ending.WHOLE, None, asked) == WAITS.both_ms
        assert WAITS.ms(Ending.COMPLETE, 0.9, asked) == WAITS.both_ms


def test_waits_are_whole_windows_of_the_detector() -> None:
    """Anything else would be rounded up to one, and the tables in the documentation would be wrong."""
    names = ("both_ms", "either_ms", "neither_ms", "series_ms", "unfinished_ms")
    assert not any(getattr(WAITS, name) % WINDOW_MS for name in names)
