from typing import Literal, get_args

import pytest

from state import fold as fold_module
from state.effects import BriefAgent, Dial, HandoffStep, PermitKind, RingAgent, SendText
from state.events import (
    Channel,
    EffectRequested,
    EffectSettled,
    EffectStarted,
    Erased,
    Event,
    EvidenceSealed,
    HandoffAdvanced,
    OutreachHeld,
    Promised,
    Scope,
    TextsResumed,
)
from state.fold import fold, fold_all
from state.view import THREAD_KEPT, Touch, View
from tests.happenings import (
    LEAD,
    NOW,
    at,
    call_arrived,
    call_connected,
    call_ended,
    call_placed,
    call_status,
    consent,
    dial,
    fact,
    held,
    hold_lifted,
    lead_arrived,
    lead_said,
    paused,
    persona_said,
    persona_saying,
    requested,
    resumed,
    send_text,
    settled,
    started,
    suppressed,
    text_received,
    text_sent,
    text_status,
    transfer_ordered,
    whispered,
)


def view_of(*events: Event) -> View:
    """The view of a conversation in which this happened."""
    return fold_all(View(), events)


def test_version_counts_events() -> None:
    """The version is the number of events folded."""
    assert view_of(text_received(1), text_received(2), text_received(3)).version == 3


def test_every_event_kind_has_a_meaning() -> None:
    """There is a fold for each kind of event; `singledispatch` would only say so when the first one arrives."""
    kinds = get_args(get_args(Event)[0])
    handled = fold_module._apply.registry
    assert [kind.__name__ for kind in kinds if kind not in handled] == []


def test_unknown_event_is_a_programming_error() -> None:
    """What is no event cannot be folded."""
    with pytest.raises(AssertionError, match="no fold for str"):
        fold(View(), "hello")  # type: ignore[arg-type]


def test_folding_leaves_the_view_it_started_from() -> None:
    """Views are immutable: folding makes a new one."""
    empty = View()
    fold(empty, lead_arrived(product="home"))
    assert empty == View()


def test_lead_and_given_facts() -> None:
    """A lead brings his identity and the facts of the form, with their source."""
    view = view_of(lead_arrived(product="home"))
    assert (view.number, view.brand, view.first_name, view.zip) == (LEAD, "harbor-lane", "Jordan", "60614")
    assert view.known("product") == "home"
    assert view.facts["product"].source == "lead:form:1"


def test_second_arrival_keeps_the_known_name() -> None:
    """A later first contact without a name does not erase the one we have."""
    again = lead_arrived().model_copy(update={"id": "lead:2", "first_name": None, "zip": None})
    view = view_of(lead_arrived(), again)
    assert (view.first_name, view.zip) == ("Jordan", "60614")


def test_correction_replaces_the_value() -> None:
    """The newest value of a fact counts, and its time and source with it."""
    view = view_of(fact("move_in", "May 1", n=1), fact("move_in", "June 1", n=2))
    assert view.known("move_in") == "June 1"
    assert view.facts["move_in"].at == at(2)


def test_unknown_fact_is_none() -> None:
    """A fact nobody told us has no value."""
    assert View().known("product") is None


def test_consents_are_kept_by_scope() -> None:
    """Each scope points at its newest evidence."""
    view = view_of(consent(Scope.SMS, Scope.AI_VOICE), consent(Scope.SMS, id="consent:2", seconds=60))
    assert view.consents[Scope.SMS].event == "consent:2"
    assert view.consents[Scope.AI_VOICE].event == "consent:1"


def test_suppression_stops_both_channels_and_empties_the_outbox() -> None:
    """A stop cancels what was queued for the lead, by the same event."""
    view = view_of(requested("send:1", send_text()), requested("dial:1", dial()), suppressed())
    assert view.suppressed
    assert view.voice_suppressed
    assert view.outbox == {}


def test_suppression_cancels_a_transfer_too() -> None:
    """Nobody is rung for a lead who wants to be left alone."""
    ring = RingAgent(handoff="h1", agent="Sarah", to="+13125550101")
    assert view_of(requested("ring:1", ring), suppressed()).outbox == {}


def test_what_is_under_way_has_yet_to_settle() -> None:
    """An effect a worker has begun is not forgotten: its outcome has to be known."""
    started = EffectStarted(id="send:1:started", at=NOW, effect="send:1", rule="ok")
    view = view_of(requested("send:1", send_text()), started, suppressed())
    assert list(view.outbox) == ["send:1"]


