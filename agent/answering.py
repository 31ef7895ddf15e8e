"""Who answered a call of ours, and what follows: a pure machine beside the talk.

The greeting is said to everybody at once. What is heard, and what the carrier says, decides about *content*: what we
know of the lead is said only to a person. A machine gets its message after the beep, a screening assistant its answer,
and whoever picks up meanwhile is talked to. Sources: Twilio's FAQ on machine detection; 47 CFR 64.1200(b).
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from agent.words import clean

LONG_GREETING_MS = 6_000
LONG_GREETING_WORDS = 12
"""Nobody who picks up talks for so long without a pause and says so much, least of all over somebody else's greeting.
The length alone tells nothing: a crowd or a television behind a person is a voice without end."""
BEGINS_WITHIN_MS = 6_000
"""A machine's greeting begins by then. Whoever begins to talk later has heard ours, and answers it."""
WORDLESS = 2
"""Looks at a voice in a row that find no words in it, after which what talked so long was no greeting."""
PAUSE_MS = 700
"""A shorter silence belongs to what is being said."""
SHORT_ANSWER_MS = 1_800
INTRODUCED_SILENT_MS = 2_500
"""After "Hi, this is Jordan." a greeting may make a pause, as long as this."""
THEN_SILENT_MS = 1_300
"""A "hello?" and then silence: somebody listens. A greeting goes on."""
NO_BEEP_MS = 2_500
"""After a greeting that ended without a beep, the message begins all the same."""
MACHINE_AT_MOST_MS = 60_000
"""A greeting longer than this is a menu or music."""
SCREENED_AT_MOST_MS = 40_000
"""How long a screening assistant is given to bring the person."""


class Answering(Enum):
    """Who is there, as far as can be told."""

    LISTENING = auto()
    """Nobody knows yet."""
    PERSON = auto()
    SCREENED = auto()
    """An assistant asked who calls; the person decides."""
    GREETING = auto()
    """A machine's greeting: silence until the beep."""
    MESSAGE = auto()
    """Our message is being left."""
    OVER = auto()


# What happens ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sound:
    """The line during the last while: voice or none."""

    voice: bool


@dataclass(frozen=True, slots=True)
class Words:
    """What was recognised so far of what they say. `whole`: they have finished, and wait for an answer."""

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Noise:
    """The voice that is being heard has no words."""


@dataclass(frozen=True, slots=True)
class Beep:
    """A machine's tone has ended."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The carrier's machine detection."""

    value: str


@dataclass(frozen=True, slots=True)
class MessageOver:
    """Our message is over. `complete`: its last mark was played."""

    complete: bool


Happened = Sound | Words | Noise | Beep | Verdict | MessageOver


# What follows ---------------------------------------------------------------------------------------------------------


class Do(Enum):
    """What the call does next."""

    KNOWN_PERSON = auto()
    """A person is there: what we know of him may be said."""
    GREET_ANEW = auto()
    """It was no machine, but noise: whoever is there has not heard who calls."""
    BEGIN_ANEW = auto()
    """A person came after a machine: he has heard nothing of what a call begins with."""
    HUSH = auto()
    """Say nothing: a machine's greeting plays."""
    TELL_SCREENER = auto()
    """Say who calls and why, nothing about the lead."""
    LEAVE_MESSAGE = auto()
    HANG_UP = auto()


# On the plain form of words (`agent.words.clean`): no capitals, accents or apostrophes.
_MACHINE = re.compile(
    r"(after|at) the (tone|beep)|leave (me |us )?(a|your) (brief |short |detailed )?(message|name)"
    r"|voice ?mail|mailbox|you ?(ve| have) reached|(not|isnt) available|(cant|can not|cannot) (come to|take|answer)"
    r"|unable to (take|answer|come)|get back to you|record your message"
    r"|(person|party|number|customer|subscriber|caller) (that )?(you|youre|you are) (have |are )?"
    r"(calling|called|dialed|dialled|trying|reach\w*|attempting)"
    r"|(missed|miss) your call|away from (my|the|their) (phone|desk)|your call (is|will be|cannot|can not)"
    r"|(forwarded|transferred) to|automated voice|please record|hang up or press"
    r"|buzon|despues (del|de la) (tono|senal|bip)|dej[ae](me|nos)? (su|tu|un) (mensaje|recado|nombre)"
    r"|no (esta|estoy) disponible|no (puedo|podemos) (atender|contestar)|grabe su mensaje|se ha comunicado"
)
_SURELY = re.compile(
    r"(after|at) the (tone|beep)|voice ?mail|mailbox|you ?(ve| have) reached|buzon|del? (tono|senal|bip)"
    r"|leave (me |us )?(a|your) (brief |short |detailed )?(message|name)|record your message"
)
"""What a person who has begun to talk does not say himself; "I can't answer that" he may."""
_OFFERS = re.compile(r"(can|could|may|shall) i (take|help|ask|tell)|who ?(s| is) (this|calling|speaking)|want me to")
"""What somebody asks who answers for another: "he isn't available, can I take a message?"."""
_FULL = re.compile(r"mailbox is full|cannot accept (any )?(new |more )?messages|buzon .{0,20}llen[oa]")
_ASKS = re.compile(r"your name.{0,60}call|reason for|why you ?(re| are) calling|screening|motivo de|diga su nombre")
"""Only a machine asks for both, or names what it does; a person's "who's calling?" is answered in the talk."""
_STAY = re.compile(r"stay on the line|hold on|one moment|thank you|no cuelgue|permanezca en la linea|gracias")
"""What it says while it asks the person."""


