"""Whose voice it is, by its loudness: windows with the level of the one or the other."""

from collections.abc import Iterator

import pytest

from audio.foreground import FADES_DB, FAINT_DB, HELD, LOUD_DB, Foreground

LEAD_DB, CROWD_DB = -20.0, -38.0
SECOND = 31
"""Windows."""


def hear(line: Foreground, level_db: float, windows: int, *, over_persona: bool = False, speaking: bool = False) -> int:
    """How many windows of a voice are taken for the lead's."""
    verdicts = (line.hears(level_db, voice=True, speaking=speaking, over_persona=over_persona) for _ in range(windows))
    return sum(verdicts)


def silence(line: Foreground, windows: int) -> None:
    """Nobody speaks for so many windows."""
    for _ in range(windows):
        assert not line.hears(-65.0, voice=False, speaking=False, over_persona=False)


def syllables(level_db: float) -> Iterator[float]:
    """A second of speech at a level: some of it is soft."""
    return (level_db - (0, 4, 14, 2, 9)[index % 5] for index in range(SECOND))


@pytest.fixture
def line() -> Foreground:
    """A call of which nothing is known."""
    return Foreground()


@pytest.fixture
def known(line: Foreground) -> Foreground:
    """A call on which the lead was heard once."""
    line.begins()
    hear(line, LEAD_DB, SECOND)
    line.was_lead()
    silence(line, HELD)
    return line


def test_as_long_as_nothing_is_known_everybody_is_heard(line: Foreground) -> None:
    """However soft, while the persona is silent."""
    assert hear(line, -50.0, SECOND) == SECOND


def test_over_the_persona_a_faint_voice_is_not_heard_before_anything_is_known(line: Foreground) -> None:
    """And what is just as soft behind it, when she has finished, is known not to be his."""
    assert hear(line, FAINT_DB - 3, SECOND, over_persona=True) == 0
    assert hear(line, FAINT_DB - 3, SECOND) == 0
    assert hear(line, LEAD_DB, SECOND) == SECOND


def test_over_the_persona_who_is_much_softer_than_the_lead_is_not_he(known: Foreground) -> None:
    """By more than ten decibels; nor is he in the silence behind her, having been heard before it."""
    assert hear(known, LEAD_DB - 15, SECOND, over_persona=True) == 0
    assert hear(known, LEAD_DB - 15, SECOND) == 0


def test_where_nobody_else_is_heard_the_lead_may_speak_however_softly(known: Foreground) -> None:
    """Who turns away from the telephone is answered, to his last soft syllable; from then on he is known so."""
    assert hear(known, LEAD_DB - 22, 2) == 2
    known.begins()
    assert hear(known, LEAD_DB - 22, SECOND, speaking=True) == SECOND
    assert hear(known, LEAD_DB - 36, HELD, speaking=True) == HELD
    known.was_lead()
    silence(known, HELD)
    assert hear(known, LEAD_DB - 26, SECOND, over_persona=True) == SECOND


def test_his_soft_syllables_are_his(known: Foreground) -> None:
    """A voice is as loud as its loudest sound of the last quarter of a second."""
    heard = [known.hears(level, voice=True, speaking=True, over_persona=False) for level in syllables(LEAD_DB)]
    assert all(heard)


def test_he_may_trail_off(known: Foreground) -> None:
    """If nobody else is heard, what he says to the end of an utterance may be softer than its beginning."""
    assert hear(known, LEAD_DB - 15, SECOND, speaking=True) == SECOND


def test_a_crowd_is_known_by_having_had_no_words(line: Foreground) -> None:
    """Also if he spoke over it for a part of that time; he is heard from then on, and it is not."""
    line.begins()
    hear(line, CROWD_DB, 2 * SECOND)
    hear(line, LEAD_DB, SECOND)
    line.was_noise()
    hear(line, CROWD_DB, HELD)
    assert hear(line, CROWD_DB, SECOND) == 0
    assert hear(line, LEAD_DB, SECOND) == SECOND


def test_a_loud_voice_is_heard_though_another_had_no_words(line: Foreground) -> None:
    """It may be his, as nobody knows how loud he is."""
    line.begins()
    hear(line, LOUD_DB, SECOND)
    line.was_noise()
    assert hear(line, LOUD_DB, SECOND) == SECOND


def test_where_nobody_speaks_a_crowd_is_forgotten(line: Foreground) -> None:
    """Who was taken for one is heard again when he has paused."""
    line.begins()
    hear(line, CROWD_DB, SECOND)
    line.was_noise()
    assert hear(line, CROWD_DB, SECOND) == 0
    silence(line, int(7 / FADES_DB))
    assert hear(line, CROWD_DB, SECOND) == SECOND


def test_after_a_long_silence_he_may_be_farther_away(known: Foreground) -> None:
    """His loudness is forgotten."""
    known.forget()
    assert hear(known, LEAD_DB - 20, SECOND) == SECOND


def test_near_is_who_is_about_as_loud_as_he(known: Foreground) -> None:
    """Or, before that is known, as loud as people usually are."""
    stranger = Foreground()
    for level, near in ((LOUD_DB + 1, True), (LOUD_DB - 4, False)):
        stranger.begins()
        hear(stranger, level, SECOND)
        assert stranger.is_near is near
    known.begins()
    hear(known, LEAD_DB - 8, SECOND)
    assert not known.is_near
