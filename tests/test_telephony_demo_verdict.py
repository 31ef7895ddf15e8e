"""The demo's verdict: it must be able to say no. A good story is told, and then each thing in it is broken."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from agent.campaign import load_campaign
from state.effects import BriefAgent, HandoffStep, PermitKind
from state.events import (
    CallConnected,
    CallEnded,
    CallPlaced,
    EffectRequested,
    Event,
    FactLearned,
    HandoffAdvanced,
    LeadArrived,
    LeadSaid,
    PersonaSaid,
    TextReceived,
    TextSent,
)
from state.fold import fold_all
from state.view import View
from telephony.demo.verdict import Evidence, judge

AT = datetime(2026, 11, 18, 20, 5, tzinfo=UTC)
CARD = "Jordan: home, no present cover, within weeks."
CAMPAIGN = load_campaign(Path("campaigns/insurance.yaml"))


def fact(key: str, value: str | bool, source: str) -> FactLearned:
    """Something the lead told us."""
    return FactLearned(id=f"{source}:{key}", at=AT, key=key, value=value, source=source)


def text_sent(n: int, asks: str | None = None) -> TextSent:
    """A text of ours."""
    permit = PermitKind.INITIATE
    return TextSent(id=f"sms:o{n}", at=AT, sid=f"o{n}", effect=f"e{n}", body="…", asks=asks, permit=permit)


def lead_said(turn: int) -> LeadSaid:
    """A turn of the lead's."""
    name = f"turn:CA:{turn}:lead"
    return LeadSaid(id=name, at=AT, call="CA", turn=turn, text="…", start_ms=0, end_ms=1)


def persona_said(turn: int, asks: str | None = None, *, cut: bool = False) -> PersonaSaid:
    """A turn of the persona's."""
    return PersonaSaid(
        id=f"turn:CA:{turn}:persona",
        at=AT + timedelta(seconds=turn),
        call="CA",
        turn=turn,
        text="Is it a house or a condo?",
        heard="Is it a" if cut else "Is it a house or a condo?",
        cut_ms=400 if cut else None,
        asks=asks,
    )


def transfer(step: HandoffStep) -> HandoffAdvanced:
    """A step of the hand-over."""
    return HandoffAdvanced(id=f"handoff:h:{step}", at=AT, handoff="h", step=step, call="CA", agent="Sarah")


def good_log() -> list[Event]:
    """The story as it should be."""
    brief = BriefAgent(handoff="h", to="+13125550177", body=CARD)
    return [
        LeadArrived(id="lead", at=AT, number="+13125550142", brand="b", campaign="insurance", source="form"),
        text_sent(1, "interest"),
        TextReceived(id="sms:i1", at=AT, sid="i1", body="yeah"),
        text_sent(2, "ready_to_talk"),
        TextReceived(id="sms:i2", at=AT, sid="i2", body="sure, for home"),
        fact("product", "home", "sms:i2"),
        fact("ready_to_talk", True, "sms:i2"),
        CallPlaced(id="placed", at=AT, call="CA", effect="dial", permit=PermitKind.REQUESTED_TIME),
        CallConnected(id="connected", at=AT, call="CA", stream="MZ"),
        *(lead_said(turn) for turn in (1, 2, 3)),
        fact("current_insurance", "none", "turn:CA:2:lead"),
        persona_said(3, "property_type", cut=True),
        lead_said(4),
        fact("coverage_start", "within_weeks", "turn:CA:4:lead"),
        EffectRequested(id="brief", at=AT, effect=brief, due=AT),
        *(transfer(step) for step in ("requested", "ringing", "briefing", "accepted")),
        CallEnded(id="ended", at=AT, call="CA", cause="transferred", heard_ms=30_000),
        transfer(HandoffStep.JOINED),
    ]


def sounds(*spans: tuple[float, float]) -> npt.NDArray[np.int16]:
    """A side of a 40 s call that sounds between these seconds."""
    pcm = np.zeros(40 * 8000, np.int16)
    for start, end in spans:
        pcm[int(start * 8000) : int(end * 8000)] = 5000
    return pcm


LEAD = sounds((5, 6), (10, 11), (14.5, 15.5), (20, 21))
HEARD = sounds((1, 4), (6.4, 8), (11.4, 14.6), (15.9, 18), (21.4, 25), (32, 36))
"""The persona answers each turn in 400 ms, is silent 100 ms after it is cut at 14.5, and a person speaks from 32."""


def evidence(**changes: Any) -> Evidence:
    """The good story, but for the changes."""
    log = changes.pop("log", good_log())
    given: dict[str, Any] = {
        "log": log,
        "view": fold_all(View(), log),
        "campaign": CAMPAIGN,
        "recording": np.stack((LEAD, HEARD), axis=1),
        "card": CARD,
        "whisper": "Jordan, home.",
        "complaints": [],
    }
    return Evidence(**(given | changes))


def failed(given: Evidence) -> list[str]:
    """The checks that say no."""
    return [check.what for check in judge(given) if not check.happened]


def without(kind: type, keep: int = 0) -> list[Event]:
    """The good log with all but the first `keep` events of a kind gone."""
    seen, log = 0, []
    for event in good_log():
        seen += isinstance(event, kind)
        if not isinstance(event, kind) or seen <= keep:
            log.append(event)
    return log


def lacking(unwanted: Callable[[Event], bool]) -> list[Event]:
    """The good log without some events."""
    return [event for event in good_log() if not unwanted(event)]


def test_the_good_story_happened() -> None:
    """Every check says yes."""
    assert failed(evidence()) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"log": without(TextReceived, keep=1)}, "texted"),
        ({"log": without(CallConnected)}, "called"),
        ({"log": lacking(lambda event: isinstance(event, FactLearned) and event.key == "ready_to_talk")}, "called"),
        ({"log": without(LeadSaid, keep=3)}, "heard and answered"),
        ({"recording": np.stack((LEAD, np.zeros_like(HEARD)), axis=1)}, "heard and answered"),
        ({"log": without(PersonaSaid)}, "stopped speaking"),
        (
            {"recording": np.stack((LEAD, sounds((1, 4), (6.4, 8), (11.4, 18), (21.4, 25), (32, 36))), axis=1)},
            "stopped",
        ),
        ({"log": [*good_log(), persona_said(9, "product")]}, "asked nothing"),
        ({"log": lacking(lambda event: isinstance(event, FactLearned) and event.key == "coverage_start")}, "qualified"),
        ({"card": ""}, "summary"),
        ({"card": CARD + " Wants auto too."}, "summary"),
        ({"whisper": ""}, "summary"),
        ({"log": lacking(lambda event: event.id == "handoff:h:accepted")}, "put through"),
        ({"recording": np.stack((LEAD, HEARD), axis=1)[: 31 * 8000]}, "heard the person"),
        ({"complaints": ["31951 extra field"]}, "carrier's protocol"),
    ],
)
def test_what_did_not_happen_is_noticed(change: dict[str, Any], expected: str) -> None:
    """Each broken thing fails the check that is about it."""
    assert any(expected in what for what in failed(evidence(**change)))


def test_nothing_at_all_passes_nothing() -> None:
    """An empty record and an empty recording fail every check but the carrier's, which had no reason to complain."""
    empty = evidence(log=[], recording=np.zeros((0, 2), np.int16), card="", whisper="")
    assert len(failed(empty)) == len(judge(empty)) - 1