def test_effect_requested_after_the_stop_stays() -> None:
    """The confirmation of a stop is requested after it, and is not cancelled by it."""
    confirmation = send_text("You are unsubscribed.").model_copy(update={"permit": PermitKind.OPT_OUT_CONFIRMATION})
    assert list(view_of(suppressed(), requested("confirm:1", confirmation)).outbox) == ["confirm:1"]


def test_start_resumes_texts_only() -> None:
    """START lets texts go on; calls stay forbidden."""
    view = view_of(suppressed(), TextsResumed(id="start:1", at=NOW))
    assert not view.suppressed
    assert view.voice_suppressed


def test_hold_says_why() -> None:
    """A held conversation carries its reason."""
    assert view_of(OutreachHeld(id="hold:1", at=NOW, reason="angry")).held == "angry"


def test_thread_holds_both_channels_in_order() -> None:
    """Texts and speech are one thread."""
    view = view_of(
        text_sent(1, "Still looking?"),
        text_received(1, "Yeah"),
        call_placed(),
        call_connected(),
        persona_said(1, "Hi Jordan."),
        lead_said(1, "Hi."),
    )
    assert [(line.channel, line.who, line.text) for line in view.thread] == [
        (Channel.SMS, "persona", "Still looking?"),
        (Channel.SMS, "lead", "Yeah"),
        (Channel.VOICE, "persona", "Hi Jordan."),
        (Channel.VOICE, "lead", "Hi."),
    ]


def test_thread_is_bounded() -> None:
    """The view carries the newest lines only."""
    view = view_of(*(text_received(n, str(n)) for n in range(THREAD_KEPT + 5)))
    assert len(view.thread) == THREAD_KEPT
    assert view.thread[-1].text == str(THREAD_KEPT + 4)


def test_last_line_of_each_side() -> None:
    """The newest line of one side is found past the other's."""
    view = view_of(text_sent(1, "Hello"), text_received(1, "Hi"), text_received(2, "Still there?"))
    lead, persona = view.last_line("lead"), view.last_line("persona")
    assert lead is not None
    assert persona is not None
    assert (lead.text, persona.text) == ("Still there?", "Hello")
    assert View().last_line("lead") is None


def test_questions_are_remembered_across_channels() -> None:
    """What was asked by text and by voice is one list."""
    view = view_of(text_sent(1, asks="product"), call_placed(), persona_said(1, "When do you move in?", asks="move_in"))
    assert view.asked == ("product", "move_in")


def test_cut_off_question_stays_open() -> None:
    """Only what was heard counts: a question the lead cut off was not asked."""
    view = view_of(call_placed(), persona_said(1, "Great. When do you move in?", "Great.", cut_ms=400, asks="move_in"))
    assert view.asked == ()
    assert view.thread[-1].text == "Great."
    assert view.thread[-1].cut


def test_touches_count_texts_and_dials() -> None:
    """The caps count what the carrier took, on both channels."""
    view = view_of(text_sent(1), call_placed())
    assert view.touches == (
        Touch(channel=Channel.SMS, at=NOW, permit=PermitKind.INITIATE),
        Touch(channel=Channel.VOICE, at=NOW, permit=PermitKind.INITIATE),
    )


def test_last_lead_text_time() -> None:
    """The grace for replies runs from the lead's newest text."""
    assert view_of(text_received(1, seconds=5), text_received(2, seconds=9)).last_lead_text_at == at(9)


@pytest.mark.parametrize(
    ("reports", "final"),
    [
        (["queued", "sending", "sent", "delivered"], "delivered"),
        (["delivered", "sent", "queued"], "delivered"),
        (["sent", "queued", "undelivered"], "undelivered"),
        (["failed", "sent"], "failed"),
        (["delivered", "undelivered"], "delivered"),
    ],
)
def test_delivery_reports_never_go_back(reports: list[str], final: str) -> None:
    """Reports come in any order; the furthest state stands, and the first final one is final."""
    assert view_of(text_sent(1), *(text_status(1, report) for report in reports)).texts == {"SMo1": final}


def test_report_may_overtake_the_text() -> None:
    """A delivery report that lands before our own note of sending is kept."""
    assert view_of(text_status(1, "delivered"), text_sent(1)).texts == {"SMo1": "delivered"}


def test_call_lives_from_connected_to_ended() -> None:
    """A call is live while its audio is with us."""
    assert view_of(call_placed()).live_call is None
    live = view_of(call_placed(), call_connected()).live_call
    assert live is not None
    assert live.call == "CA1"
    assert view_of(call_placed(), call_connected(), call_ended()).live_call is None


