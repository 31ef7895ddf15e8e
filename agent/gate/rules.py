"""The rules of the contact gate, in the order of POLICY 2.12. Each looks at one contact and lets it pass or objects.

A rule that is to be added (state hours, holidays, Do-Not-Call, reassigned numbers) is a function here and a row in
`RULES`, at its place in the order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from agent.campaign import Campaign
from agent.gate.hours import FEDERAL, Window, next_open
from agent.gate.wishes import callback_earliest
from agent.gate.zones import Place, possible_place
from agent.guard.plain import plain
from agent.guard.questions import is_help
from state.events import Channel, PermitKind, Scope
from state.view import Call, Touch, View

DAY = timedelta(hours=24)

STRICTEST_CAP = 3
"""Attempts in 24 h that the strictest states allow; a campaign may set fewer, never more (POLICY 2.3)."""

CONFIRMATION_WITHIN = timedelta(minutes=5)
"""A confirmation of an opt-out is presumed fine this long (47 CFR 64.1200(a)(12))."""

RINGING_AT_MOST = timedelta(minutes=2)
"""A call that neither connected nor ended by then was lost track of, and holds nothing up."""

NOT_TO_THE_LEAD = frozenset({PermitKind.STAFF})
ANSWERS = frozenset({PermitKind.REPLY_TO_LEAD, PermitKind.OPT_OUT_CONFIRMATION, PermitKind.HELP, PermitKind.STAFF})
"""Contacts that react to the lead, or do not reach him: no attempt of ours."""


@dataclass(frozen=True)
class Contact:
    """A contact somebody wants to make, with all a rule may look at. `now` is aware."""

    view: View
    campaign: Campaign
    channel: Channel
    permit: PermitKind
    now: datetime
    to: str

    @cached_property
    def place(self) -> Place:
        """Where the lead could be."""
        return possible_place(self.view)

    def at(self, now: datetime) -> "Contact":
        """The same contact at another instant."""
        return Contact(self.view, self.campaign, self.channel, self.permit, now, self.to)


@dataclass(frozen=True, slots=True)
class Objection:
    """Why not. `until` is when this rule would no longer object; None means never, as things stand."""

    reason: str
    until: datetime | None = None


Check = Callable[[Contact], Objection | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule with its source and the kinds of contact it does not bind."""

    name: str
    citation: str
    check: Check
    exempt: frozenset[PermitKind] = frozenset()


def _recipient(contact: Contact) -> Objection | None:
    if contact.permit is PermitKind.STAFF:
        staff = {agent.number for agent in contact.campaign.agents}
        return None if contact.to in staff else Objection("not_staff")
    return None if contact.to and contact.to == contact.view.number else Objection("not_the_lead")


def _campaign(contact: Contact) -> Objection | None:
    campaign = contact.campaign
    if not campaign.active:
        return Objection("campaign_inactive")
    if contact.view.campaign != campaign.id:
        return Objection("wrong_campaign")
    if contact.permit is not PermitKind.STAFF and _scope(contact).value not in campaign.consent_required:
        return Objection("consent_settings_missing")
    return None


def _suppression(contact: Contact) -> Objection | None:
    view = contact.view
    if contact.permit is PermitKind.OPT_OUT_CONFIRMATION:
        return _confirmation(contact)
    if view.suppressed and not _answers_help(contact):
        return Objection("opted_out")
    if contact.channel is Channel.VOICE and view.voice_suppressed:
        # START gave texting back. Calls by an artificial voice need a new written consent (POLICY 2.4).
        return Objection("no_voice_consent")
    return None


def _confirmation(contact: Contact) -> Objection | None:
    view = contact.view
    said = view.last_line("lead")
    if contact.channel is not Channel.SMS or not view.suppressed or said is None:
        return Objection("nothing_to_confirm")
    if view.confirmation or any(touch.permit is PermitKind.OPT_OUT_CONFIRMATION for touch in view.touches):
        return Objection("already_confirmed")
    return Objection("too_late_to_confirm") if contact.now - said.at > CONFIRMATION_WITHIN else None