_INTRODUCES = re.compile(
    r"^((hi|hey|hello|yo)( there)? )?(this is|its|you(ve)? got|thanks for calling)( \w+){1,3}( speaking)?$"
)
"""How a greeting begins, and how some people answer: what follows tells which it is."""


def is_recorded(text: str) -> bool:
    """Whether a machine says this: a greeting, or an assistant's question."""
    said = clean(text)
    return bool(_MACHINE.search(said) or _FULL.search(said) or _ASKS.search(said))


def _bare(said: str) -> str:
    return " ".join(said.replace(",", " ").replace(".", " ").split())


class AnsweringMachine:
    """One call of ours. Times are ms of the call's audio. `leaves_message`: a machine has not had its message today."""

    def __init__(self, *, leaves_message: bool = True) -> None:
        self.state = Answering.LISTENING
        self.message_left = False
        self._leaves_message = leaves_message
        self._voice_since: int | None = None
        self._voice_until = 0
        self._entered = 0
        self._introduced = False
        """All we have heard is a name."""
        self._interrupted = False
        """Our message was broken off."""
        self._by_length = False
        """That it is a machine is known only by how long it talked."""
        self._noises = 0
        """In a row, without a word."""

    @property
    def who(self) -> Literal["person", "machine", "screener"] | None:
        """For the record: person, machine, screener; None: nobody knows."""
        match self.state:
            case Answering.PERSON:
                return "person"
            case Answering.SCREENED:
                return "screener"
            case Answering.LISTENING:
                return None
            case _:
                return "machine"

    @property
    def withholds(self) -> bool:
        """Whether the persona says nothing of its own and answers nothing."""
        return self.state in {Answering.SCREENED, Answering.GREETING, Answering.MESSAGE, Answering.OVER}

    def on(self, event: Happened, now_ms: int) -> list[Do]:
        """What follows from what happened."""
        if self.state is Answering.OVER:
            return []
        match event:
            case Sound(voice):
                return self._sound(now_ms, voice=voice)
            case Words(text, whole):
                self._noises = 0
                return self._words(clean(text), now_ms, whole=whole)
            case Noise():
                return self._noise(now_ms)
            case Beep():
                return [] if self.state in {Answering.PERSON, Answering.MESSAGE} else self._leave(now_ms)
            case Verdict(value):
                return self._verdict(value, now_ms)
            case MessageOver(complete):
                return self._message_over(now_ms, complete=complete)

    def _sound(self, now_ms: int, *, voice: bool) -> list[Do]:
        silent_ms = now_ms - self._voice_until
        if voice:
            if self._voice_since is None or silent_ms > PAUSE_MS:
                self._voice_since = now_ms
            self._voice_until = now_ms
        match self.state:
            case Answering.LISTENING:
                return self._listening(now_ms)
            case Answering.GREETING:
                return self._greeting(now_ms)
            case Answering.MESSAGE if self._interrupted:
                return self._greeting(now_ms)
            case Answering.SCREENED if now_ms - self._entered > SCREENED_AT_MOST_MS:
                return self._give_up()
            case _:
                return []

    def _listening(self, now_ms: int) -> list[Do]:
        if self._voice_since is None:
            return []
        spoke_ms, silent_ms = self._voice_until - self._voice_since, now_ms - self._voice_until
        if self._introduced:
            return self._person(now_ms) if silent_ms >= INTRODUCED_SILENT_MS else []
        return self._person(now_ms) if spoke_ms <= SHORT_ANSWER_MS and silent_ms >= THEN_SILENT_MS else []

    def _noise(self, now_ms: int) -> list[Do]:
        self._voice_since = None
        self._noises += 1
        if self.state is not Answering.GREETING or not self._by_length or self._noises < WORDLESS:
            return []
        self._enter(Answering.LISTENING, now_ms)
        return [Do.GREET_ANEW]

    def _goes_on(self) -> bool:
        """Whether a voice that was there from the call's beginning has not paused for as long as greetings last."""
        since = self._voice_since
        return since is not None and since <= BEGINS_WITHIN_MS and self._voice_until - since >= LONG_GREETING_MS

    def _greeting(self, now_ms: int) -> list[Do]:
        if now_ms - self._entered > MACHINE_AT_MOST_MS:
            return self._give_up()
        since = max(self._voice_until, self._entered)
        return self._leave(now_ms) if now_ms - since >= NO_BEEP_MS else []

    def _words(self, text: str, now_ms: int, *, whole: bool) -> list[Do]:
        if self.state is Answering.PERSON and now_ms - self._entered > MACHINE_AT_MOST_MS:
            return []  # In the middle of a talk "voicemail" is just a word.
        if _FULL.search(text):
            self._enter(Answering.GREETING, now_ms)
            return self._give_up()
        talks = self.state is Answering.PERSON or _OFFERS.search(text)
        if (_SURELY if talks else _MACHINE).search(text):
            self._by_length = False
            return self._machine(now_ms)
        if _ASKS.search(text):
            return self._screened(now_ms)
        if self.state is Answering.LISTENING and self._goes_on() and len(text.split()) >= LONG_GREETING_WORDS:
            self._by_length = True
            return self._machine(now_ms)
        if self.state is Answering.SCREENED and _STAY.search(text):
            return []
        if whole and self.state is Answering.LISTENING and not self._introduced and _INTRODUCES.match(_bare(text)):
            self._introduced = True
            return []
        # Somebody who says anything else and waits is a person, except on a greeting: those have many sentences.
        return self._person(now_ms) if whole and self.state is not Answering.GREETING else []

    def _verdict(self, value: str, now_ms: int) -> list[Do]:
        if value == "human":
            return self._person(now_ms) if self.state is Answering.LISTENING else []
        if value.startswith("machine_end") and self.state in {Answering.LISTENING, Answering.GREETING}:
            return self._leave(now_ms)
        if value == "machine_start":
            return self._machine(now_ms)
        if value == "fax":
            self._enter(Answering.GREETING, now_ms)
            return self._give_up()
        return []

    def _message_over(self, now_ms: int, *, complete: bool) -> list[Do]:
        if self.state is not Answering.MESSAGE:
            return []
        if not complete:
            # Something was heard over it: a person, whose words come next, or noise, after which it is left again.
            self._interrupted = True
            self._entered = now_ms
            return []
        self.message_left = True
        self.state = Answering.OVER
        return [Do.HANG_UP]

    def _person(self, now_ms: int) -> list[Do]:
        if self.state is Answering.PERSON:
            return []
        late = self.state is not Answering.LISTENING
        self._enter(Answering.PERSON, now_ms)
        return [Do.BEGIN_ANEW] if late else [Do.KNOWN_PERSON]

    def _machine(self, now_ms: int) -> list[Do]:
        if self.state in {Answering.GREETING, Answering.MESSAGE}:
            return []
        self._enter(Answering.GREETING, now_ms)
        return [Do.HUSH] if self._leaves_message else self._give_up()

    def _screened(self, now_ms: int) -> list[Do]:
        if self.state is Answering.SCREENED:
            return []
        self._enter(Answering.SCREENED, now_ms)
        return [Do.HUSH, Do.TELL_SCREENER]

    def _leave(self, now_ms: int) -> list[Do]:
        if not self._leaves_message:
            self._enter(Answering.GREETING, now_ms)
            return self._give_up()
        self._interrupted = False
        self._enter(Answering.MESSAGE, now_ms)
        return [Do.HUSH, Do.LEAVE_MESSAGE]

    def _give_up(self) -> list[Do]:
        if self.state is not Answering.SCREENED:
            self.state = Answering.OVER
        return [Do.HANG_UP]

    def _enter(self, state: Answering, now_ms: int) -> None:
        self.state, self._entered = state, now_ms
