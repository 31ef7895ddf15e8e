"""Normalising: typed and recognised words brought into one plain form, so that a rule is written once.

Lower case, no accents, contractions in full ("don't", "dont" → "do not"), the usual abbreviations spelled out, letters
that were disguised or stretched put back ("st0p", "S.T.O.P", "stooop"). Punctuation only survives as the borders of
clauses; an instruction and its object stand in the same one.
"""

import re
import unicodedata
from dataclasses import dataclass

_SIGNS = {"🛑": " stop ", "⛔": " stop ", "🚫": " stop ", "👎": " thumbsdown ", "🖕": " middlefinger ", "#": " number "}
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
_DISGUISES = str.maketrans({"0": "o", "1": "i", "3": "e", "5": "s", "$": "s", "@": "a"})

_CLAUSE_END = re.compile(r"[.!?;:,\n()…—–\"“”¿¡|]+|\s-+\s")
_SPELLED = re.compile(r"\b(?:[a-z][ .-]){3,}[a-z]\b")
_DISGUISED = re.compile(r"(?<![\w$@])(?=[\w$@]*[a-z])(?=[\w$@]*[0135$@])(?:[a-z0135$@]{4,})(?![\w$@])")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_NOT_A_WORD = re.compile(r"[^a-z0-9' ]+")

_WORDS = {
    "ain't": "is not",
    "aint": "is not",
    "can't": "can not",
    "cannot": "can not",
    "cant": "can not",
    "won't": "will not",
    "wont": "will not",
    "im": "i am",
    "i'm": "i am",
    "i'd": "i would",
    "i'll": "i will",
    "i've": "i have",
    "ive": "i have",
    "you're": "you are",
    "youre": "you are",
    "they're": "they are",
    "we're": "we are",
    "it's": "it is",
    "that's": "that is",
    "thats": "that is",
    "what's": "what is",
    "whats": "what is",
    "who's": "who is",
    "whos": "who is",
    "there's": "there is",
    "y'all": "you",
    "yall": "you",
    "ya'll": "you",
    "u": "you",
    "ya": "ya",
    "ur": "your",
    "r": "are",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "lemme": "let me",
    "gimme": "give me",
    "pls": "please",
    "plz": "please",
    "plse": "please",
    "txt": "text",
    "txts": "texts",
    "txting": "texting",
    "texing": "texting",
    "msg": "message",
    "msgs": "messages",
    "messges": "messages",
    "thx": "thanks",
    "ty": "thanks",
    "tysm": "thanks",
    "nomore": "no more",
    "num": "number",
    "nbr": "number",
    "ppl": "people",
    "stopp": "stop",
    "sstop": "stop",
    "stp": "stop",
    "sotp": "stop",
    "stpo": "stop",
    "tsop": "stop",
    "sop": "stop",
    "stoping": "stopping",
}
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

    @property
    def marked(self) -> str:
        """The whole message with ` | ` between clauses."""
        return " | ".join(self.clauses)


def plain(text: str) -> Plain:
    """The plain form of a message."""
    text = text.translate(_QUOTES).lower()
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = _SPELLED.sub(lambda match: re.sub(r"[ .-]", "", match[0]), text)
    text = _DISGUISED.sub(lambda match: match[0].translate(_DISGUISES), text)
    text = _STRETCHED.sub(r"\1", text)
    clauses = (_clause(part) for part in _CLAUSE_END.split(text))
    return Plain(tuple(clause for clause in clauses if clause))


def _clause(text: str) -> str:
    words = _NOT_A_WORD.sub(" ", text).split()
    return " ".join(_word(word.strip("'")) for word in words).strip()


def _word(word: str) -> str:
    if word in _WORDS:
        return _WORDS[word]
    negated = _NEGATED.fullmatch(word)
    if negated and negated[1] in _NEGATABLE:
        return f"{negated[1]} not"
    return word.replace("'", "")