def _held(contact: Contact) -> Objection | None:
    return Objection("held") if contact.view.held and not _answers_help(contact) else None


def _answers_help(contact: Contact) -> bool:
    """Whether this is the one text owed to everybody who writes HELP, also after an opt-out (CTIA 5.1.2)."""
    if contact.permit is not PermitKind.HELP or contact.channel is not Channel.SMS:
        return False
    texts = (line for line in contact.view.thread if line.who == "lead" and line.channel is Channel.SMS)
    asked = max((line.at for line in texts if is_help(plain(line.text))), default=None)
    if asked is None or contact.now - asked > timedelta(seconds=contact.campaign.timing.reply_grace_s):
        return False
    return not any(touch.permit is PermitKind.HELP and touch.at >= asked for touch in contact.view.touches)


def _help(contact: Contact) -> Objection | None:
    if contact.permit is not PermitKind.HELP or _answers_help(contact):
        return None
    return Objection("nobody_asked_for_help")


def _consent(contact: Contact) -> Objection | None:
    consent = contact.view.consents.get(_scope(contact))
    if consent is None:
        wants_voice = contact.channel is Channel.VOICE and bool(contact.view.consents)
        return Objection("no_voice_consent" if wants_voice else "no_consent")
    return None if consent.basis == "written" else Objection("consent_not_written")


def _reply(contact: Contact) -> Objection | None:
    """An answer is an answer for a short time only, and never a call."""
    if contact.permit is not PermitKind.REPLY_TO_LEAD:
        return None
    said = contact.view.last_lead_text_at
    grace = timedelta(seconds=contact.campaign.timing.reply_grace_s)
    fresh = said is not None and contact.now - said <= grace
    return None if fresh and contact.channel is Channel.SMS else Objection("not_a_reply")


def _minor(contact: Contact) -> Objection | None:
    return Objection("minor") if contact.channel is Channel.VOICE and contact.view.known("under_18") else None


def _zone(contact: Contact) -> Objection | None:
    return None if contact.place.zones else Objection("zone_unknown")


def _federal_hours(contact: Contact) -> Objection | None:
    return _outside(FEDERAL, contact, "quiet_hours")


def _call_window(contact: Contact) -> Objection | None:
    if contact.channel is not Channel.VOICE or _asked_for_now(contact):
        return None
    return _outside(Window(*contact.campaign.timing.call_window), contact, "call_window")


def _asked_for_now(contact: Contact) -> bool:
    """Whether the lead asked for a call just now, or named its time. A yes in the evening is no yes to 8 am."""
    if contact.permit is not PermitKind.REQUESTED_TIME:
        return False
    if "callback_earliest" in contact.view.facts:
        return True
    asked = contact.view.facts.get("ready_to_talk")
    return asked is not None and contact.now - asked.at <= timedelta(seconds=contact.campaign.timing.reply_grace_s)


def _outside(window: Window, contact: Contact, reason: str) -> Objection | None:
    opening = next_open(window, contact.now, contact.place.zones)
    return None if opening == contact.now else Objection(reason, opening)


def _attempts(contact: Contact) -> Objection | None:
    cap = min(contact.campaign.timing.attempts_24h, STRICTEST_CAP)
    recent = [touch.at for touch in contact.view.touches if touch.permit not in ANSWERS and _recent(touch, contact.now)]
    if len(recent) < cap:
        return None
    return Objection("attempts_cap", sorted(recent)[-cap] + DAY if cap > 0 else None)


def _recent(touch: Touch, now: datetime) -> bool:
    return now - touch.at < DAY


def _spacing(contact: Contact) -> Objection | None:
    other = [touch.at for touch in contact.view.touches if touch.channel is not contact.channel]
    if not other:
        return None
    free = max(other) + timedelta(seconds=contact.campaign.timing.spacing_s)
    return Objection("min_spacing", free) if contact.now < free else None


