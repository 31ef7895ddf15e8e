"""Which question a line of ours puts, whoever worded it: a campaign, a model, or a person who writes dialogues.

The campaign's own wordings are recognised as they stand. Other words are matched by what they ask for (a time for a
call, leave to go on, a person) and else by the words they share with a question: its wordings, values and cues.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from math import log

from agent.asking import RECORDED, applies
from agent.campaign import Campaign, Question
from agent.understanding.offers import offers_in
from agent.understanding.spanish import in_english, speaks_spanish
from agent.words import any_of, clean, phrase_pattern
from state.view import View

_TITLE = re.compile(r"\b(Dr|Mr|Mrs|Ms)\.")
_SENTENCE = re.compile(r"[^.!?]*[.!?]+|[^.!?]+$")
_TIME = (
    r"(?:\d{1,2}(?::\d\d)? ?(?:am|pm)?|morning|afternoon|evening|noon|today|tomorrow|tonight"
    r"|(?:later |early )?(?:this|next) week|another (?:day|time))"
)
_ONE_TIME = re.compile(rf"(?:is|would|does) {_TIME}(?: \S+)? (?:pm )?(?:better|suit|work|good|ok|okay)")
_WHICH = any_of(
    r"better", r"best", r"which", r"suits?", r"works?", r"good", r"ok(?:ay)?", r"prefer", r"today", r"tomorrow", r"fit"
)
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_ONLY_TIMES = re.compile(
    r"(?=.*day)(?:(?:\w+day|today|tomorrow|morning|afternoon|evening|noon|at|from|between|to|and|or|-|,|\?"
    r"|\d{1,2}(?::\d\d)?(?:[ap]m)?(?:-\d{1,2}(?:[ap]m)?)?)(?: |$))+"
)
""" "Thursday 9 to 11, or Friday 1 to 3?" asks which without the word."""
_CALLS = any_of(r"calls?", r"calling", r"ring", r"phone", r"called", r"tried you", r"talk", r"chat")
_WHEN = any_of(
    r"what time",
    r"when(?:s| is| would| should| can| could| do| does)?",
    r"what day",
    r"which (?:day|time)",
    r"good time",
)
_PERSON = any_of(
    r"(?:connect|transfer) you(?: \S+){0,4}",
    r"put(?:ting)? you (?:through|on)",
    r"(?:take it|pick it up) from here",
    r"get you (?:a|to a) (?:person|human)",
    r"(?:speak|talk) (?:to|with) (?:a (?:person|human)|her|him|them|\S+) now",
)
_LEAVE = any_of(
    r"is that (?:okay|ok|alright|all right|fine)",
    r"okay time",
    r"is now (?:okay|ok|a good time)",
    r"got a minute",
    r"do you have a (?:minute|moment|second)",
)
_CALL_NOW = any_of(
    r"does now work",
    r"(?:can|may|could|shall|should) (?:\S+ ){1,7}(?:call|ring|phone)(?: you)?",
    r"(?:quick|short) call",
    r"would (?:a call|that help)",
    r"call you (?:right )?now",
    r"(?:okay|ok|alright) if i call",
    r"ready (?:to talk|for a call)",
    r"call (?:be|would) (?:be )?(?:useful|helpful|ok|okay|good)",
    r"want (?:me|us|\S+) to call",
    r"(?:llamarle|llamarte|llamada)(?: \S+){0,3}",
)
_INTEREST = any_of(
    r"still (?:\S+ )?(?:looking|thinking|interested|shopping|need|want|on your mind|considering|planning)(?: \S+)*",
    r"(?:is|are) (?:that|it|this) still (?:on|of|something|the|a)",
    r"(?:want|shall we|like|ready) to go on",
    r"shall we go on",
    r"(?:want|like|care|ready) to (?:\S+ ){0,4}(?:by text|here|go on|continue|keep going)",
    r"ring a bell",
    r"(?:still )?on your mind",
    r"interested",
)
SHORT_QUESTION = 6
""" "When is good?" asks for the time of a call where one was just spoken of."""
LEAST_SHARED = 1.5
"""What shared words must be worth: one rare word of a question's own, or several common ones."""

