from telephony.sandbox.playout import MOST_BUFFERED, PlayOut


def test_audio_plays_from_where_it_arrived() -> None:
    """With nothing queued, audio starts at the position it arrived at, exact to the sample."""
    playout = PlayOut()
    playout.play(b"\x10" * 3, at=5)
    assert playout.heard(0, 10) == b"\xff" * 5 + b"\x10" * 3 + b"\xff" * 2


def test_a_burst_is_queued_behind_itself() -> None:
    """Audio that arrives while other audio waits plays after it, without a gap."""
    playout = PlayOut()
    playout.play(b"\x10" * 160, at=0)
    playout.play(b"\x20" * 160, at=1)
    assert playout.heard(158, 162) == b"\x10\x10\x20\x20"
    assert playout.queued(at=200) == 120


def test_a_late_packet_leaves_a_gap() -> None:
    """When the queue runs dry, the listener hears silence until the next audio arrives."""
    playout = PlayOut()
    playout.play(b"\x10" * 4, at=0)
    playout.play(b"\x20" * 4, at=6)
    assert playout.heard(0, 10) == b"\x10" * 4 + b"\xff" * 2 + b"\x20" * 4


def test_a_mark_waits_for_its_audio() -> None:
    """A mark is reached when the audio queued before it has played, not when it arrives."""
    playout = PlayOut()
    playout.play(b"\x10" * 160, at=0)
    playout.mark("said", at=0)
    playout.play(b"\x10" * 160, at=0)
    assert playout.reached(at=159) == []
    assert playout.reached(at=160) == ["said"]
    assert playout.reached(at=999) == []


def test_a_mark_behind_nothing_is_reached_at_once() -> None:
    """With an empty queue there is nothing to wait for."""
    playout = PlayOut()
    playout.mark("now", at=40)
    assert playout.reached(at=40) == ["now"]


def test_clear_cuts_the_future_and_keeps_the_past() -> None:
    """What was heard stays heard; what was queued is never played."""
    playout = PlayOut()
    playout.play(b"\x10" * 160, at=0)
    playout.mark("one", at=0)
    playout.play(b"\x20" * 160, at=0)
    playout.mark("two", at=0)
    assert playout.clear(at=100) == ["one", "two"]
    assert playout.heard(0, 320) == b"\x10" * 100 + b"\xff" * 220
    assert playout.reached(at=999) == []


def test_audio_after_a_clear_plays_at_once() -> None:
    """A cleared queue is empty: the next audio does not wait for what was thrown away."""
    playout = PlayOut()
    playout.play(b"\x10" * 8_000, at=0)
    playout.clear(at=80)
    playout.play(b"\x20" * 4, at=90)
    assert playout.heard(78, 95) == b"\x10" * 2 + b"\xff" * 10 + b"\x20" * 4 + b"\xff"


def test_more_than_ten_minutes_are_thrown_away() -> None:
    """The buffer refuses the audio that would overfill it, and keeps what it has."""
    playout = PlayOut()
    assert playout.play(b"\x10" * MOST_BUFFERED, at=0)
    assert not playout.play(b"\x20", at=0)
    assert playout.play(b"\x20", at=1)
