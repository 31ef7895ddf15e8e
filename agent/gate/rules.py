"""The rules of the contact gate, in the order of POLICY 2.12. Each looks at one contact and lets it pass or objects.

Here are the rules of who may be contacted at all, and the table of all rules. Those of hours, of registers and of
pace have modules of their own. docs/compliance.md leads from each rule to its source, its data and its test.
"""

from datetime import timedelta

from agent.gate import lawful_hours, listed, pace
from agent.gate.contact import ANSWERS, NOT_TO_THE_LEAD, Contact, Objection, Rule
from agent.gate.wishes import callback_earliest
from agent.guard.plain import plain
from agent.guard.questions import is_help
from state.effects import PermitKind
from state.events import Channel

__all__ = ["ANSWERS", "NOT_TO_THE_LEAD", "RULES", "Contact", "Objection", "Rule"]

CONFIRMATION_WITHIN = timedelta(minutes=5)
"""A confirmation of an opt-out is presumed fine this long (47 CFR 64.1200(a)(12))."""


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
    if contact.permit is not PermitKind.STAFF and contact.scope.value not in campaign.consent_required:
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
    if contact.now - said.at > CONFIRMATION_WITHIN:
        return Objection("opted_out", why="a confirmation is due within five minutes")
    return None


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
    consent = contact.consent
    if consent is None:
        wants_voice = contact.channel is Channel.VOICE and bool(contact.view.consents)
        return Objection("no_voice_consent" if wants_voice else "no_consent")
    return None if consent.basis == "written" else Objection("consent_not_written")


def _reply(contact: Contact) -> Objection | None:
    """Who never wrote gets no answer. One that comes too late is bound by all rules (see `Contact.kind`)."""
    wrote = contact.permit is not PermitKind.REPLY_TO_LEAD or contact.view.last_lead_text_at is not None
    return None if wrote else Objection("not_a_reply")


def _minor(contact: Contact) -> Objection | None:
    return Objection("minor") if contact.channel is Channel.VOICE and contact.view.known("under_18") else None


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


POLICY = "company policy"
HOURS_LAW = "47 CFR 64.1200(c)(1); 16 CFR 310.4(c)"
CONSENT_LAW = "47 CFR 64.1200(a)(2), (f)(9); FCC 24-17"
LIST_LAW = "47 CFR 64.1200(c)(2), (e), (f)(5)"

REQUESTED = {PermitKind.REQUESTED_TIME}
FOLLOWS = {PermitKind.VOICEMAIL_FOLLOW_UP}
CONFIRMS = {PermitKind.OPT_OUT_CONFIRMATION}

RULES: tuple[Rule, ...] = (
    Rule("recipient", POLICY, _recipient),
    Rule("switch", POLICY, listed.switched_off, NOT_TO_THE_LEAD),
    Rule("campaign", "CTIA Messaging Principles 5.1.2", _campaign),
    Rule("suppression", "47 CFR 64.1200(a)(10), (a)(12), (d)", _suppression, NOT_TO_THE_LEAD),
    Rule("internal_list", "47 CFR 64.1200(d)", listed.barred, NOT_TO_THE_LEAD | CONFIRMS),
    Rule("paused", POLICY, listed.paused, ANSWERS),
    Rule("held", POLICY, _held, NOT_TO_THE_LEAD | CONFIRMS),
    Rule("help", "CTIA Messaging Principles 5.1.2", _help),
    Rule("reply", "CTIA Messaging Principles: a conversation the consumer began", _reply),
    Rule("consent", CONSENT_LAW, _consent, ANSWERS),
    Rule("minor", POLICY, _minor, NOT_TO_THE_LEAD),
    Rule("do_not_call", LIST_LAW, listed.do_not_call, ANSWERS),
    Rule("reassigned", "47 CFR 64.1200(m)", listed.reassigned, ANSWERS),
    Rule("zone", HOURS_LAW, lawful_hours.zone, ANSWERS),
    Rule("emergency", "La. R.S. 45:811 ff.; N.Y. Gen. Bus. Law 399-z (5-a)", listed.emergency, ANSWERS),
    Rule("federal_hours", HOURS_LAW, lawful_hours.federal_hours, ANSWERS),
    Rule("state_hours", "state law", lawful_hours.state_hours, ANSWERS),
    Rule("call_window", POLICY, lawful_hours.call_window, ANSWERS),
    Rule("morning_after", POLICY, lawful_hours.morning_after, ANSWERS),
    Rule("own_request", "state law", lawful_hours.own_request, ANSWERS | REQUESTED),
    Rule("attempts", POLICY, pace.attempts, ANSWERS),
    Rule("follow_up", POLICY, pace.follow_up),
    Rule("spacing", POLICY, pace.spacing, ANSWERS | REQUESTED | FOLLOWS),
    Rule("on_the_phone", POLICY, pace.on_the_phone, ANSWERS),
    Rule("not_before", POLICY, _not_before, ANSWERS | FOLLOWS),
    Rule("text_only", POLICY, _text_only, NOT_TO_THE_LEAD),
)
"""All rules. The first that objects gives the reason; a permit needs every one that binds the kind of contact."""