OF_ONE_KNOWN = 0.6
"""What a question counts whose answer is known: "is the landlord okay with it?" is hardly who owns the place."""


class QuestionFinder:
    """Finds the questions of one campaign in lines of ours."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._weights = _weights(campaign)

    def asked_in(self, text: str, view: View) -> str | None:
        """The fact that a line asks for, as the lead will have understood it; None if it asks for nothing known."""
        asking = [sentence.strip() for sentence in _SENTENCE.findall(_TITLE.sub(r"\1", text)) if "?" in sentence]
        if not asking:
            return None
        spanish = speaks_spanish(text, view)
        sentence = in_english(asking[-1], is_spanish=spanish)
        read = in_english(text, is_spanish=True) if spanish else text
        return (
            _worded(sentence, self._campaign)
            or _by_values(sentence, self._campaign)
            or _for_a_call(read, sentence, self._campaign)
            or self._by_shared_words(sentence, view)
            or ("recording_ok" if RECORDED in text else None)
        )

    def _by_shared_words(self, sentence: str, view: View) -> str | None:
        words, best, most = _stems(sentence), None, 0.0
        is_yes_or_no = re.match(r"(?:is|are|has|have|does|did)\b", sentence) is not None
        purposes = [question for question in self._campaign.questions if _asks_what_for(question, sentence)]
        for question in purposes or self._campaign.questions:
            if question.ask is None or not _fits(question, sentence):
                continue
            score = sum(weight for stem, weight in self._weights[question.key].items() if stem in words)
            is_known = view.known(question.key) is not None
            is_open = not is_known and applies(question, view)
            enough = score and score + 0.5 * is_open > LEAST_SHARED
            weighed = score * OF_ONE_KNOWN if is_known and is_yes_or_no else score + 0.5 * is_open
            if enough and weighed > most:
                best, most = question.key, weighed
        if best is None and purposes:
            return purposes[0].key
        return best or self._by_kind(sentence, view)

    def _by_kind(self, sentence: str, view: View) -> str | None:
        """ "And when do you need it?" is clear where only one question of the campaign's is about a time."""
        if not re.search(r"\b(?:when|who|how (?:many|much|old))\b", sentence):
            return None
        fitting = [
            question
            for question in self._campaign.questions
            if question.ask and _fits(question, sentence) and applies(question, view) and not view.known(question.key)
        ]
        fitting = [question for question in fitting if question.required] or fitting
        return fitting[0].key if len(fitting) == 1 else None


def _worded(sentence: str, campaign: Campaign) -> str | None:
    asked = sentence.rstrip(" ?")
    for question in campaign.questions:
        if any(clean(words).rstrip(" ?") in asked for words in wordings(question)):
            return question.key
    return "interest" if clean(campaign.opening_question).rstrip(" ?") in asked else None


def wordings(question: Question) -> list[str]:
    """Every way the campaign itself puts a question."""
    words = [question.ask, question.ask_voice, question.ask_again]
    words += [one for fitting in question.ask_when for one in (fitting.ask, fitting.ask_voice)]
    return [one for one in words if one]


def _by_values(sentence: str, campaign: Campaign) -> str | None:
    """ "Is that for a certificate or an associate degree?" names what it asks between."""
    if " or " not in sentence:
        return None
    named = {
        question.key: {value for value in question.values if phrase_pattern(_names(question, value)).search(sentence)}
        for question in campaign.questions
        if question.ask is not None
    }
    most = max(named, key=lambda key: len(named[key]))
    others = (len(values) for key, values in named.items() if key != most)
    return most if len(named[most]) > 1 and len(named[most]) > max(others) else None


def _names(question: Question, value: str) -> tuple[str, ...]:
    return (value.replace("_", " "), question.labels.get(value, value))


