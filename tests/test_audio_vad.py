import numpy as np
import pytest
from sounds import as_heard, noise, over_telephone, silence, tone

from audio.engines import Pcm16
from audio.models import SILERO, open_session
from audio.pcm import to_float
from audio.tts.joe import JoeVoice
from audio.vad import WINDOW, SileroModel

pytest_plugins = ["speech"]

LINE = "We closed last Friday, and we move in on December fifth."


@pytest.fixture(scope="module")
def spoken(caller_voice: JoeVoice) -> Pcm16:
    """A line of a caller's."""
    return as_heard(caller_voice.synthesize(LINE))


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


def test_speech_after_a_long_silence_is_heard_as_soon(silero: SileroModel, spoken: Pcm16) -> None:
    """Silence does not dull the model's memory: at most one window later than in a fresh stream."""
    quiet = over_telephone(noise(WINDOW * 300 / 8_000, 0.001))
    fresh, bored = silero.stream(), silero.stream()
    soon = np.argmax(np.array(fresh.feed(spoken)) > 0.5)
    bored.feed(quiet)
    late = np.argmax(np.array(bored.feed(spoken)) > 0.5)
    assert late <= soon + 1


def test_a_burst_after_silence_is_no_speech(silero: SileroModel) -> None:
    """Nor what its memory makes of it after seconds of nothing."""
    stream = silero.stream()
    stream.feed(silence(5.0))
    assert max(stream.feed(over_telephone(noise(0.5, 0.2)))[2:]) < 0.5


def test_the_network_of_its_own_says_what_the_published_one_says(silero: SileroModel, spoken: Pcm16) -> None:
    """Folding changed how it is computed, not what comes out."""
    published = open_session(SILERO)
    state, context, rate = np.zeros((2, 1, 128), np.float32), np.zeros(32, np.float32), np.array(8_000, np.int64)
    stream = silero.stream()
    for window in np.resize(spoken, (50, WINDOW)):
        heard = np.concatenate((context, to_float(window)))
        output, state = published.run(None, {"input": heard[np.newaxis], "state": state, "sr": rate})
        context = heard[-32:]
        np.testing.assert_allclose(silero.hear([stream], window[np.newaxis]), output[0], atol=1e-5)
        np.testing.assert_allclose(stream.memory, np.concatenate((context, *state[:, 0])), atol=1e-5)


def test_streams_share_the_model_but_not_their_memory(silero: SileroModel, spoken: Pcm16) -> None:
    """What one caller says leaves no trace in another's stream."""
    alone, beside, other = silero.stream(), silero.stream(), silero.stream()
    mixed: list[float] = []
    for start in range(0, len(spoken), 160):
        mixed += beside.feed(spoken[start : start + 160])
        other.feed(noise(0.02, 0.1, seed=start))
    assert mixed == alone.feed(spoken)


def test_a_batch_says_what_each_call_would_hear_alone(silero: SileroModel, spoken: Pcm16) -> None:
    """Calls that are judged together, silent and speaking at their own times, get their own verdicts."""
    quiet = silence(4.0)
    lines = [np.concatenate(parts) for parts in ((spoken, quiet, spoken), (quiet, spoken, quiet), (quiet, quiet))]
    alone = [silero.stream().feed(line) for line in lines]
    streams = [silero.stream() for _ in lines]
    together: list[list[float]] = [[] for _ in lines]
    for at in range(min(len(line) for line in lines) // WINDOW):
        windows = np.stack([line[at * WINDOW : (at + 1) * WINDOW] for line in lines])
        for verdicts, probability in zip(together, silero.hear(streams, windows), strict=True):
            verdicts.append(probability)
    for verdicts, expected in zip(together, alone, strict=True):
        np.testing.assert_allclose(verdicts, expected[: len(verdicts)], atol=1e-4)


def test_refuses_other_rates_and_types(silero: SileroModel) -> None:
    """16 kHz audio would pass for slow, deep speech: it is refused at the door."""
    with pytest.raises(ValueError, match="not 16000 Hz"):
        silero.stream(rate=16_000)
    with pytest.raises(ValueError, match="int16"):
        silero.stream().feed(np.zeros(160, np.float32))