def test_call_that_comes_back_is_live_again() -> None:
    """A call whose socket died connects again by its action URL."""
    view = view_of(call_arrived(), call_connected(), call_ended(), call_connected(stream="MZ2"))
    assert view.live_call is not None


def test_what_is_being_said_is_known_until_it_was_heard_or_answered() -> None:
    """A turn that broke is left over, as far as it was not heard; one that was heard out or answered is not."""
    on, saying = [call_arrived(), call_connected()], persona_saying(2, "One. Two.", heard="One.")
    left = view_of(*on, saying).calls["CA1"].saying
    assert left is not None
    assert (left.rest, left.accounted) == ("Two.", False)
    cut = view_of(*on, saying, persona_said(2, "One. Two.", heard="One. Tw", cut_ms=400)).calls["CA1"].saying
    assert cut is not None
    assert (cut.heard, cut.accounted) == ("One. Tw", True)
    for over in (persona_said(2, "One. Two."), lead_said(3), call_ended(), call_status("completed", 4)):
        assert view_of(*on, saying, over).calls["CA1"].saying is None


def test_call_status_follows_the_sequence_not_the_arrival() -> None:
    """A late report of an earlier state changes nothing; any final report ends the call."""
    view = view_of(call_placed(), call_status("completed", 3), call_status("ringing", 1))
    assert view.calls["CA1"].status == "completed"
    assert view.calls["CA1"].ended


def test_call_status_may_overtake_the_dial() -> None:
    """A status that lands before our own note of dialling is kept, and the dial still counts as a touch."""
    view = view_of(call_status("ringing", 1), call_placed())
    assert view.calls["CA1"].status == "ringing"
    assert len(view.touches) == 1


