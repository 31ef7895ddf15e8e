"""Normalising: typed and recognised words brought into one plain form, so that a rule is written once.

Lower case, no accents, contractions in full ("don't", "dont" → "do not"), the usual abbreviations spelled out, letters
that were disguised or stretched put back ("st0p", "S.T.O.P", "stooop"). Punctuation only survives as the borders of
clauses; an instruction and its object stand in the same one.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from agent.guard.spelling import corrected

_SIGNS = {
    "🛑": " stop ",
    "⛔": " stop ",
    "🚫": " stop ",
    "📵": " stop ",
    "🤖": " robot ",
    **dict.fromkeys("✋🤚🖐❌✖", " raisedhand "),
    "👎": " thumbsdown ",
    "🖕": " middlefinger ",
    **dict.fromkeys("😡🤬😠🙄💩😤👿🤮🤢🤡🚮😒", " angryface "),
    **dict.fromkeys("🙅", " thumbsdown "),
    "#": " number ",
}
_LOOKALIKES = str.maketrans("асеорхукмтвніѕј", "aceopxykmtbhisj")
"""Cyrillic letters that look like Latin ones, a disguise for spam and for stops alike."""
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_DISGUISES = str.maketrans({"0": "o", "1": "i", "3": "e", "5": "s", "$": "s", "@": "a"})

_CLAUSE_END = re.compile(r"[.!?;:,\n()…—–\"“”¿¡|]+|\s-+\s")
_SPELLED = re.compile(r"\b(?:[a-z][ .-]){3,}[a-z]\b")
_DISGUISED = re.compile(r"(?<![\w$@])(?=[\w$@]*[a-z])(?=[\w$@]*[0135$@])(?:[a-z0135$@]{4,})(?![\w$@])")
_FIGURE = re.compile(r"\d+[a-z]{0,3}")
"""A number with its unit is none in disguise: "10am", "300k", "5th"."""
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_NOT_A_WORD = re.compile(r"[^a-z0-9' ]+")

_CONTRACTED = """
    is not: ain't aint; can not: can't cannot cant; will not: won't wont; i am: im i'm; i would: i'd; i will: i'll;
    i have: i've ive; you are: you're youre; they are: they're; we are: we're; it is: it's; that is: that's thats;
    what is: what's whats; who is: who's whos; there is: there's; he is: he's hes; she is: she's shes;
    you: y'all yall ya'll; you have: youve you've; you will: you'll youll; we have: we've; they have: they've;
    we will: we'll; he will: he'll; it will: it'll; who did: who'd; how did: how'd; where is: wheres where's;
    going to: gonna; want to: wanna; got to: gotta; let me: lemme; give me: gimme
"""
"""What is drawn together."""

_ABBREVIATED = """
    you: u; your: ur; are: r; are you: ru; please: pls plz plse plis; text: txt; texts: txts;
    texting: txting txtng txtin; message: msg; messages: msgs; thanks: thx ty tysm; number: num nbr nmbr;
    people: ppl; with: w; without: wo; till: til; fucking: fkn; never: nvr; really: rlly; would: wld; about: abt;
    before: b4; someone: some1; anyone: any1; real: irl; unsubscribe: unsub; por favor: porfavor xfa; que: q
"""
"""The thumbs' shorthand."""

_MISTYPED = """
    texting: texing teting textin; messages: messges; no more: nomore; stop: stahp stawp; stopping: stoping;
    please: pleas; not: nto; take: tkae; text: tex; remove: remov remuv; unsubscribe: unsuscribe unsubscibe;
    cancel: cancle; calling: callin; messaging: messagin; wrong: wrng wrg; human: humen hewman; bot: bto
"""
"""Slips so common that no rule of spelling is needed for them (`agent.guard.spelling` has the rest)."""


def _table(*listed: str) -> dict[str, str]:
    """Entries `meant: written written`, parted by semicolons, as written → meant."""
    entries = (entry.split(":") for text in listed for entry in text.split(";"))
    return {word: meant.strip() for meant, written in entries for word in written.split()}


_WORDS = _table(_CONTRACTED, _ABBREVIATED, _MISTYPED)

_HEARD = tuple(
    (re.compile(rf"\b(?:{heard})\b"), said)
    for heard, said in (
        (r"(?:un|on|and|an|in) subscri(?:be|ption)", "unsubscribe"),
        (r"(?:^|(?<=please ))st ?o ?p(?= |$)", "stop"),
        (r"op(?:t|ted|ped|s) (?:oit|ot|our|iut|ut|aut|outs|doubt)|up doubt|opped out", "opt out"),
        (r"row ?bots?|row but|ro bot|robat", "robot"),
        (r"reel (?=person|human|agent|people)", "real "),
        (r"hue? man|hugh man", "human"),
        (r"(?:dew|due) not|do (?:knot|naught)", "do not"),
        (r"(?:(?<=talk )|(?<=speak )|(?<=need )|(?<=want )|(?<=have ))2(?= [a-z])", "to"),
        (r"operate (?:her|or)", "operator"),
        (r"donut (?=call)", "do not "),
        (r"house hold", "house"),
        (r"loose (?=my|our|this)", "lose "),
        (r"(?<=not )(?:cal|col|coll|cell) (?=me|us|here|this|again)", "call "),
        (r"st(?:oop|ap|up|ops|oped|opping) (?=texting|calling|messaging|sending|contacting|bothering)", "stop "),
        (r"(?:rong|ron|wong|run|long|wrong) (?:number|numbers|nummer|numba|no)", "wrong number"),
        (r"represent (?:a|the|of|it) (?:tive|tiv|if)", "representative"),
        (r"take me (?:of|all|off of) (?=your|the|this|that)", "take me off "),
        (r"text(?:ing)? messag(?:e|ing) me", "texting me"),
    )
)
"""What recognisers and fingers make of whole phrases."""

_NEGATED = re.compile(r"([a-z]+)n'?t")
_NEGATABLE = frozenset(
    ["do", "does", "did", "is", "are", "was", "were", "has", "have", "had", "should", "would", "could", "must", "need"]
)


@dataclass(frozen=True, slots=True)
class Plain:
    """A message in plain form: its clauses, each of words with one space between them."""

    clauses: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole message without its punctuation."""
        return " ".join(self.clauses)


# Whoever reads a message asks for it anew. Only the last few are remembered: what leads say is not to be kept.
@lru_cache(32)
def plain(text: str) -> Plain:
    """The plain form of a message."""
    text = text.translate(_QUOTES).lower().translate(_LOOKALIKES)
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = _SPELLED.sub(lambda match: re.sub(r"[ .-]", "", match[0]), text)
    text = _DISGUISED.sub(_undisguised, text)
    text = _STRETCHED.sub(r"\1", text)
    clauses = (_clause(part) for part in _CLAUSE_END.split(text))
    return Plain(tuple(clause for clause in clauses if clause))


def _undisguised(match: re.Match[str]) -> str:
    return match[0] if _FIGURE.fullmatch(match[0]) else match[0].translate(_DISGUISES)


def _clause(text: str) -> str:
    words = _NOT_A_WORD.sub(" ", text).split()
    text = " ".join(_word(word.strip("'")) for word in words).strip()
    for heard, said in _HEARD:
        text = heard.sub(said, text)
    return " ".join(text.split())


def _word(word: str) -> str:
    if word in _WORDS:
        return _WORDS[word]
    negated = _NEGATED.fullmatch(word)
    if negated and negated[1] in _NEGATABLE:
        return f"{negated[1]} not"
    return corrected(word.replace("'", ""))
