"""What the persona says of its own accord on a call: small courtesies between the turns of a conversation."""

from agent.campaign import Campaign
from agent.guard.language import Proposal
from agent.moves import End, Move, Say
from state.view import View

IDLE_LIMIT = 3
"""Silences in a row after which the persona takes leave."""
PERSON_WANTED = "Can I talk to a person?"
"""What somebody means who presses 0, as people do on every line."""


def still_there(view: View, campaign: Campaign, times: int) -> list[Move]:
    """After a silence: asks once more, checks the line, then ends the call politely."""
    if times >= IDLE_LIMIT:
        farewell = "I can't hear you, so I'll let you go. You can text me here any time. Bye for now!"
        return [Say(farewell), End("silence")]
    question = _open_question(view, campaign)
    if times > 1:
        return [Say("Are you still there?" if question else "Hello? Can you hear me?")]
    return [Say("Take your time."), *question] if question else [Say("Are you still there?")]


def unheard(view: View, campaign: Campaign) -> list[Move]:
    """The lead spoke and was not understood: asks him to say it again."""
    return [Say("Sorry, I didn't catch that."), *_open_question(view, campaign)]


def finding_agent(times: int) -> list[Move]:
    """While a human's telephone rings: the lead is never left in silence."""
    waits = (
        "One moment, I'm seeing who's free for you.",
        "Still with you. It's ringing now.",
        "Thanks for holding on. Just a few more seconds.",
    )
    return [Say(waits[(times - 1) % len(waits)])]


def _open_question(view: View, campaign: Campaign) -> list[Say]:
    """The question the persona put last, in the campaign's words."""
    line = view.last_line("persona")
    question = campaign.question(line.asks) if line and line.asks else None
    wording = (question.ask_voice or question.ask) if question else None
    return [Say(wording, question.key)] if question and wording else []


def in_spanish(proposal: Proposal) -> list[Move]:
    """The voice speaks English only: offers Spanish by text, or with a person who speaks it."""
    if proposal is Proposal.OFFER_SPANISH:
        return [
            Say("I can go on with you in Spanish by text, or find someone who speaks Spanish. Which would you like?")
        ]
    return [Say("I'm not sure I follow. Would you rather go on in Spanish, by text or with a person?")]


def got_text() -> Say:
    """Acknowledges a text that came in during the call."""
    return Say("Got your text.")


def stopped() -> list[Move]:
    """The lead asked us, on another channel, to stop."""
    return [Say("I've got your request and we'll stop contacting you. Goodbye."), End("opt_out")]
