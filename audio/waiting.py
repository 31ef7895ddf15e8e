"""How long a silence must last until the lead is answered: by his words, by his voice, and by what he was asked for.

Pure. The waits are ms of silence and whole windows of the detector: anything else is rounded up to one. What they were
chosen by, and what they cost, is in `docs/latency.md`.
"""

from dataclasses import dataclass

from audio.completeness import IN_PIECES, Asked, Ending

TELLS_ENOUGH = frozenset({Ending.WHOLE, Ending.SERIES, Ending.UNFINISHED})
"""With such words the wait is the same however the voice sounds: it need not be judged."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The silence before an answer."""

    both_ms: int = 224
    """If the words are complete and the voice sounds finished; or the words are all that was asked for,"""
    either_ms: int = 320
    """if one of the two says so, and the other does not tell, denies it, or has not been judged,"""
    neither_ms: int = 384
    """if neither does,"""
    series_ms: int = 576
    """if the words are a row of digits or letters that nobody asked for,"""
    unfinished_ms: int = 928
    """and if they lead on."""
    pieces_ms: int = 400
    """Added while a number, an e-mail address or spelling is expected, until the words are all of one."""
    finished: float = 0.5
    """Smart Turn's probability from which the voice sounds finished."""

    def ms(self, ending: Ending, voice: float | None, asked: Asked = Asked.ANYTHING) -> int:
        """The wait for words of this `ending`; `voice` is Smart Turn's probability, None if there is none yet."""
        over = voice is not None and voice >= self.finished
        match ending:
            case Ending.WHOLE:
                return self.both_ms
            case Ending.COMPLETE:
                return self.both_ms if over else self.either_ms
            case Ending.UNCLEAR:
                wait = self.either_ms if over else self.neither_ms
            case Ending.SERIES:
                wait = self.series_ms
            case Ending.UNFINISHED:
                wait = self.unfinished_ms
        return wait + self.pieces_ms if asked in IN_PIECES else wait
