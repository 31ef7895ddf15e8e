"""What the callers say: recordings from a folder, or lines spoken by the caller's voice."""

import random
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from pathlib import Path

import numpy as np
import soxr
from pydantic import BaseModel, ConfigDict, PositiveFloat, TypeAdapter, ValidationError

from audio import mulaw
from audio.engines import TELEPHONE_RATE, Pcm16
from audio.judge import spans
from audio.tts.joe import JoeVoice
from benchmarks.errors import BenchmarkError

MANIFEST = "manifest.json"
RATES = range(TELEPHONE_RATE, 192_001)
"""Hz. Below 8,000 there is less in a recording than a telephone carries."""
LONGEST_MISMATCH = 1.5
"""Factor by which a file's length and the manifest's may differ: a wrong rate is off by 2 or so, a typist by less."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn of a caller's: its words, and 8 kHz samples as they leave a telephone, after μ-law."""

    name: str
    text: str
    pcm: Pcm16

    @property
    def seconds(self) -> float:
        """Its length, pauses included."""
        return len(self.pcm) / TELEPHONE_RATE


class _Entry(BaseModel):
    """One line of a manifest; further keys (source, licence) are somebody else's."""

    model_config = ConfigDict(extra="ignore")

    file: str
    text: str = ""
    seconds: PositiveFloat | None = None


_ENTRIES = TypeAdapter(list[_Entry])


def deal(utterances: Sequence[Utterance], calls: int, turns: int, seed: int) -> list[list[Utterance]]:
    """What is said in each call: the pack is shuffled, dealt to its end, and shuffled again."""
    shuffle = random.Random(seed)
    cards = chain.from_iterable(shuffle.sample(utterances, len(utterances)) for _ in repeat(None))
    return [list(islice(cards, turns)) for _ in range(calls)]


# Recordings ----------------------------------------------------------------------------------------------------------


def recorded(folder: Path) -> list[Utterance]:
    """The utterances of a folder with a manifest: a JSON list of objects with `file`, and perhaps `text`, `seconds`.

    Raises:
        BenchmarkError: if the manifest or a file is not as it should be; it names the file.
    """
    entries = _entries(folder)
    if not entries:
        raise BenchmarkError(f"{folder / MANIFEST} lists no recordings: add some, or leave --speech out")
    return [_load(folder, entry) for entry in entries]


def _entries(folder: Path) -> list[_Entry]:
    path = folder / MANIFEST
    try:
        return _ENTRIES.validate_json(path.read_bytes())
    except OSError as error:
        raise BenchmarkError(
            f"{path} cannot be read ({error.strerror}): --speech takes a folder of WAV files with a {MANIFEST}, "
            f'a list such as [{{"file": "a.wav", "text": "hello there", "seconds": 1.2}}]'
        ) from None
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = "/".join(map(str, fault["loc"])) or "the file"
        raise BenchmarkError(f"{path}: {where}: {fault['msg']}") from None


def _load(folder: Path, entry: _Entry) -> Utterance:
    path = folder / entry.file
    pcm, rate = _read(path)
    if rate not in RATES:
        raise BenchmarkError(f"{path} is sampled at {rate} Hz: a call needs {RATES.start} Hz or more")
    seconds = len(pcm) / rate
    if entry.seconds and not 1 / LONGEST_MISMATCH < seconds / entry.seconds < LONGEST_MISMATCH:
        raise BenchmarkError(
            f"{path} lasts {seconds:.2f} s at the {rate} Hz its header names, and {entry.seconds:g} s by {MANIFEST}: "
            "one of the two is wrong, most likely the sample rate"
        )
    heard = on_the_line(pcm if rate == TELEPHONE_RATE else soxr.resample(pcm, rate, TELEPHONE_RATE, quality="HQ"))
    if not spans(heard):
        raise BenchmarkError(f"{path} holds no sound: take it off {MANIFEST}")
    return Utterance(entry.file, entry.text, heard)


def _read(path: Path) -> tuple[Pcm16, int]:
    """Samples and their rate."""
    try:
        with wave.open(str(path)) as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, 2):
                raise BenchmarkError(
                    f"{path} has {file.getnchannels()} channels of {8 * file.getsampwidth()} bits: "
                    f"make it mono with 16 bits, say by `ffmpeg -i {path.name} -ac 1 -c:a pcm_s16le mono.wav`"
                )
            return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16), file.getframerate()
    except FileNotFoundError:
        raise BenchmarkError(f"{path} is listed in {MANIFEST}, but there is no such file") from None
    except (OSError, EOFError, wave.Error) as error:
        raise BenchmarkError(f"{path} is not a WAV file that can be read ({error})") from None


def on_the_line(pcm: Pcm16) -> Pcm16:
    """8 kHz samples as they come off a telephone line: with the noise of μ-law."""
    return mulaw.decode(mulaw.encode(pcm))


# Synthetic callers ---------------------------------------------------------------------------------------------------

PAUSE = " ... "
"""Where the speaker of a line stops to think."""
PAUSES_MS = (300, 700)
SPEEDS = (0.9, 1.0, 1.15)
GAINS_DB = (-14.0, 0.0)

LINES = (
    "Yes this is he.",
    "Yeah that's fine.",
    "It's for home insurance.",
    "We just bought a place in Lincoln Park.",
    "We are closing on the ... fifteenth of December.",
    "I'd like to move in before Christmas.",
    "It's a townhouse.",
    "We don't have anything yet.",
    "I guess I'm mostly looking for ... a better price.",
    "How much is that going to cost me?",
    "Do you work with State Farm?",
    "I have a twenty nineteen Ford too.",
    "Could you say that again?",
    "That sounds good to me.",
    "There are four of us in the house.",
    "Not that I know of.",
    "Next week would be better for us.",
    "I'm at work right now but go ahead.",
    "We've been renting ... for about six years.",
    "Okay and what happens next?",
)
"""Three in twenty stop to think. The voice cannot hesitate: it falls before a pause as if it had finished, so these
pauses are harder to tell from an end than people's own. Cut-offs are better measured with recorded speech."""


def synthetic(seed: int) -> list[Utterance]:
    """Callers of three speeds and any loudness, some of whom stop in the middle. The same for the same seed.

    Raises:
        ModelError: if the voice is not installed.
    """
    dice = random.Random(seed)
    voices = [JoeVoice(speed) for speed in SPEEDS]
    return [_spoken(f"line-{number:02}", line, dice.choice(voices), dice) for number, line in enumerate(LINES)]


def _spoken(name: str, line: str, voice: JoeVoice, dice: random.Random) -> Utterance:
    pcm = np.concatenate(list(_stretches(line, voice, dice)))
    gain = 10 ** (dice.uniform(*GAINS_DB) / 20)
    return Utterance(name, line.replace(PAUSE, " "), on_the_line((pcm * gain).astype(np.int16)))


def _stretches(line: str, voice: JoeVoice, dice: random.Random) -> Iterator[Pcm16]:
    for index, stretch in enumerate(line.split(PAUSE)):
        if index:
            yield np.zeros(dice.randint(*PAUSES_MS) * TELEPHONE_RATE // 1000, np.int16)
        yield voice.synthesize(stretch)


def describe(utterances: Sequence[Utterance]) -> str:
    """How much there is to say, for the report."""
    return f"{len(utterances)} utterances, {sum(one.seconds for one in utterances):.0f} s"