@pytest.mark.parametrize("status", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_final_call_statuses_end_the_call(status: str) -> None:
    """Each of the carrier's final states ends a call."""
    assert view_of(call_placed(), call_status(status, 2)).calls["CA1"].ended


def later(event: Event, seconds: float) -> Event:
    """The same, so much later."""
    return event.model_copy(update={"at": at(seconds)})


def test_a_call_that_was_handed_over_is_away_until_it_is_over() -> None:
    """Its audio has left us, not the lead; once the carrier has said that the call is over, nobody is away."""
    on, handed_over = [call_placed(), call_connected()], call_ended(cause="transferred")
    away = view_of(*on, handed_over).calls["CA1"]
    assert (away.away, away.connected, away.ended) == (True, False, False)
    over = view_of(*on, call_status("completed", 4), handed_over).calls["CA1"]
    assert (over.away, over.ended) == (False, True)


def test_a_call_ended_when_that_was_first_said() -> None:
    """Our own account of the end and the carrier's report may come in either order."""
    ends = call_ended(), call_status("completed", 4)
    for first, second in (ends, ends[::-1]):
        view = view_of(call_placed(), call_connected(), later(first, 10), later(second, 25))
        assert view.calls["CA1"].ended_at == at(10)


def test_directions() -> None:
    """Who dialled is remembered."""
    view = view_of(call_placed("CA1"), call_arrived("CA2"))
    assert (view.calls["CA1"].direction, view.calls["CA2"].direction) == ("outbound", "inbound")


def test_turns_of_a_call() -> None:
    """A call knows the number of its last turn; speech on an unknown call changes only the thread."""
    view = view_of(call_placed(), lead_said(1), lead_said(2))
    assert view.calls["CA1"].turns == 2
    assert view_of(lead_said(1)).calls == {}


def test_outbox_is_what_was_requested_and_not_settled() -> None:
    """An effect waits, is started, and leaves when it has settled, whatever the outcome."""
    waiting = view_of(requested("dial:1", dial(), due=30))
    assert waiting.outbox["dial:1"].due == at(30)
    assert not waiting.outbox["dial:1"].started
    acting = fold(waiting, started("dial:1"))
    assert acting.outbox["dial:1"].started
    assert fold(acting, settled("dial:1")).outbox == {}


def test_starting_or_settling_the_unknown_changes_nothing() -> None:
    """Total: an event about an effect that is not there is counted and no more."""
    assert view_of(started("x"), settled("x")) == View(version=2)


def test_promises_are_kept_in_order() -> None:
    """The view lists what we committed to."""
    promises = [Promised(id=f"promise:{n}", at=NOW, what=what) for n, what in enumerate(["call at 4", "send quote"])]
    assert view_of(*promises).promises == ("call at 4", "send quote")


def step(
    name: HandoffStep,
    handoff: str = "h1",
    agent: str | None = None,
    agent_call: str | None = None,
    summary: str | None = None,
) -> HandoffAdvanced:
    """A warm transfer of call CA1 reached a step."""
    return HandoffAdvanced(
        id=f"handoff:{handoff}:{name}",
        at=NOW,
        handoff=handoff,
        step=name,
        call="CA1",
        agent=agent,
        agent_call=agent_call,
        summary=summary,
    )


def test_handoff_keeps_what_earlier_steps_said() -> None:
    """A step names only what is new; the rest is carried along."""
    view = view_of(
        step(HandoffStep.REQUESTED, summary="Home, June 1", agent="Sarah"),
        step(HandoffStep.RINGING, agent_call="CA9"),
        step(HandoffStep.ACCEPTED),
    )
    assert view.handoff is not None
    assert view.handoff.step is HandoffStep.ACCEPTED
    assert (view.handoff.summary, view.handoff.agent, view.handoff.agent_call) == ("Home, June 1", "Sarah", "CA9")


def test_handoff_knows_who_was_asked_and_what_was_offered() -> None:
    """Nobody is named twice, and what the lead was offered outlasts later steps."""
    asked = step(HandoffStep.REQUESTED, agent="Sarah").model_copy(update={"offer": at(3600)})
    again = step(HandoffStep.REQUESTED, agent="Sarah").model_copy(update={"id": "handoff:h1:again"})
    view = view_of(asked, again, step(HandoffStep.RINGING))
    assert view.handoff is not None
    assert (view.handoff.tried, view.handoff.offer) == (("Sarah",), at(3600))


@pytest.mark.parametrize("outcome", ["done", "failed"])
def test_the_card_is_there_once_it_was_taken(outcome: Literal["done", "failed"]) -> None:
    """The card itself, not the ringing that is settled beside it."""
    effects = {
        "brief:1": BriefAgent(handoff="h1", to="+13125550101", body="Home, June 1"),
        "ring:1": RingAgent(handoff="h1", agent="Sarah", to="+13125550101"),
    }
    begun = [step(HandoffStep.REQUESTED, agent="Sarah"), *(requested(key, one) for key, one in effects.items())]
    rung = view_of(*begun, settled("ring:1"))
    carded = view_of(*begun, settled("brief:1").model_copy(update={"outcome": outcome}))
    assert rung.handoff is not None
    assert carded.handoff is not None
    assert (rung.handoff.briefed, carded.handoff.briefed) == (False, outcome == "done")


def test_new_handoff_starts_clean() -> None:
    """Nothing of an earlier transfer leaks into the next."""
    view = view_of(step(HandoffStep.REQUESTED, agent="Sarah"), step(HandoffStep.REQUESTED, handoff="h2"))
    assert view.handoff is not None
    assert view.handoff.agent is None


def test_view_survives_json() -> None:
    """A snapshot read back is the view that was written, whatever is in it."""
    brief = BriefAgent(handoff="h1", to="+13125550101", body="Home, June 1")
    view = view_of(
        lead_arrived(product="home", drivers=2, renter=False),
        consent(Scope.SMS),
        requested("brief:1", brief),
        text_sent(1, asks="product"),
        text_status(1, "sent"),
        call_placed(),
        call_connected(),
        persona_said(1, "Hello there", "Hello", cut_ms=200),
        step(HandoffStep.REQUESTED, summary="s"),
    )
    assert View.model_validate_json(view.model_dump_json()) == view


def test_a_wrong_number_is_not_resumed() -> None:
    """The new owner's START gives nobody's consent back; nor does an opt-out that follows."""
    resumed = TextsResumed(id="start:1", at=NOW)
    assert view_of(lead_arrived(), suppressed("wrong_number"), resumed).suppressed
    again = suppressed().model_copy(update={"id": "stop:2"})
    assert view_of(lead_arrived(), suppressed("wrong_number"), again, resumed).suppressed


def test_another_lead_of_the_brand_lifts_nothing() -> None:
    """A form of another campaign, with a new consent, does not undo a stop."""
    other = lead_arrived().model_copy(update={"id": "lead:form:2", "campaign": "lending"})
    view = view_of(lead_arrived(), suppressed(), other, consent(Scope.SMS, Scope.AI_VOICE, id="consent:2"))
    assert (view.campaign, view.suppressed, view.voice_suppressed) == ("lending", True, True)


def test_an_informational_consent_permits_no_sales_contact() -> None:
    """It is evidence, and nothing more."""
    informational = consent(Scope.SMS).model_copy(update={"purpose": "informational"})
    assert view_of(lead_arrived(), informational).consents == {}


CONFIRM = send_text("You are opted out.").model_copy(update={"permit": PermitKind.OPT_OUT_CONFIRMATION})


@pytest.mark.parametrize(
    ("outcome", "may_follow"),
    [("done", False), ("unknown", False), ("failed", True), ("refused", True), ("cancelled", True)],
)
def test_a_confirmation_is_spent_unless_it_surely_failed(outcome: str, may_follow: bool) -> None:
    """What may have reached the lead has confirmed the opt-out."""
    under_way = view_of(suppressed(), requested("reply:1", CONFIRM), started("reply:1"))
    assert under_way.confirmation == "reply:1"
    over = fold(under_way, settled("reply:1").model_copy(update={"outcome": outcome}))
    assert (over.confirmation is None) is may_follow


def test_an_erased_conversation_begins_anew() -> None:
    """Name, facts, thread and consents are gone; number, suppression and the contacts that count are not."""
    view = view_of(
        lead_arrived(product="home"),
        consent(Scope.SMS),
        text_sent(1, asks="interest"),
        text_received(1),
        requested("send:2", send_text()),
        suppressed(),
        Erased(id="erased:6", at=at(60), reason="request"),
    )
    assert (view.first_name, view.zip, view.thread, view.asked, view.consents) == (None, None, (), (), {})
    assert (view.number, view.suppressed, len(view.touches), view.outbox) == (LEAD, True, 1, {})


def test_a_seal_means_nothing_to_the_view() -> None:
    """It is there for whoever verifies the ledger."""
    before = view_of(lead_arrived())
    seal = EvidenceSealed(id="seal:1", at=NOW, rows=1, row_hash="0" * 64)
    assert fold(before, seal) == before.model_copy(update={"version": 2})


@pytest.mark.parametrize(
    ("effect", "channel"),
    [
        (SendText(permit=PermitKind.INITIATE, to="+13125550142", body="Hi"), Channel.SMS),
        (Dial(permit=PermitKind.INITIATE, to="+13125550142"), Channel.VOICE),
    ],
)
def test_an_attempt_of_unknown_outcome_counts_as_a_touch(effect: SendText | Dial, channel: Channel) -> None:
    """It may have reached the lead: the caps and the spacing take it that it did. One that surely failed does not."""
    asked = EffectRequested(id="e", at=NOW, effect=effect, due=NOW)
    unknown = EffectSettled(id="e:settled", at=NOW, effect="e", outcome="unknown")
    view = fold_all(View(), [asked, unknown])
    assert [(touch.channel, touch.at, touch.permit) for touch in view.touches] == [(channel, NOW, PermitKind.INITIATE)]
    assert fold(view, unknown.model_copy(update={"id": "again"})).touches == view.touches
    assert fold_all(View(), [asked, unknown.model_copy(update={"outcome": "failed"})]).touches == ()


# What operators do ---------------------------------------------------------------------------------------------------


def test_a_person_takes_over_and_gives_back() -> None:
    """The view says who has taken over, until he gives back."""
    assert view_of(lead_arrived(), paused()).paused == "Kim"
    assert view_of(lead_arrived(), paused(), resumed()).paused is None


def test_a_hold_is_lifted() -> None:
    """Somebody has looked."""
    assert view_of(lead_arrived(), held(), hold_lifted()).held is None


def test_a_person_s_text_says_whose_it_is() -> None:
    """It is on our side of the thread, and not the persona's."""
    [line] = view_of(text_sent(1, "Kim here, I can help.").model_copy(update={"by": "Kim"})).thread
    assert (line.who, line.by) == ("persona", "Kim")


def test_a_whisper_lasts_as_long_as_its_call() -> None:
    """The next call begins without what was said behind the lead's back in the last."""
    during = (call_placed(), call_connected(), whispered("Ask about the roof."))
    assert view_of(*during).whispers == ("Ask about the roof.",)
    assert view_of(*during, call_ended()).whispers == ()
    assert view_of(*during, call_status("completed", 5)).whispers == ()
    assert view_of(*during, call_ended(), whispered("Too late.")).whispers == ()


def test_an_order_to_transfer_changes_nothing_by_itself() -> None:
    """The call takes it up, and what comes of it is in the record then."""
    before = view_of(lead_arrived(), call_placed())
    assert fold(before, transfer_ordered()) == before.model_copy(update={"version": 3})
