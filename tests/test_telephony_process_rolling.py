"""A rolling restart: one after the other, none before its successor serves."""

from telephony.process.rolling import START_SECONDS, Rolling, State, Step

LEAVE_SECONDS = 60.0


def begun(count: int) -> Rolling:
    """A restart of so many workers that has begun at 0."""
    rolling = Rolling(count)
    assert rolling.begin(0, LEAVE_SECONDS) is Step.START
    return rolling


def restarted(rolling: Rolling, at: float) -> Step | None:
    """The next worker's successor serves, and the worker leaves; what is to be done then."""
    assert rolling.look(at, serves=True, alive=True) is Step.RETIRE
    return rolling.look(at, serves=False, alive=False)


def test_each_is_replaced_in_turn() -> None:
    """The next one is not begun before the last one has left, so that one process more is the most there is."""
    rolling = begun(2)
    assert rolling.look(1, serves=False, alive=True) is None
    assert rolling.look(5, serves=True, alive=True) is Step.RETIRE
    assert rolling.look(6, serves=False, alive=True) is None
    assert rolling.look(30, serves=False, alive=False) is Step.START
    assert rolling.index == 1
    assert restarted(rolling, 35) is Step.FINISH
    assert rolling.state is State.DONE


def test_nobody_leaves_for_a_successor_that_does_not_serve() -> None:
    """It ended, or is not there after a long time: all stays as it is, and another restart may be tried."""
    for rolling, at, alive in ((begun(2), 1, False), (begun(2), START_SECONDS + 1, True)):
        assert rolling.look(at, serves=False, alive=alive) is Step.GIVE_UP
        assert rolling.look(at, serves=False, alive=alive) is None
        assert rolling.begin(at, LEAVE_SECONDS) is Step.START


def test_who_does_not_leave_is_killed() -> None:
    """But not before its calls have had their time."""
    rolling = begun(1)
    assert rolling.look(5, serves=True, alive=True) is Step.RETIRE
    assert rolling.look(5 + LEAVE_SECONDS, serves=False, alive=True) is None
    assert rolling.look(6 + LEAVE_SECONDS, serves=False, alive=True) is Step.KILL
    assert rolling.look(7 + LEAVE_SECONDS, serves=False, alive=False) is Step.FINISH


def test_who_is_told_again_begins_again_at_the_end() -> None:
    """The first ones may have read the campaigns before the last change of them."""
    rolling = begun(2)
    assert restarted(rolling, 5) is Step.START
    assert rolling.begin(6, LEAVE_SECONDS) is None
    assert restarted(rolling, 10) is Step.START
    assert rolling.index == 0
    assert restarted(rolling, 15) is Step.START
    assert restarted(rolling, 20) is Step.FINISH
