"""What a process may take of a view it has read before, and when it has to fold the log anew."""

from datetime import UTC, datetime

from state.codec import SCHEMA, encode
from state.events import Erased, Event, TextReceived
from state.fold import fold_all
from state.view import View
from state.views import Entry, Fields, Held, Views

AT = datetime(2026, 11, 18, 20, tzinfo=UTC)


def text(n: int, body: str = "hi") -> TextReceived:
    """The lead's nth text."""
    return TextReceived(id=f"sms:{n}", at=AT, sid=f"SM{n}", body=body)


def fields(event: Event) -> Fields:
    """An event as it stands in the log."""
    return {"schema": str(SCHEMA), "event": encode(event)}


def entries(*events: Event, since: int = 1) -> list[Entry]:
    """A stretch of the log."""
    return [(f"{n}-0", fields(event)) for n, event in enumerate(events, since)]


TWO = Held.of(View(), entries(text(1), text(2)))


def test_a_snapshot_is_folded_on() -> None:
    """The entry it ends with comes again, to be compared; only those after it are new."""
    held = Held.of(TWO.view, entries(text(2), text(3), since=2))
    assert held.view == fold_all(View(), [text(1), text(2), text(3)])
    assert held.unsaved == 1


def test_what_is_new_is_folded_on_top() -> None:
    """From the entry it ended with on; nothing before it is read again."""
    held = TWO.onwards(entries(text(2), text(3), since=2))
    assert held is not None
    assert held.view == held.newest == fold_all(View(), [text(1), text(2), text(3)])
    assert (held.last, held.unsaved) == (fields(text(3)), 3)


def test_another_history_is_not_gone_on_with() -> None:
    """Another entry in the place of the last one, or none: a replica took over, or the words were taken out."""
    assert TWO.onwards(entries(text(2, "other words"), text(3), since=2)) is None
    assert TWO.onwards([]) is None
    assert TWO.onwards(entries(text(2), Erased(id="x", at=AT, reason="request"), since=2)) is None


def test_what_was_appended_here_is_known_before_it_is_read() -> None:
    """It is in the newest view at once, and not yet in what Redis vouched for."""
    held = TWO.with_own([fields(text(3))], 3)
    assert held.newest == fold_all(View(), [text(1), text(2), text(3)])
    assert held.view == TWO.view
    assert held.with_own([fields(text(4))], 4).newest.version == 4


def test_what_was_appended_here_is_read_as_it_was() -> None:
    """It counts as read when it is found in the log; what came after it is folded on."""
    held = TWO.with_own([fields(text(3))], 3).onwards(entries(text(2), text(3), text(4), since=2))
    assert held is not None
    assert held.view == held.newest == fold_all(View(), [text(1), text(2), text(3), text(4)])
    assert held.own == ()


def test_an_append_of_ours_that_was_lost_is_not_believed() -> None:
    """Redis has something else in its place, or nothing: what was read counts."""
    mine = TWO.with_own([fields(text(3))], 3)
    instead = mine.onwards(entries(text(2), text(9), since=2))
    assert instead is not None
    assert instead.view == fold_all(View(), [text(1), text(2), text(9)])
    nothing = mine.onwards(entries(text(2), since=2))
    assert nothing is not None
    assert nothing.newest == TWO.view


def test_an_append_that_came_after_others_is_not_put_on_top() -> None:
    """What is between is not known here."""
    assert TWO.with_own([fields(text(4))], 4) == TWO


def test_a_conversation_that_began_here_is_kept_and_one_that_never_did_is_not() -> None:
    """The first append made all there is; an append on top of what was not read makes nothing that could be kept."""
    views = Views()
    views.appended("began", [fields(text(1))], 1)
    views.appended("unread", [fields(text(2))], 2)
    views.keep("empty", Held.of(View(), []))
    began = views.get("began")
    assert began is not None
    assert began.view == fold_all(View(), [text(1)])
    assert views.get("unread") is None
    assert views.get("empty") is None
