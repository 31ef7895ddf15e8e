"""What an operator is shown of a decision."""

from io import StringIO

import pytest
from gate_support import CAMPAIGN, LEAD, NIGHT, NOON, VIEW, asked, seen
from rich.console import Console

from agent.gate import gate
from agent.gate.contact import Contact, Objection, Rule
from agent.gate.gate import Permit
from agent.gate.zones import Place
from state.effects import PermitKind
from state.events import Channel
from telephony.commands.gate_report import Judged, duties, headlines, show, show_preview


def contact(channel: Channel = Channel.SMS, where: Place | None = None) -> Contact:
    """A contact with the lead at noon."""
    return Contact(VIEW, CAMPAIGN, channel, PermitKind.INITIATE, NOON, LEAD, where=where)


def printed(asked: Contact) -> str:
    """The whole report of a permitted contact, eighty columns wide."""
    out = StringIO()
    show(Console(file=out, width=80), asked, Permit("initiate", "ok", ""), known=True)
    return out.getvalue()


def test_the_answer_comes_first() -> None:
    """Permitted, held until, or refused; with rule, reason and source."""
    assert list(headlines(contact(), asked(), known=True))[-1] == "PERMITTED: ok"
    held = "\n".join(headlines(contact(), asked(now=NIGHT), known=True))
    assert "HELD: quiet_hours, by the rule federal_hours" in held
    assert held.endswith("Next permitted time: Thu 2026-11-19 08:00 America/Chicago")
    refused = "\n".join(headlines(contact(), asked(seen(suppressed=True)), known=False))
    assert "REFUSED: opted_out" in refused
    assert refused.endswith("none, as things stand")


def test_a_call_tells_more_than_a_text() -> None:
    """Recording rules belong to calls."""
    assert any(line.startswith("Recording, IL: all_party") for line in duties(contact(Channel.VOICE)))
    assert not any(line.startswith("Recording") for line in duties(contact()))


def test_hours_are_never_cut_short() -> None:
    """In a narrow terminal a source may wrap; a time of day may not lose its end."""
    report = printed(contact())
    assert "08:00-21:00" in report
    assert "09:00-21:00" in report
    assert "…" not in report


def test_an_unknown_state_is_said_to_be_all() -> None:
    """Instead of fifty-four rows."""
    report = printed(contact(where=Place(("America/Chicago",), ())))
    assert "the state is unknown" in report
    assert "Wyoming" not in report


def test_a_rule_that_fails_does_not_hide_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report says so and goes on."""

    def fail(contact: Contact) -> Objection | None:
        raise ValueError("broken table")

    monkeypatch.setattr(gate, "RULES", (Rule("broken", "", fail),))
    report = printed(contact())
    assert "A rule failed, so nobody is contacted: broken table" in report
    assert "counsel" in report


def test_a_list_is_summed_up() -> None:
    """By verdict and reason, the most frequent first; at most ten unusable lines are named."""
    out = StringIO()
    judged = [Judged(2, asked(), "ok"), Judged(3, asked(now=NIGHT), "quiet_hours")]
    judged += [Judged(line, None, "number is not a telephone number") for line in range(4, 16)]
    show_preview(Console(file=out, width=80), judged)
    report = out.getvalue()
    assert "14 leads: 1 contacted, 1 held, 12 skipped" in report
    assert "2026-11-19 14:00 UTC" in report
    assert report.count("number is not a telephone number") == 10
