"""Leads as pairs of names and values, the way web forms and lists have them, brought to the shape the API takes.

A name is ours if it is a field of a lead (`number`, `first_name`, `zip`, `source`, `submitted_at`), a field of his
consent (`consent.disclosure`, or `disclosure` or `consent_disclosure`), or a question of the campaign's, with or
without `facts.` before it. Case does not matter, nor what stands between words. The campaign's `form` gives names of
its own, which go first.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from agent.campaign import Campaign
from agent.gate.cases import CONSENTS, Basis
from state.events import Scope
from telephony.leads.submission import ConsentIn, LeadIn

TICKED = frozenset({"1", "on", "true", "yes", "y", "checked", "x"})
YES = TICKED
NO = frozenset({"0", "off", "false", "no", "n", ""})

_LEAD = ("number", "first_name", "zip", "source", "submitted_at")
_OTHER_NAMES = {
    "phone": "number",
    "phone_number": "number",
    "mobile": "number",
    "firstname": "first_name",
    "zip_code": "zip",
    "postal_code": "zip",
    "lead_source": "source",
    "consent_at": "submitted_at",
    "consent": "consent.scopes",
    "consent_text": "consent.disclosure",
}
_CONSENT = tuple(ConsentIn.model_fields)
_LISTS = frozenset({"consent.scopes", "consent.source_chain"})


def as_lead(
    pairs: Mapping[str, str], campaign: Campaign, *, actor: str, fixed: Mapping[str, str] | None = None
) -> LeadIn:
    """The lead that a form or a row names. Empty values are left out; so are names that are nobody's.

    Args:
        pairs: as they came.
        campaign: whose lead he is.
        actor: who records his consent.
        fixed: what holds for all of them, by our names; what the pairs say goes first.

    Raises:
        pydantic.ValidationError: naming each field that is missing or wrong, by our names.
    """
    lead: dict[str, Any] = {"campaign": campaign.id, "facts": {}}
    consent: dict[str, Any] = {"actor": actor, "act": "tick"}
    for name, value in by_our_names(pairs, campaign, fixed).items():
        part, _, key = name.partition(".")
        if part == "facts":
            lead["facts"][key] = _fact(value, key, campaign)
        elif part == "consent":
            consent |= _consented(key, value)
        else:
            lead[name] = value
    if has_ticked(pairs, campaign) and consent.get("scopes"):
        lead["consent"] = {"basis": "written"} | consent
    return LeadIn.model_validate(lead)


def by_our_names(
    pairs: Mapping[str, str], campaign: Campaign, fixed: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The values that mean something to us, by our names: of the pairs, and of what holds for all of them."""
    known = {**(fixed or {}), **campaign.form.fixed}
    stripped = ((name, value.strip()) for name, value in pairs.items())
    return known | {ours: value for name, value in stripped if value and (ours := our_name(name, campaign))}


def our_name(name: str, campaign: Campaign) -> str | None:
    """What a form's or column's name is with us; None: nothing."""
    if (given := campaign.form.fields.get(name)) is not None:
        return given
    plain = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
    if plain in _LEAD:
        return plain
    if plain in _OTHER_NAMES:
        return _OTHER_NAMES[plain]
    field = plain.removeprefix("consent_")
    if field in _CONSENT:
        return f"consent.{field}"
    key = plain.removeprefix("facts_")
    return f"facts.{key}" if campaign.question(key) else None


def agreed_to(text: str) -> dict[Scope, Basis]:
    """What the words of a column of consents mean: scopes agreed to in writing, or one of `agent.gate.cases.CONSENTS`.

    Raises:
        ValueError: if they are none of these.
    """
    if text in CONSENTS and not text.startswith("revoked"):
        return CONSENTS[text]
    try:
        return {Scope(word): "written" for word in re.split(r"[\s;,|+]+", text.lower())}
    except ValueError:
        raise ValueError(f"consent {text!r} is not understood; write sms, ai_voice, sms ai_voice or none") from None


def unknown_names(names: Iterable[str], campaign: Campaign) -> list[str]:
    """The names that mean nothing to us."""
    return [name for name in names if our_name(name, campaign) is None and name != campaign.form.tick]


def has_ticked(pairs: Mapping[str, str], campaign: Campaign) -> bool:
    """Whether the box was ticked. Where there is none, the consent's own fields say what was agreed to."""
    tick = campaign.form.tick
    return tick is None or pairs.get(tick, "").strip().lower() in TICKED


def _consented(key: str, value: str) -> dict[str, Any]:
    if key == "scopes":
        try:
            agreed = agreed_to(value)
        except ValueError:
            return {"scopes": value.split()}  # the shape's own check says what is wrong
        basis = {"basis": next(iter(agreed.values()))} if agreed else {}
        return {"scopes": [scope.value for scope in Scope if scope in agreed]} | basis
    return {key: value.split(">") if f"consent.{key}" in _LISTS else value}


def _fact(value: str, key: str, campaign: Campaign) -> Any:
    question = campaign.question(key)
    kind = question.type if question else "text"
    if kind == "int" and re.fullmatch(r"-?\d{1,12}", value):
        return int(value)
    if kind == "bool" and value.lower() in YES | NO:
        return value.lower() in YES
    return value
