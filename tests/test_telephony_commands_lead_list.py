"""Lists of leads, as people keep them."""

from datetime import UTC, datetime

import pytest
from telephony_kit import CAMPAIGN, LEAD, NOW

from agent.campaign import Campaign, FormFields
from agent.gate.tables import TableError
from state.events import Scope
from telephony.commands.lead_list import Listed, Unusable, has_consents, read_leads


def one(header: str, row: str, campaign: Campaign = CAMPAIGN) -> Listed | Unusable:
    """The only lead of a list."""
    (lead,) = read_leads(f"{header}\n{row}\n", "leads.csv", campaign)
    return lead


def test_a_lead_of_a_list_becomes_a_conversation_that_begins_now() -> None:
    """With what the list says of him, and nothing else."""
    header = "number,first_name,zip,source,consent,consent_at,score"
    lead = one(header, '(312) 555-0142,Jordan,60614,web_form,"sms;ai_voice",2026-11-01T10:00-06:00,7')
    assert isinstance(lead, Listed)
    view = lead.view(CAMPAIGN, NOW)
    assert (view.number, view.zip, view.source, view.arrived_at) == (LEAD, "60614", "web_form", NOW)
    agreed = datetime(2026, 11, 1, 16, tzinfo=UTC)
    assert {scope: (c.basis, c.at) for scope, c in view.consents.items()} == dict.fromkeys(Scope, ("written", agreed))
    assert (view.campaign, view.brand) == (CAMPAIGN.id, CAMPAIGN.brand)


@pytest.mark.parametrize(
    ("cell", "scopes"),
    [
        ("", set()),
        ("none", set()),
        ("sms", {Scope.SMS}),
        ("AI_VOICE", {Scope.AI_VOICE}),
        ("sms ai_voice", set(Scope)),
        ("sms|ai_voice", set(Scope)),
        ("written", set(Scope)),
        ("sms_only", {Scope.SMS}),
        ("oral", set(Scope)),
    ],
)
def test_consent_is_what_the_list_says_and_no_more(cell: str, scopes: set[Scope]) -> None:
    """Scopes that were agreed to in writing, or a word of the gate's cases."""
    lead = one("number,consent", f"{LEAD},{cell}")
    assert isinstance(lead, Listed)
    assert set(lead.consents) == scopes
    assert set(lead.consents.values()) <= ({"oral"} if cell == "oral" else {"written"})


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("555,sms,", "number has too few or too many digits"),
        (",sms,", "number is not a telephone number"),
        (f"{LEAD},yes,", "consent 'yes' is not understood"),
        (f"{LEAD},revoked,", "consent 'revoked' is not understood"),
        (f"{LEAD},sms,last week", "consent_at 'last week' is no date"),
    ],
)
def test_a_line_that_cannot_be_used_says_why(row: str, why: str) -> None:
    """A yes is no evidence."""
    lead = one("number,consent,consent_at", row)
    assert isinstance(lead, Unusable)
    assert lead.line == 2
    assert why in lead.why


def test_a_list_needs_a_column_of_numbers() -> None:
    """Under one of its names; whether it speaks of consent is told."""
    assert isinstance(one("phone,zip", f"{LEAD},"), Listed)
    with pytest.raises(TableError, match=r"leads\.csv:1: the header has no column number"):
        list(read_leads("fax\n1\n", "leads.csv", CAMPAIGN))
    assert has_consents("number, consent \n", CAMPAIGN)
    assert not has_consents("number\n", CAMPAIGN)


def test_the_columns_are_those_of_the_import() -> None:
    """One file for both: the gate's preview of a list is of what its import would take in."""
    header = "Mobile,ZIP code,consent.scopes,consent.basis,submitted_at"
    lead = one(header, f"{LEAD},60614,sms ai_voice,inquiry,2026-11-01T10:00-06:00")
    assert isinstance(lead, Listed)
    assert (lead.zip, lead.consents, lead.agreed_at) == (
        "60614",
        dict.fromkeys(Scope, "inquiry"),
        datetime(2026, 11, 1, 16, tzinfo=UTC),
    )
    wrong = one(header, f"{LEAD},60614,sms,spoken,")
    assert isinstance(wrong, Unusable)
    assert wrong.why == "consent.basis 'spoken' is none of written, oral, inquiry"
    form = FormFields(fields={"Cell": "number"}, fixed={"consent.scopes": "sms"}, tick="tcpa")
    theirs = CAMPAIGN.model_copy(update={"form": form})
    ticked, unticked = (one("Cell,tcpa", f"{LEAD},{box}", theirs) for box in ("on", "off"))
    assert isinstance(ticked, Listed)
    assert isinstance(unticked, Listed)
    assert (set(ticked.consents), unticked.consents) == ({Scope.SMS}, {})
