"""What leads say about the conversation itself: "hello?", "say that again", "hold on", "thanks", "bye"."""

import re
from enum import StrEnum

from agent.words import any_of


class SmallTalk(StrEnum):
    """Kinds of talk about the talk."""

    HELLO = "hello"
    """Are you there, can you hear me."""
    HERE = "here"
    """He is, and was not heard for a while."""
    QUESTION = "question"
    """He has a question, and has not put it yet."""
    REPEAT = "repeat"
    WAIT = "wait"
    THANKS = "thanks"
    HOW_ARE_YOU = "how_are_you"
    BYE = "bye"
    BUSY = "busy"
    SKIP = "skip"
    """He does not know, or will not say."""


_THEN = r"(?= (?:[.,?]|now|then|sorry|thanks|thank|ok|okay|please|bye|while|let|im|theres)(?!\S)|$)"
"""What comes behind words that stand by themselves: "i have to go, sorry", not "i have to go with the cheapest"."""
_ELSEWHERE = (
    r"to (?:work|class|school|bed|(?:a|my|another) (?:next )?(?:meeting|appointment|call))|(?:pick up|get) my \w+"
)
"""Where people have to go who take leave."""
_A_WHILE = r"(?:sec|second|2nd|moment|minute|min|mo)"

_PATTERNS = {
    SmallTalk.REPEAT: any_of(
        r"(?:say|repeat) (?:that|it|this|the question)(?: again| 1 more time| please)?",
        r"(?:can|could|would) you (?:please )?(?:repeat|say)",
        r"come again",
        r"pardon(?: me)?",
        r"what (?:did|was) (?:you say|that|the question)",
        r"what was that",
        r"(?:sorry|excuse me) (?:, )?what",
        r"(?:didnt|did not|couldnt|could not|cant) (?:quite )?(?:catch|hear|get|understand) (?:that|you|it|what)",
        r"1 more time",
        r"repeat (?:please|the)",
        r"youre breaking up",
        r"you (?:cut out|broke up|are breaking up)",
    ),
    SmallTalk.HELLO: any_of(
        r"(?:are |r )?(?:you|u) (?:still )?there",
        r"(?:can|do) you hear me",
        r"anybody there",
        r"anyone there",
        r"hello hello",
    ),
    SmallTalk.BYE: any_of(
        r"(?:good ?)?bye(?: bye)?",
        rf"(?:gotta|got to|have to|need to|must) (?:go|run|jump){_THEN}",
        rf"(?:gotta|got to|have to|need to|must) (?:go|run) (?:{_ELSEWHERE}){_THEN}",
        r"(?:gotta|got to|have to|need to|must) (?:hang up|(?:hop|jump) off|(?:hop|jump) on(?:to)? (?:a|another))",
        rf"talk (?:to you )?(?:later|soon){_THEN}",
        rf"(?<!i )(?<!we )(?<!they )(?<!already )have a (?:good|great|nice) (?:1|day|night|evening|weekend){_THEN}",
        rf"ill let you go{_THEN}",
        rf"(?:ill|i will|let me|(?:gotta|got to|have to|need to)) call (?:you|yall) back(?: later)?{_THEN}",
        r"see ya",
        r"take care(?! of)",
    ),
    SmallTalk.WAIT: any_of(
        r"(?:hold|hang) on(?! to)",
        rf"(?:wait|give me|just)(?: just)? (?:a|1) {_A_WHILE}{_THEN}",
        rf"^(?:(?:uh|um|oh|ok|okay|yeah|yes|sure|[,.]) )*(?:a|1) {_A_WHILE}{_THEN}",
        r"bear with me",
        r"let me (?:check|look|find|see|grab|get|pull)(?: \S+){0,6}",
    ),
    SmallTalk.SKIP: any_of(
        r"(?:i )?(?:dont|do not|really dont|honestly dont) know(?: yet)?",
        r"no idea",
        r"not sure(?: yet)?",
        r"idk",
        r"dunno",
        r"cant (?:remember|say)",
        r"dont remember",
        r"(?:id |i would )?rather not(?: say)?",
        r"prefer not(?: to say)?",
        r"skip (?:it|that|this)",
        r"(?:^|(?:ask|give) me (?:the |a )?|go to the )(?:next|another|different) (?:question|1)",
        r"none of your business",
        r"havent decided",
    ),
    SmallTalk.HOW_ARE_YOU: any_of(
        r"how are you(?: doing)?", r"hows it going", r"how you doing", r"hows your (?:day|week)", r"whats up"
    ),
    SmallTalk.BUSY: any_of(r"(?:been|so|super|really|crazy|just) busy", r"(?:been|was) (?:slammed|swamped)", r"hectic"),
    SmallTalk.THANKS: any_of(r"thanks(?: a lot| so much)?", r"thank you(?: so much| very much)?", r"thx", r"ty"),
}
_BARE_HELLO = re.compile(r"^(?:(?:hello|hi|hey|yes|yeah|who|[,.?]) ?){1,3}\??$")
_BEFORE = (
    r"^(?:(?:yes|yeah|yep|ok|okay|hi|hey|hello|oh|well|so|but|and|no ,|sorry|wait|hold on|actually|before we go on|"
    r"[,.]) )*"
)
_BARE_HERE = re.compile(
    rf"{_BEFORE}(?:(?:im|i am|were) (?:still |right )?(?:here|back|listening)|still here|i was on mute)(?: [.])?$"
)
_BARE_QUESTION = re.compile(
    rf"{_BEFORE}(?:(?:(?:i|ive) (?:do )?(?:have|got|had) )?(?:just )?(?:(?:a|1|another|some) )?"
    r"(?:(?:quick|other|more) )?questions?(?: (?:for you|though|first|please|too))*|(?:can|could|may) i ask (?:you )?"
    r"(?:something|(?:a|1|another) (?:quick )?(?:question|thing)))(?: [.?])?$"
)
_HELLO_WORD = any_of(r"hello", r"hi", r"hey")
_BARE_WHAT = re.compile(r"^(?:what|huh|sorry|excuse me|eh|come again|pardon)(?: [,.?])*(?: what)?(?: [?.])?$")


def small_talk(said: str) -> SmallTalk | None:
    """The kind of small talk in a cleaned text; None if there is none."""
    if _BARE_WHAT.match(said):
        return SmallTalk.REPEAT
    if _BARE_HELLO.match(said) and _HELLO_WORD.search(said):
        return SmallTalk.HELLO
    if _BARE_HERE.match(said):
        return SmallTalk.HERE
    if _BARE_QUESTION.match(said):
        return SmallTalk.QUESTION
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.search(said)), None)
