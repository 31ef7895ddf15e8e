"""The playout, paced and played on a virtual clock."""

from hypothesis import given
from hypothesis import strategies as st

from audio.engines import FRAME_MS, FRAME_SAMPLES
from audio.mulaw import SILENCE
from audio.playout import MARK_GRACE_MS, Mark, Playing, Playout

SECOND = b"\x10" * 8000
PAUSE = bytes([SILENCE])


def frames(out: list[bytes | Mark]) -> int:
    """How many frames of audio are in what was sent."""
    return sum(len(item) for item in out if isinstance(item, bytes)) // FRAME_SAMPLES


def play(playout: Playout, start: float, ms: float) -> list[bytes | Mark]:
    """What leaves while `ms` pass, woken every frame."""
    out: list[bytes | Mark] = []
    now = start
    while now < start + ms:
        out += playout.due(now)
        now += FRAME_MS
    return out


def test_the_first_audio_leaves_at_once_and_fills_the_buffer() -> None:
    """Send-ahead is ahead_ms, no more; what there is room for is one message."""
    playout = Playout(ahead_ms=160)
    playout.add("hello there", SECOND)
    [first] = playout.due(0)
    assert frames([first]) == 8
    assert playout.due(0) == []


def test_a_message_is_worth_its_cost() -> None:
    """Once the buffer is full, a message has 40 ms; only the end of a clause is sent with less."""
    playout = Playout(ahead_ms=160)
    playout.add("hm", SECOND[: 11 * FRAME_SAMPLES])
    playout.due(0)
    assert playout.next_due(0) == 2 * FRAME_MS
    assert playout.due(FRAME_MS) == []
    [message] = playout.due(2 * FRAME_MS)
    assert frames([message]) == 2
    assert playout.next_due(2 * FRAME_MS) == 3 * FRAME_MS
    [rest, mark] = playout.due(3 * FRAME_MS)
    assert (frames([rest]), mark) == (1, Mark(0, 0))


def test_a_late_wake_up_catches_up() -> None:
    """After a stall the buffer is filled again, so that the lead hears no gap that can be avoided."""
    playout = Playout(ahead_ms=160)
    playout.add("hello there", SECOND)
    playout.due(0)
    assert frames(playout.due(100)) == 5


def test_frames_are_whole_and_the_last_is_padded_with_silence() -> None:
    """Every frame is 160 bytes."""
    playout = Playout()
    playout.add("hm", b"\x01" * 200)
    assert playout.due(0) == [b"\x01" * 200 + b"\xff" * 120, Mark(0, 0)]


def test_a_clause_without_a_sound_is_a_frame_of_silence() -> None:
    """An empty message would be an error to the carrier, and a clause without a mark is never over."""
    playout = Playout()
    playout.add("hm", b"")
    assert playout.due(0) == [b"\xff" * FRAME_SAMPLES, Mark(0, 0)]


def test_a_mark_follows_its_clause() -> None:
    """The mark leaves right behind the clause's last frame."""
    playout = Playout()
    playout.add("one", b"\x01" * 320)
    playout.add("two", b"\x02" * 160)
    assert playout.due(0) == [b"\x01" * 320, Mark(0, 0), b"\x02" * 160, Mark(0, 1)]


def test_a_turn_is_over_when_its_last_mark_has_come_back() -> None:
    """Sent is not heard."""
    playout = Playout()
    playout.add("hello", SECOND)
    play(playout, 0, 1000)
    playout.played(0, 0)
    assert not playout.over(980)
    assert playout.over(1000)
    heard = playout.finish(1000)
    assert (heard.text, heard.ms, heard.complete) == ("hello", 1000, True)
    assert playout.state is Playing.IDLE


def test_a_turn_is_over_without_marks_after_a_grace() -> None:
    """A carrier that echoes nothing does not stop the conversation."""
    playout = Playout()
    playout.add("hello", SECOND)
    play(playout, 0, 1000)
    assert not playout.over(1000 + MARK_GRACE_MS - 1)
    assert playout.over(1000 + MARK_GRACE_MS)


def test_it_is_looked_at_again_when_the_turn_may_be_over() -> None:
    """At the end of what was sent, then at the end of the grace for its mark; after that, only if something happens."""
    playout = Playout(ahead_ms=160)
    assert playout.next_due(0) is None
    playout.add("hm", b"\x01" * 2 * FRAME_SAMPLES)
    playout.due(0)
    sent = 2 * FRAME_MS
    assert [playout.next_due(now) for now in (0, sent)] == [sent, sent + MARK_GRACE_MS]
    assert playout.next_due(sent + MARK_GRACE_MS) is None


def test_a_mark_of_a_clause_that_was_not_sent_is_not_hearing() -> None:
    """Also of one that is queued by then: only what was asked for can be echoed."""
    playout = Playout()
    playout.add("one", SECOND)
    play(playout, 0, 500)
    playout.played(0, 0)
    assert playout.confirmed().text == ""
    play(playout, 520, 1000)
    playout.played(0, 0)
    assert playout.confirmed().text == "one"


def test_a_mark_of_a_clause_that_never_was_is_not_hearing() -> None:
    """Whatever a carrier echoes: the turn is not over by it, also once that clause is there."""
    playout = Playout()
    playout.add("one", b"\x01" * FRAME_SAMPLES)
    playout.due(0)
    playout.played(0, 1)
    playout.add("two", b"\x02" * FRAME_SAMPLES)
    playout.due(0)
    playout.played(0, 0)
    assert playout.confirmed().text == "one"


