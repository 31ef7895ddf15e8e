"""Which words of a lead's are about somebody else: "my brother's got 3 cars", "he had like four, I had one".

A clause belongs to the person it begins with, up to a stop, a "but" or the next "I" or "my". What is said of them is
no fact of his. Who of his household counts (drivers) is for `agent.understanding.counting` to know.
"""

import re

from agent.words import any_of

PEOPLE = (
    r"(?:sisters?|brothers?|moms?|mothers?|dads?|fathers?|parents?|friends?|buddys?|neighbou?rs?|cousins?|uncles?|aunts?"
    r"|boss|sons?|daughters?|kids?|ex|exs|landlords?|coworkers?|grandma|grandpa|grandparents)"
)
"""Anybody of whom a thing can be said that looks like the lead's."""
OUTSIDERS = (
    r"(?:(?:step)?sisters?|(?:step)?brothers?|sis|bro|friends?|buddys?|buddies|neighbou?rs?|cousins?|uncles?|aunts?"
    r"|boss|ex|exs|ex (?:wife|husband)s?|coworkers?|roommates?|grandmas?|grandpas?|grandparents|granddaughters?"
    r"|grandsons?|grandkids|nephews?|nieces?|(?:mother|father|brother|sister|son|daughter)s?(?: |-)in(?: |-)laws?)"
)
"""Who hardly shares what the lead asks for. Mothers and children may."""
HOUSEHOLD = (
    r"(?:wife|husband|hubby|spouse|partner|boyfriend|girlfriend|fiancee?|sons?|daughters?|kids?|child|children|teens?"
    r"|teenagers?|moms?|mothers?|dads?|fathers?|parents?|boys?|girls?|babys?|toddler)"
)
_FIRST_PERSON = r"(?:i|im|ive|id|ill|me|my|mine|myself|we|weve|us|our|ours)"
_LEND = (
    r"(?:told|tells?|said|says?|recommend(?:s|ed)?|suggest(?:s|ed)?|mention(?:s|ed)?|refer(?:s|red)?|thinks?|wants?|gave"
    r"|giving|sold|selling|left|is the 1 who|and)"
)
"""Behind one of these the clause comes back to the lead: "my cousin recommended the nursing program"."""
_CLAUSE = re.compile(
    rf"(?<!\S)(?:my|our|his|her|their|a|the|1 of my) (?:\w+ )?{OUTSIDERS}(?= )(?! {_LEND}(?!\S))"
    rf"(?: (?!(?:{_FIRST_PERSON}|but|so|though|not)(?!\S))[^\s,.?]+)+"
)
_SAYS = any_of(
    r"(?:the )?signs?(?: \w+){0,3} says?(?: \S+){1,3}", r"(?:the )?\S+(?: \S+)? (?:next door|across the street)",
    r"next door (?:is|has|to)(?: \S+){1,3}",
)  # fmt: skip
""" "The sign out front says condos": a thing that is not his."""
_THEIRS = re.compile(
    rf"(?<!\S)(?:he|she|they(?! (?:are|were)(?!\S))|hes|shes|theyve)(?: (?!{_FIRST_PERSON}(?!\S))[^\s,.?]+)+"
    r"(?=(?: [,.])*(?: (?:and|but|so))? (?:i|we|mine|ive|weve|just 1)(?!\S))"
)


def others_clauses(said: str) -> list[tuple[int, int]]:
    """Where in a cleaned text a clause is about somebody outside the household, as (start, end) of its predicate."""
    spans = []
    for match in _CLAUSE.finditer(said):
        person = re.search(rf"{OUTSIDERS}(?= )", match[0])
        start = match.start() + (person.end() if person else 0)
        spans.append((start, match.end()))
    return spans + [match.span() for match in _SAYS.finditer(said)]


def of_himself(said: str) -> str:
    """A cleaned text without what it tells of others, where something is left: "he had 4, i had 1" is "i had 1"."""
    own = _THEIRS.sub("", said)
    for start, end in sorted(others_clauses(own), reverse=True):
        own = own[:start] + own[end:]
    own = " ".join(own.split())
    return own if own.strip(" ,.") else said


_RELATION = (
    r"(?P<who>mother|mom|mum|father|dad|wife|husband|spouse|partner|fiancee?|boyfriend|girlfriend|son|daughter|brother"
    r"|sister|cousin|uncle|aunt|friend|roommate|neighbou?r|coworker|assistant|grandson|granddaughter|nephew|niece"
    r"|landlord|tenant|realtor)"
)
_HIS_OWN = r"(?<!i )(?<!ill )(?<!to )(?<!dont )(?<!not )(?<!id )(?<!me )"
""" "I'll call my wife" asks nothing of us."""
_REACH = rf"{_HIS_OWN}(?:text|call|message|email|contact|ring|phone|reach(?: out to)?)"
_TO_REACH = (
    any_of(
        r"(?:this is|im|i am|its) (?:his|her|their|\w+s) (?P<who>mother|mom|mum|father|dad|wife|husband|spouse|partner"
        r"|son|daughter|brother|sister|roommate|assistant)"
    ),
    any_of(rf"{_REACH} my (?:\w+ )?{_RELATION}(?! (?:1st|first|about|before))"),
    any_of(rf"my (?:\w+ )?{_RELATION} (?:\S+ ){{0,8}}?{_REACH} (?:her|him|them)"),
    any_of(rf"my (?:\w+ )?{_RELATION}s? (?:\S+ ){{0,8}}?(?:(?:her|his|their) )?(?:number|cell|phone)(?:s| is)"),
)
_CANONICAL = {"mom": "mother", "mum": "mother", "dad": "father"}


def third_party(said: str) -> str | None:
    """Somebody else who speaks for him, or whom he would have us reach: "my sister wants one too, text her?"."""
    match = next((match for pattern in _TO_REACH if (match := pattern.search(said))), None)
    return _CANONICAL.get(match["who"], match["who"]) if match else None
