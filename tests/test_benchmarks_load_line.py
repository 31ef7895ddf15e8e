"""One caller of the load test."""

from benchmarks.load.line import Line, Manners, Phase

TURN_MS = 1000


def listening(now: float = 0.0) -> Line:
    """A caller who waits for the greeting."""
    return Line(Manners(TURN_MS), now)


def hear(line: Line, *arrivals: float, ms: float = 20) -> list[float]:
    """Frames at these times; how late each was."""
    for now in arrivals:
        line.audio(ms, now)
    return line.take().lateness


def test_a_steady_sender_is_never_late() -> None:
    """Also one who sends a few frames ahead at first: that moves his schedule forward."""
    assert hear(listening(), 0, 20, 40, 60) == [0, 0, 0, 0]
    assert hear(listening(), 0, 0, 0, 20, 40) == [0, 0, 0, 0, 0]


def test_a_late_frame_is_late_by_the_senders_own_schedule() -> None:
    """And the next, which is on time again, is not."""
    assert hear(listening(), 0, 0, 0, 20, 49, 60, 80) == [0, 0, 0, 0, 9, 0, 0]


def test_a_lead_that_is_used_up_slowly_is_lateness() -> None:
    """Who sends every 21 ms comes later and later, long before anybody hears it."""
    assert hear(listening(), 0, 0, 0, 21, 42, 63) == [0, 0, 0, 1, 2, 3]


def test_a_gap_is_heard_once_and_then_the_schedule_begins_anew() -> None:
    """The listener is later from then on by the gap, so what follows at the right pace is on time."""
    line = listening()
    for now in (0, 20, 90, 110, 130):
        line.audio(20, now)
    heard = line.take()
    assert heard.lateness == [0, 0, 50, 0, 0]
    assert heard.gaps_ms == 50
    assert heard.audio_ms == 100


def test_a_turn_is_over_after_its_whole_length_and_a_pause() -> None:
    """Then the caller speaks; a silence in the middle of one is a stall."""
    line = listening()
    line.audio(TURN_MS, 0)
    assert line.tick(1200, utterance_over=False) is Phase.LISTENING
    assert line.tick(1300, utterance_over=False) is Phase.SPEAKING
    stalled = listening()
    stalled.audio(TURN_MS / 2, 0)
    assert stalled.tick(2000, utterance_over=False) is Phase.LISTENING
    assert stalled.tick(4500, utterance_over=False) is Phase.SPEAKING
    assert stalled.take().lost == 1


def test_who_is_interrupted_speaks_on() -> None:
    """An agent that answers in a pause and takes it back has answered nothing yet; one that talks on has the floor."""
    line = listening()
    line.audio(TURN_MS, 0)
    line.tick(1300, utterance_over=False)
    line.take()
    line.audio(40, 2000)
    assert line.tick(2010, utterance_over=False) is Phase.SPEAKING
    line.clear(2020)
    assert line.tick(3000, utterance_over=True) is Phase.WAITING
    line.audio(TURN_MS, 3300)
    assert line.phase is Phase.LISTENING
    assert line.take().answers == [300]
    line.tick(4600, utterance_over=False)
    line.audio(TURN_MS, 5000)
    assert line.tick(5500, utterance_over=True) is Phase.LISTENING


def test_the_answer_is_timed_from_the_end_of_the_utterance() -> None:
    """It ends when the caller has nothing left to say."""
    line = listening()
    line.audio(TURN_MS, 0)
    line.tick(1300, utterance_over=False)
    line.tick(3000, utterance_over=True)
    line.audio(20, 3250)
    assert line.take().answers == [0, 250]


def test_an_utterance_nobody_answers_is_lost_and_said_again() -> None:
    """A server that does not listen must not pass for one that is on time."""
    line = listening()
    assert line.tick(3999, utterance_over=False) is Phase.WAITING
    assert line.tick(4000, utterance_over=False) is Phase.SPEAKING
    assert line.take().lost == 1


def test_what_is_cleared_is_not_waited_for() -> None:
    """The agent will answer anew."""
    line = listening()
    line.audio(TURN_MS, 0)
    line.clear(100)
    assert line.playing_until == 100
    assert line.tick(150, utterance_over=False) is Phase.WAITING