def _for_a_call(text: str, sentence: str, campaign: Campaign) -> str | None:
    about_calls = _CALLS.search(clean(text)) is not None
    visit = next((question.key for question in campaign.questions if question.type == "datetime"), None)
    which = _WHICH.search(sentence) or _ONLY_TIMES.fullmatch(sentence)
    offers_times = _ONE_TIME.search(sentence) or (which and len(offers_in(text, _SOME_DAY)) > 1)
    is_short = len(sentence.split()) <= SHORT_QUESTION and _WHICH.search(sentence) is not None
    if offers_times or (_WHEN.search(sentence) and (_CALLS.search(sentence) or (about_calls and is_short))):
        return visit if visit and not about_calls else "callback_earliest"
    if _PERSON.search(sentence):
        return "transfer_now"
    if _CALL_NOW.search(sentence):
        return "ready_to_talk"
    if _LEAVE.search(sentence):
        return "recording_ok"
    return "interest" if _INTEREST.search(sentence) else None


# By the words they share ---------------------------------------------------------------------------------------------

_COMMON = frozenset(
    [
        "a",
        "about",
        "an",
        "and",
        "any",
        "are",
        "at",
        "be",
        "can",
        "do",
        "does",
        "for",
        "from",
        "have",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "like",
        "of",
        "on",
        "or",
        "ok",
        "okay",
        "our",
        "please",
        "so",
        "that",
        "the",
        "then",
        "there",
        "this",
        "to",
        "was",
        "we",
        "what",
        "when",
        "where",
        "which",
        "who",
        "will",
        "with",
        "would",
        "you",
        "your",
        "youre",
        "youd",
        "in",
        "more",
        "much",
        "many",
        "me",
        "my",
        "now",
        "one",
        "something",
        "else",
        "right",
        "need",
        "want",
        "get",
        "got",
        "just",
        "did",
        "been",
        "has",
        "long",
        "some",
        "say",
        "us",
        "by",
        "up",
        "anything",
        "should",
        "know",
    ]
)


_WHAT_FOR = re.compile(r"what(?:s| is| are| was| will| would)\b.* for(?: \?)?$")


def _asks_what_for(question: Question, sentence: str) -> bool:
    """ "What is the line for?" is put by a question that is worded "What is it for?"."""
    if _WHAT_FOR.search(sentence) is None:
        return False
    return any(_WHAT_FOR.search(clean(words)) for words in wordings(question))


def _fits(question: Question, sentence: str) -> bool:
    """A "when" asks for a time, a "how many" for a count, "who are you with" for a name."""
    if re.search(r"\bhow old\b", sentence):
        return question.since_year
    if re.search(r"\bhow many\b", sentence):
        return question.type == "int"
    if re.search(r"\bwho(?:s| is| are| was| were)\b.*\bwith\b", sentence):
        return question.type == "text"
    if re.search(r"\b(?:which|what) (?:day|date)\b", sentence):
        return question.type in ("date", "datetime")
    if re.search(r"\bwhen\b", sentence):
        return (
            question.type in ("date", "datetime")
            or question.bands_of == "days"
            or (question.ask is not None and "when" in question.ask.lower())
        )
    if re.search(r"\bhow much\b", sentence):
        return question.bands_of == "amount" or question.type == "int"
    return True


def _weights(campaign: Campaign) -> dict[str, dict[str, float]]:
    """For each question, its words and what sharing one is worth: the rarer among questions, the more."""
    words = {question.key: dict(_own_words(question)) for question in campaign.questions}
    holders = Counter(stem for own in words.values() for stem in own)
    return {
        key: {stem: share * (1 + log(len(words) / holders[stem])) for stem, share in own.items()}
        for key, own in words.items()
    }


def _own_words(question: Question) -> Iterator[tuple[str, float]]:
    """A question's stems; what stands in its values' synonyms counts half."""
    for phrases in question.synonyms.values():
        for stem in _stems(" ".join(clean(phrase) for phrase in phrases)):
            yield stem, 0.5
    names = (*question.values, *question.labels.values(), question.title or "", question.key)
    for stem in _stems(clean(" ".join(names).replace("_", " "))):
        yield stem, 0.7
    for stem in _stems(clean(" ".join((*wordings(question), *question.cues)))):
        yield stem, 1.0


def _stems(cleaned: str) -> set[str]:
    words = {word for word in cleaned.split() if word.isalpha()} - _COMMON
    return {re.sub(r"(?<=\w{3})(?:ing|ed|es|e|s)$", "", word) for word in words}
