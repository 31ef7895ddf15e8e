import numpy as np
import pytest
from sounds import as_heard, noise, over_telephone, silence, tone

from audio.engines import Float32, Pcm16
from audio.tts.joe import JoeVoice
from audio.vad import WINDOW, SileroModel

pytest_plugins = ["speech"]

LINE = "We closed last Friday, and we move in on December fifth."


@pytest.fixture(scope="module")
def spoken(caller_voice: JoeVoice) -> Pcm16:
    """A line of a caller's."""
    return as_heard(caller_voice.synthesize(LINE))


class CountingModel(SileroModel):
    """Silero, counting how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.windows = 0

    def judge(self, windows: Float32, states: Float32) -> tuple[Float32, Float32]:
        """Asks the model and counts."""
        self.windows += len(windows)
        return super().judge(windows, states)


def test_hears_speech(silero: SileroModel, spoken: Pcm16) -> None:
    """Most windows of a spoken line are speech beyond doubt."""
    probabilities = np.array(silero.stream().feed(spoken))
    assert np.mean(probabilities > 0.5) > 0.6
    assert probabilities.max() > 0.95


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(silence(4.0), id="silence"),
        pytest.param(noise(4.0, 0.003), id="line noise"),
        pytest.param(noise(4.0, 0.1), id="loud noise"),
        pytest.param(tone(4.0, 350, 440), id="dial tone"),
        pytest.param(tone(4.0, 770, 1_336), id="key press"),
        pytest.param(tone(4.0, 1_000), id="beep"),
    ],
)
def test_hears_nobody_in_noise_and_tones(silero: SileroModel, sound: Pcm16) -> None:
    """What a telephone line does by itself is not speech: at most the click of its start is taken for it."""
    probabilities = silero.stream().feed(over_telephone(sound))
    assert sum(probability > 0.5 for probability in probabilities) <= 1


def test_judges_every_window_once_whatever_the_chunks(silero: SileroModel, spoken: Pcm16) -> None:
    """20 ms frames, odd pieces and one big chunk give the same verdicts."""
    whole = silero.stream().feed(spoken)
    assert len(whole) == len(spoken) // WINDOW
    for size in (160, 7, 1_000):
        stream = silero.stream()
        parts = [p for start in range(0, len(spoken), size) for p in stream.feed(spoken[start : start + size])]
        assert parts == whole


def test_long_silence_spares_the_model() -> None:
    """After a second of clear silence only the cheap detector listens."""
    model = CountingModel()
    stream = model.stream()
    verdicts = stream.feed(silence(60.0))
    assert len(verdicts) == 60 * 8_000 // WINDOW
    assert model.windows < 100
    assert max(verdicts) < 0.1


def test_speech_after_a_long_silence_is_heard_as_soon(silero: SileroModel, spoken: Pcm16) -> None:
    """The cheap detector wakes the model in time: at most one window later than in a fresh stream."""
    quiet = over_telephone(noise(WINDOW * 300 / 8_000, 0.001))
    fresh, dozed = silero.stream(), silero.stream()
    soon = np.argmax(np.array(fresh.feed(spoken)) > 0.5)
    dozed.feed(quiet)
    late = np.argmax(np.array(dozed.feed(spoken)) > 0.5)
    assert late <= soon + 1


def test_waking_judges_the_windows_it_slept_through(spoken: Pcm16) -> None:
    """The model starts a third of a second before what woke it, so that the onset is in its memory."""
    model = CountingModel()
    stream = model.stream()
    stream.feed(silence(20.0))
    asleep_at = model.windows
    verdicts = stream.feed(spoken)
    assert model.windows - asleep_at > len(verdicts)


def test_the_cheap_detector_alone_never_reports_speech(silero: SileroModel) -> None:
    """A burst of noise wakes the model, and the model says it is nothing."""
    stream = silero.stream()
    stream.feed(silence(5.0))
    assert max(stream.feed(over_telephone(noise(0.5, 0.2)))[2:]) < 0.5


def test_streams_share_the_model_but_not_their_memory(silero: SileroModel, spoken: Pcm16) -> None:
    """What one caller says leaves no trace in another's stream."""
    alone, beside, other = silero.stream(), silero.stream(), silero.stream()
    mixed: list[float] = []
    for start in range(0, len(spoken), 160):
        mixed += beside.feed(spoken[start : start + 160])
        other.feed(noise(0.02, 0.1, seed=start))
    assert mixed == alone.feed(spoken)


def test_a_batch_says_what_each_call_would_hear_alone(silero: SileroModel, spoken: Pcm16) -> None:
    """Calls that are judged together, dozing and waking at their own times, get their own verdicts."""
    quiet = silence(4.0)
    lines = [np.concatenate(parts) for parts in ((spoken, quiet, spoken), (quiet, spoken, quiet), (quiet, quiet))]
    alone = [silero.stream().feed(line) for line in lines]
    streams = [silero.stream() for _ in lines]
    together: list[list[float]] = [[] for _ in lines]
    for at in range(min(len(line) for line in lines) // WINDOW):
        windows = [line[at * WINDOW : (at + 1) * WINDOW] for line in lines]
        for verdicts, probability in zip(together, silero.hear(list(zip(streams, windows, strict=True))), strict=True):
            verdicts.append(probability)
    for verdicts, expected in zip(together, alone, strict=True):
        np.testing.assert_allclose(verdicts, expected[: len(verdicts)], atol=1e-4)


def test_refuses_other_rates_and_types(silero: SileroModel) -> None:
    """16 kHz audio would pass for slow, deep speech: it is refused at the door."""
    with pytest.raises(ValueError, match="not 16000 Hz"):
        silero.stream(rate=16_000)
    with pytest.raises(ValueError, match="int16"):
        silero.stream().feed(np.zeros(160, np.float32))