def _follow_up(contact: Contact) -> Objection | None:
    """A text that follows a call: one for each call, and only once it is over."""
    if contact.permit is not PermitKind.VOICEMAIL_FOLLOW_UP:
        return None
    last = _last_call(contact.view)
    if contact.channel is not Channel.SMS or last is None or not last.ended:
        return Objection("no_call_to_follow")
    sent = [touch.at for touch in contact.view.touches if touch.permit is PermitKind.VOICEMAIL_FOLLOW_UP]
    return Objection("already_followed_up") if any(at >= last.placed_at for at in sent) else None


def _on_the_phone(contact: Contact) -> Objection | None:
    busy = any(not call.ended and _active(call, contact.now) for call in contact.view.calls.values())
    return Objection("call_in_progress", contact.now + timedelta(minutes=1)) if busy else None


def _active(call: Call, now: datetime) -> bool:
    return call.connected or now - call.placed_at < RINGING_AT_MOST


def _not_before(contact: Contact) -> Objection | None:
    earliest = callback_earliest(contact.view)
    return Objection("not_before", earliest) if earliest is not None and contact.now < earliest else None


def _text_only(contact: Contact) -> Objection | None:
    preference = contact.view.facts.get("channel_pref")
    if contact.channel is not Channel.VOICE or preference is None or preference.value != Channel.SMS:
        return None
    asked = contact.view.facts.get("ready_to_talk")
    changed_mind = asked is not None and asked.value is True and asked.at > preference.at
    return None if changed_mind else Objection("text_only")


def _scope(contact: Contact) -> Scope:
    return Scope.SMS if contact.channel is Channel.SMS else Scope.AI_VOICE


def _last_call(view: View) -> Call | None:
    return max(view.calls.values(), key=lambda call: call.placed_at, default=None)


FEDERAL_HOURS_LAW = "47 CFR 64.1200(c)(1); 16 CFR 310.4(c)"
POLICY = "company policy"
CONSENT_LAW = "47 CFR 64.1200(a)(2), (f)(9); FCC 24-17"
CAP_LAWS = "Fla. Stat. 501.616(6)(b); Okla. Stat. tit. 15, 775C.4; Or. HB 3865 (2025)"

RULES: tuple[Rule, ...] = (
    Rule("recipient", POLICY, _recipient),
    Rule("campaign", "CTIA Messaging Principles 5.1.2", _campaign),
    Rule("suppression", "47 CFR 64.1200(a)(10), (a)(12), (d)", _suppression, NOT_TO_THE_LEAD),
    Rule("held", POLICY, _held, NOT_TO_THE_LEAD | {PermitKind.OPT_OUT_CONFIRMATION}),
    Rule("help", "CTIA Messaging Principles 5.1.2", _help),
    Rule("reply", "CTIA Messaging Principles: a conversation the consumer began", _reply),
    Rule("consent", CONSENT_LAW, _consent, ANSWERS),
    Rule("minor", POLICY, _minor, NOT_TO_THE_LEAD),
    Rule("zone", FEDERAL_HOURS_LAW, _zone, ANSWERS),
    Rule("federal_hours", FEDERAL_HOURS_LAW, _federal_hours, ANSWERS),
    Rule("call_window", POLICY, _call_window, NOT_TO_THE_LEAD),
    Rule("attempts", CAP_LAWS, _attempts, ANSWERS),
    Rule("follow_up", POLICY, _follow_up),
    Rule("spacing", POLICY, _spacing, ANSWERS | {PermitKind.REQUESTED_TIME, PermitKind.VOICEMAIL_FOLLOW_UP}),
    Rule("on_the_phone", POLICY, _on_the_phone, ANSWERS),
    Rule("not_before", POLICY, _not_before, ANSWERS | {PermitKind.VOICEMAIL_FOLLOW_UP}),
    Rule("text_only", POLICY, _text_only, NOT_TO_THE_LEAD),
)