def test_a_cut_keeps_the_words_that_were_over() -> None:
    """Half of the audio is half of the words."""
    playout = Playout()
    playout.add("one two three four five six", SECOND * 2)
    play(playout, 0, 1000)
    heard = playout.cut(1000)
    assert heard.text == "one two three"
    assert heard.ms == 1000
    assert not heard.complete


def test_a_pause_holds_no_words() -> None:
    """After half of the sound half of the words are over, however long the voice then takes breath."""
    playout = Playout()
    playout.add("one, two", SECOND[:2400] + PAUSE * 2400 + SECOND[:2400])
    play(playout, 0, 640)
    assert playout.cut(640).text == "one,"


def test_a_pause_is_not_said_again() -> None:
    """Going on after a duck in a pause starts where it was, not before the word that was over."""
    playout = Playout(ahead_ms=20)
    playout.add("one two", SECOND[:2400] + PAUSE * 2400 + SECOND[:2400])
    play(playout, 0, 500)
    playout.duck(500)
    playout.resume()
    assert frames(play(playout, 500, 1000)) == (900 - 500) // FRAME_MS


def test_a_cut_in_the_second_clause_keeps_the_first() -> None:
    """Clauses add up."""
    playout = Playout()
    playout.add("All right.", SECOND)
    playout.add("Is it a house or a condo?", SECOND)
    play(playout, 0, 1560)
    assert playout.cut(1560).text == "All right. Is it a house"


def test_marks_of_an_older_epoch_are_not_hearing() -> None:
    """The carrier echoes the marks of audio that clear threw away."""
    playout = Playout()
    playout.add("one two three four", SECOND)
    play(playout, 0, 200)
    old = playout.epoch
    playout.cut(200)
    playout.add("five six seven eight", SECOND)
    play(playout, 200, 40)
    playout.played(old, 0)
    assert playout.cut(240).text == ""


def test_a_mark_proves_hearing_beyond_the_model() -> None:
    """The carrier's word is better than our estimate."""
    playout = Playout(ahead_ms=2000)
    playout.add("hello", SECOND)
    playout.due(0)
    playout.played(0, 0)
    assert playout.cut(500).text == "hello"


def test_ducking_sends_nothing_and_resuming_starts_at_the_last_word_heard() -> None:
    """What the carrier had buffered counts as unsaid; a word that was cut is said again, and not counted twice."""
    playout = Playout(ahead_ms=160)
    playout.add("alpha bravo charlie", SECOND)
    play(playout, 0, 480)
    playout.duck(480)
    assert playout.buffered_ms(480) == 0
    assert playout.due(600) == []
    assert not playout.over(900)
    playout.resume()
    rest = play(playout, 900, 1000)
    # "bravo" starts after 6 of 19 characters, 316 ms, and its frame at 300 ms.
    assert frames(rest) == (1000 - 300) // FRAME_MS
    heard = playout.finish(1900)
    assert heard.text == "alpha bravo charlie"
    assert heard.ms == 1000


def test_the_marks_of_what_a_duck_threw_away_are_not_hearing() -> None:
    """The carrier echoes them at once; the clause that waited behind them has not been heard."""
    playout = Playout(ahead_ms=2000)
    playout.add("one two three four", SECOND)
    [mark] = [item for item in playout.due(0) if isinstance(item, Mark)]
    playout.duck(500)
    playout.played(mark.epoch, mark.clause)
    assert playout.cut(500).text == "one two"


def test_a_clause_heard_before_a_duck_needs_no_echo_any_more() -> None:
    """Its echo would be of an older epoch: the turn is over all the same when the lead lets us go on."""
    playout = Playout()
    playout.add("hello", SECOND)
    play(playout, 0, 1000)
    playout.duck(1010)
    playout.resume()
    assert playout.over(1020)
    assert playout.finish(1020).complete


def test_resuming_when_not_ducked_changes_nothing() -> None:
    """A stray resume does not rewind."""
    playout = Playout()
    playout.add("hello", SECOND)
    playout.due(0)
    playout.resume()
    assert frames(playout.due(40)) == 2


def test_leaving_off_ends_at_the_clause_boundary() -> None:
    """The clause under way is said, the next is not, and the turn was not heard to its end."""
    playout = Playout()
    playout.add("First this.", SECOND)
    playout.add("Then that.", SECOND)
    play(playout, 0, 500)
    playout.leave_off()
    play(playout, 500, 1000)
    playout.played(0, 0)
    assert playout.over(1500)
    heard = playout.finish(1500)
    assert (heard.text, heard.complete) == ("First this.", False)


def test_leaving_off_in_the_last_clause_drops_nothing() -> None:
    """There is nothing to drop: the turn is heard as a whole."""
    playout = Playout()
    playout.add("Only this.", SECOND)
    play(playout, 0, 1500)
    playout.leave_off()
    assert playout.cut(1500).complete


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=5), st.integers(0, 3000))
def test_heard_never_exceeds_what_was_sent(sizes: list[int], cut_at: int) -> None:
    """Whatever the clauses and the moment of the cut: heard ≤ time, heard ≤ sent."""
    playout = Playout()
    for size in sizes:
        playout.add("word " * 4, b"\x01" * size)
    sent = frames(play(playout, 0, cut_at))
    heard = playout.cut(cut_at)
    assert heard.ms <= cut_at + FRAME_MS
    assert heard.ms <= sent * FRAME_MS
