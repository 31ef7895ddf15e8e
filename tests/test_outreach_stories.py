"""Calls that go another way than planned, from beginning to end: the real app, a sandbox network, a faster clock."""

from collections.abc import Awaitable, Callable

from call_rig import Phrases
from telephony_kit import LEAD, OURS
from transfer_stage import Caller, Stage, play_outbound

from state.events import CallConnected, CallEnded, Event, PersonaSaid, TextReceived, TextSent
from state.fold import fold_all
from state.view import View

Act = Callable[[Stage, Caller], Awaitable[None]]


async def listens(stage: Stage, lead: Caller) -> None:
    """He does what his lines say."""


def called(valkey_url: str, *lines: str, hello: str = "hello?", act: Act = listens) -> list[Event]:
    """He asks for a call, takes it, says his lines and acts; the log when that is over, with nothing Twilio refused."""
    callers: list[Caller] = []

    def someone(phrases: Phrases) -> Caller:
        callers.append(Caller(phrases, *lines, hello=hello))
        return callers[0]

    async def story(stage: Stage) -> None:
        await stage.sandbox.text(LEAD, OURS, "call me now please")
        await stage.until(lambda log: any(isinstance(event, CallConnected) for event in log))
        await act(stage, callers[0])
        await stage.until(lambda log: any(isinstance(event, CallEnded) for event in log))

    log, sandbox = play_outbound(valkey_url, story, someone)
    assert (sandbox.violations, sandbox.warnings, sandbox.errors) == ([], [], [])
    return log


def after_the_opening(log: list[Event]) -> str:
    """What the persona said once it had opened."""
    return " ".join([event.heard for event in log if isinstance(event, PersonaSaid)][1:])


def ended(log: list[Event]) -> str:
    """How the call ended."""
    return next(event.cause for event in log if isinstance(event, CallEnded))


def test_a_stranger_who_answers_hears_nothing_of_the_lead_and_is_left_alone(valkey_url: str) -> None:
    """The number is closed at once, and no text follows the call."""
    log = called(valkey_url, "you have the wrong number there is no jordan here")
    view = fold_all(View(), log)
    assert (view.suppressed_as, view.outbox) == ("wrong_number", {})
    assert after_the_opening(log) == "Sorry for the mix-up. We won't contact this number again. Goodbye."
    assert ended(log) == "we_hung_up"
    assert not any(isinstance(event, TextSent) for event in log)


def test_who_answers_for_the_lead_is_no_stop(valkey_url: str) -> None:
    """She is told that he may get in touch, and the number stays his."""
    log = called(valkey_url, "this is his wife he is not here")
    assert not fold_all(View(), log).suppressed
    assert "can call or text this number any time" in after_the_opening(log)
    assert ended(log) == "we_hung_up"


def test_who_hangs_up_in_the_greeting_gets_one_text_that_speaks_of_the_call(valkey_url: str) -> None:
    """What of the greeting he heard is on record; he had asked for the call, so the text does not wait for the hour."""

    async def hangs_up(stage: Stage, lead: Caller) -> None:
        lead.leaves.set()
        await stage.until(lambda log: any(isinstance(event, TextSent) for event in log))

    log = called(valkey_url, hello="", act=hangs_up)
    assert ended(log) == "lead_hung_up"
    [text] = [event.body for event in log if isinstance(event, TextSent)]
    assert "tried to call you" in text


def test_a_stop_by_text_ends_the_call_that_is_up(valkey_url: str) -> None:
    """He hears that it is understood, and nothing else."""

    async def writes(stage: Stage, lead: Caller) -> None:
        await stage.sandbox.text(LEAD, OURS, "STOP")

    log = called(valkey_url, act=writes)
    view = fold_all(View(), log)
    assert (view.suppressed, view.voice_suppressed, view.outbox) == (True, True, {})
    heard = [event.heard for event in log if isinstance(event, PersonaSaid)]
    assert heard[-1] == "I've got your request and we'll stop contacting you. Goodbye."
    assert ended(log) == "we_hung_up"
    stop = max(n for n, event in enumerate(log) if isinstance(event, TextReceived))
    assert not any(isinstance(event, TextSent) for event in log[stop:])
