"""The outbound guard: what the persona may not say, whoever thought of the words.

Every clause passes it before it is spoken or texted. A refused clause is replaced by one that is safe and true; how
often that happens is counted by whoever runs the turn.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from agent.moves import Say
from agent.pages import instead, is_page, offers_contact
from agent.snapshot import Snapshot
from state.effects import HandoffStep
from state.view import View


class Breach(StrEnum):
    """Why a clause was refused."""

    DENIES_AI = "denies_ai"
    """FTC Act s.5; 10 M.R.S. 1500-DD; Utah Code 13-75-103: never denied, never claimed to be human."""
    UNVERIFIED_HANDOFF = "unverified_handoff"
    """Nobody has accepted, so nobody is connecting, waiting or informed."""
    OUT_OF_REACH = "out_of_reach"
    """Who uses the browser phone can be neither rung nor put through."""
    UNVERIFIED_APPROVAL = "unverified_approval"
    """Covered, approved and the like are for licensed people to say."""
    PRICE = "price"
    NEVER_SAY = "never_say"
    """One of the campaign's own patterns."""
    SECOND_QUESTION = "second_question"


@dataclass(frozen=True, slots=True)
class Refused:
    """A clause that must not go out. `instead` may; None: say nothing in its place."""

    breach: Breach
    instead: Say | None


def check(say: Say, snapshot: Snapshot, *, asked: bool = False) -> Say | Refused:
    """The clause itself if it may go out. `asked`: a question was already put in this turn."""
    breach = _breach(say.text, snapshot)
    if breach is not None:
        return Refused(breach, _instead(breach, snapshot))
    if say.text.count("?") + asked > 1:
        return Refused(Breach.SECOND_QUESTION, _one_question(say, asked=asked))
    return say


def _breach(text: str, snapshot: Snapshot) -> Breach | None:
    spoken = text.replace("’", "'")
    if _DENIES_AI.search(spoken):
        return Breach.DENIES_AI
    if is_page(snapshot.view.number) and offers_contact(spoken):
        return Breach.OUT_OF_REACH
    if _CLAIMS_HANDOFF.search(spoken) and not _accepted(snapshot.view):
        return Breach.UNVERIFIED_HANDOFF
    if _CLAIMS_APPROVAL.search(spoken):
        return Breach.UNVERIFIED_APPROVAL
    if any(not _known_number(amount, snapshot.view) for amount in _PRICE.findall(spoken)):
        return Breach.PRICE
    if any(pattern.search(spoken) for pattern in _compiled(snapshot.campaign.never_say_patterns)):
        return Breach.NEVER_SAY
    return None


_A = (
    r"(?:a |an |the |your |some kind of |just |actually |really |in fact |certainly |definitely |100% |even |"
    r"one of those )*"
)
_MACHINE = r"(?:ai|a\.i\.|bot|chatbot|robot|machine|computer|recording|automated|artificial|program|virtual|software)\b"
_I_AM = (
    r"\b(?:i'm|i am|im|you're (?:talking|speaking|chatting) (?:to|with)|you are (?:talking|speaking|"
    r"chatting) (?:to|with)|this is|it's)"
)
_DENIES_AI = re.compile(
    rf"\b(?:i'm|i am|im|this is|it's|you're) not (?:talking to |speaking (?:to|with) )?{_A}{_MACHINE}"
    rf"|\b(?:this|it|i) (?:isn't|ain't|am not|is not) {_A}{_MACHINE}"
    rf"|{_I_AM} {_A}(?:(?:real|live|actual|living) )*(?:human|person|people|human being|man|woman|guy|lady)\b"
    rf"|\b(?:i'm|i am|im) {_A}(?:(?:licensed|insurance|loan|real|live|human|senior|local) )*(?:agent|advisor|"
    rf"adviser|representative|"
    r"broker|officer|counselor|specialist|rep)\b"
    r"|\bas a (?:fellow )?human\b|\bno (?:ai|bots?|robots?) here\b|\bi have (?:a body|feelings)\b",
    re.IGNORECASE,
)

