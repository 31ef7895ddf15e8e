"""Answers in the lead's own words, as they are noted."""

import re
from collections.abc import Iterator

from pydantic import JsonValue

from agent.campaign import Question
from agent.understanding.mentions import mentions
from agent.words import phrase_pattern, polarity
from state.view import View

_LEAD_IN = re.compile(
    r"^(?:(?:um|uh|well|so|oh|yeah|yes|ok|okay|sure|its|it is|im with|i am with|with|i think|i guess|probably|maybe"
    r"|like|just|the|thats|we have|i have|we use|for|in|im looking at|im interested in|interested in"
    r"|looking at|,|\.) )+"
)
_NO_ANSWER = re.compile(
    r"(?<!\S)(?:dont know|do not know|no idea|not sure|idk|dunno|cant remember|dont remember|rather not|prefer not|why"
    r"|what|who|how|when|where|hold on|hang on|wait|call me|stop|hello|pardon|sorry)(?!\S)|\?"
)
_MOST_WORDS = 25


def free_text(question: Question, said: str, view: View, *, is_asked: bool) -> Iterator[JsonValue]:
    """What he says on a question that is answered in words of his own."""
    if question.sticky and not is_asked and view.known(question.key) is not None:
        return
    named = [mention for mention in mentions(question, said, asked=is_asked) if not mention.denied]
    if named:
        yield named[-1].value
    elif told := _named_by_end(question, said) or _told(question, said):
        yield told[: question.max_len]
    elif is_asked and len(said.split()) <= _MOST_WORDS:
        answer = _written(question, _answering(said))
        if answer and polarity(answer) is None:
            yield answer[: question.max_len]


def _answering(said: str) -> str:
    """The sentences that may answer: not those that ask back, or are about the call."""
    sentences = [one.strip() for one in re.findall(r"[^.?]+[.?]?", said)]
    return " , ".join(one.rstrip(" .") for one in sentences if not _NO_ANSWER.search(one))


_COMMON_BEFORE_A_NAME = (
    r"(?:my|our|your|his|her|their|a|an|the|any|no|some|car|auto|home|house|life|health|renters|homeowners|good|better"
    r"|cheaper|new|old|other|another|different|same|current|full|present|of|for|and|or|not|have|having|had|got|private"
    r"|with|through|thru|from|by|property|liability|flood|travel|pet|dental|title|mortgage|group)"
)


def _named_by_end(question: Question, said: str) -> str:
    """A name that is not in the campaign, told by how such names end: "it's with big lake casualty"."""
    if not question.name_ends:
        return ""
    ends = "|".join(map(re.escape, question.name_ends))
    word = rf"(?!{_COMMON_BEFORE_A_NAME} |(?:{ends}) )[a-z]+ "
    lead_in = r"(?:with|w|thru|through|from|by|called)"  # "I have to buy insurance" names nobody
    name = re.search(rf"(?<!\S){lead_in} (?P<name>(?:{word}){{2,3}}(?:{ends}))(?!\S)", said)
    return name["name"] if name else ""


def _told(question: Question, said: str) -> str:
    """The clauses that hold a word of each list the question names."""
    if not question.told_by:
        return ""
    ignored = phrase_pattern(question.ignore)
    clauses = (clause.strip() for clause in re.split(r"[,.?]", said))
    told = (c for c in clauses if all(phrase_pattern(words).search(ignored.sub("", c)) for words in question.told_by))
    return ", ".join(filter(None, (_written(question, clause) for clause in told)))


def _written(question: Question, said: str) -> str:
    """The lead's words as they are noted: without the way he leads into them, in the question's own terms."""
    for words, others in question.reword.items():
        said = phrase_pattern(others).sub(words, said)
    return re.sub(r" ([,.])", r"\1", _LEAD_IN.sub("", f"{said} ")).strip(" .,")
