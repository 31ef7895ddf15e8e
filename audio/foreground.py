"""Which of the voices on a line is the lead's: the one as loud as he is. People talking behind him are not.

A voice detector hears a crowd, a television or a colleague as well as the lead, and without end. But who holds the
telephone is some 10 to 20 dB louder than who does not, and both loudnesses become known: his from the turns that were
answered, theirs from voices that had no words and from those too soft to be his::

    dB   his ────────────┬────────────────┬──────────────────────
                         │                │  NEAR_DB: counts, whatever else is heard
                         │ BELOW_DB       ┴
                         │                ┬  ABOVE_DB: does not, while others are heard
         theirs ─────────┼────────────────┴──────────────────────
                         ┴  begins no utterance from here down; goes on with one as far as KEEPS_DB

Where nobody else is heard, though, a voice in a silence of the persona's is the lead's however soft it is: people turn
away, or lay the telephone on the table.

Pure: a loudness is that of the detector's window, dB of full scale, and time is the number of windows.
"""

from collections import deque
from math import log10

BELOW_DB = 10.0
"""A voice this far below his is not his,"""
KEEPS_DB = 18.0
"""nor, once he speaks, what is this far below: the ends of words are soft,"""
ABOVE_DB = 4.0
"""nor what is not this much louder than the voices that are not his."""
NEAR_DB = 5.0
"""But what is this near to his own loudness counts, whatever else is heard,"""
LOUD_DB = -26.0
"""and this loud a voice counts as long as nobody knows how loud he is (the nominal level of speech, ITU-T P.56)."""
FAINT_DB = -34.0
"""Until then nobody interrupts the persona who does not once in a while become as loud as this: a voice whose loudest
sounds are fainter is some 15 dB below the nominal level. While she is silent, everybody is heard."""
HELD = 8
"""Windows, a quarter of a second: a voice is as loud as its loudest sound in that time."""
ENOUGH = 16
"""Windows of voices too soft to be his from which they are known."""
FADES_DB = 0.1
"""By which they are forgotten with each window without a voice, 3 dB a second, when there has been none for so many:"""
PAUSE = 8
NOBODY_DB = -70.0
_RISES, _FALLS = 0.2, 0.02
"""What the newest window counts for in how loud they are, if it is louder, and if not: their loudest sounds matter."""
_THEIR_SHARE = 0.4
"""Of a voice without words: what this share of it stays below is theirs, though he should have spoken over it."""


class Foreground:
    """Tells the lead's voice on one call from those behind him. Before anything is known, every voice is his."""

    def __init__(self) -> None:
        self._lead_db: float | None = None
        self._others_db = NOBODY_DB
        self._latest: deque[float] = deque(maxlen=HELD)
        self._soft = 0
        """Windows in a row with voices too soft to be his,"""
        self._silent = 0
        """and with none."""
        self._levels: list[float] = []
        """Of the utterance that is being heard, window by window,"""
        self._held: list[float] = []
        """and as loud as the loudest shortly before."""
        self._began_db = 0.0
        """How loud its beginning was."""

    def begins(self) -> None:
        """A voice begins an utterance. It is not known whose."""
        self._levels, self._held = [], []
        self._began_db = max(self._latest, default=NOBODY_DB)

    def hears(self, level_db: float, *, voice: bool, speaking: bool, over_persona: bool) -> bool:
        """Whether a window is the lead's voice.

        `voice` is the detector's word for it; `speaking`, that an utterance of his is being heard; `over_persona`, that
        the persona speaks.
        """
        self._latest.append(level_db)
        self._silent = 0 if voice else self._silent + 1
        if not voice:
            self._fade()
            return False
        held = max(self._latest)
        if held < self._least(speaking=speaking, over_persona=over_persona):
            self._too_soft(held)
            return False
        self._soft = 0
        self._levels.append(level_db)
        self._held.append(held)
        return True

    @property
    def is_near(self) -> bool:
        """Whether the utterance that is being heard is surely of somebody at the telephone."""
        least = LOUD_DB if self._lead_db is None else self._lead_db - NEAR_DB
        return bool(self._held) and sum(self._held) / len(self._held) >= least

    def was_lead(self) -> None:
        """What has been heard since the last `begins` were his words. He may have come nearer or gone farther."""
        if self._levels:
            loudest = sorted(self._levels)[len(self._levels) // 2 :]
            self._lead_db = 10 * log10(sum(10 ** (level / 10) for level in loudest) / len(loudest))

    def was_noise(self) -> None:
        """There were no words in it."""
        if self._held:
            theirs = sorted(self._held)[int(_THEIR_SHARE * len(self._held))]
            self._others_db = max(self._others_db, theirs)

    def forget(self) -> None:
        """Nobody has said anything for long: he may have put the telephone down, and speak from farther away."""
        self._lead_db = None

    def _least(self, *, speaking: bool, over_persona: bool) -> float:
        """The least loudness that may be his."""
        others = self._others_db + ABOVE_DB
        if self._lead_db is None:
            return max(min(LOUD_DB, others), FAINT_DB if over_persona and not speaking else NOBODY_DB)
        if speaking:
            his = min(self._lead_db, self._began_db) - KEEPS_DB
        elif over_persona or self._others_db > NOBODY_DB:
            his = self._lead_db - BELOW_DB
        else:
            his = NOBODY_DB
        return min(self._lead_db - NEAR_DB, max(his, others))

    def _fade(self) -> None:
        if self._silent >= PAUSE:
            self._soft = 0
            self._others_db = max(NOBODY_DB, self._others_db - FADES_DB)

    def _too_soft(self, held: float) -> None:
        self._soft += 1
        if self._soft < ENOUGH:
            return
        if self._others_db == NOBODY_DB:
            self._others_db = held
        louder = held - self._others_db
        self._others_db += louder * (_RISES if louder > 0 else _FALLS)