_CLAIMS_HANDOFF = re.compile(
    r"\b(?:connecting|transferring|patching|bridging|forwarding) (?:you|us|your call)\b"
    r"|\bputting you (?:through|in touch|on with)\b"
    r"|\b(?:i'll|i will|let me|i'm going to|i am going to|i'm gonna) (?:now |just )?(?:connect|transfer|"
    r"patch) you (?:to|with|through|now|over)\b"
    r"|\b(?:has|have|got|sees?|with) (?:already |now |all |all of )*(?:your (?:details|information|info|answers|"
    r"file|notes)|everything you (?:told|said|shared))\b"
    r"|\balready (?:has|have|knows?|got)\b(?=.*\b(?:your|details|everything)\b)"
    r"|\b(?:is|are|she's|he's|they're|who's) (?:already |now |right here |standing by )*(?:expecting|waiting for|"
    r"ready for|on the line|picking up|joining)\b"
    r"|\b(?:you )?won't (?:need|have) to repeat\b",
    re.IGNORECASE,
)
_CLAIMS_APPROVAL = re.compile(
    r"\b(?:you're|you are|you'll be|you will be|you've been|you have been|your \w+(?: \w+)? (?:is|has been|was|"
    r"will be)) "
    r"(?:now |already |all |fully |definitely |pre-?|officially )*(?:covered|approved|pre-?approved|insured|bound|"
    r"accepted|admitted|pre-?qualified|qualified|enrolled)\b"
    r"|\byou (?:\w+ )?(?:won't|don't|will not|do not|will|do|would|definitely|already) qualify\b|\byou qualify\b"
    r"|\b(?:is|are|was|will be|gets?|that's|it's) (?:\w+ )?guaranteed\b|\b(?:i|we) (?:can |will )?guarantee\b",
    re.IGNORECASE,
)
_UNIT = r"(?:dollars|bucks|usd|a month|per month|/ ?mo(?:nth)?|a year|per year|/ ?ye?a?r|monthly|annually|percent|%)"
_PRICE = re.compile(
    rf"[$€£]\s?(\d[\d.,]*)|\b(\d[\d.,]*)\s?{_UNIT}(?!\w)"
    r"|\b((?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety|a)"
    rf"(?:[ -]\w+)? (?:hundred|thousand|fifty|dollars|bucks)(?: \w+)? (?:dollars|bucks|a month|per month|a year|"
    rf"per year|monthly|annually))\b",
    re.IGNORECASE,
)


def _known_number(amount: tuple[str, ...], view: View) -> bool:
    """Whether the amount is one that the lead himself gave us; saying it back is no price."""
    digits = re.sub(r"\D", "", "".join(amount))
    return bool(digits) and any(digits == re.sub(r"\D", "", str(fact.value)) for fact in view.facts.values())


def _accepted(view: View) -> bool:
    """Whether a person has agreed to take this very call."""
    handoff, call = view.handoff, view.live_call
    if handoff is None or handoff.step not in {HandoffStep.ACCEPTED, HandoffStep.JOINED}:
        return False
    return call is None or call.call == handoff.call


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


# What is said instead ------------------------------------------------------------------------------------------------


def _instead(breach: Breach, snapshot: Snapshot) -> Say:
    campaign = snapshot.campaign
    person = campaign.agents[0].name if campaign.agents else "A licensed person"
    match breach:
        case Breach.DENIES_AI:
            return Say(f"I'm an AI assistant with {campaign.brand_short}.")
        case Breach.OUT_OF_REACH:
            return instead(snapshot)
        case Breach.UNVERIFIED_HANDOFF:
            return Say("Let me see who's free for you.")
        case _:
            return Say(f"{person} will go over that with you.")


def _one_question(say: Say, *, asked: bool) -> Say | None:
    """The clause up to its first question, or without any when one was put before."""
    sentences = _SENTENCE.findall(say.text)
    if not asked:
        until = next(at for at, sentence in enumerate(sentences) if "?" in sentence)
        return replace(say, text="".join(sentences[: until + 1]).strip())
    rest = "".join(sentence for sentence in sentences if "?" not in sentence).strip()
    return Say(rest) if rest else None


_SENTENCE = re.compile(r"[^.!?]*[.!?]+\s*|[^.!?]+$")
