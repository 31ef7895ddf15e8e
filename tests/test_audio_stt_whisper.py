from pathlib import Path

import huggingface_hub.constants
import numpy as np
import pytest
from sounds import Hear, as_heard, noise, over_telephone, plain, silence, tone

from audio.engines import ModelError, Pcm16
from audio.models import WHISPER_TINY_EN, verified
from audio.stt.whisper import Whisper, collapse, is_phantom, pieces
from audio.tts.joe import JoeVoice

pytest_plugins = ["speech"]

STORY = [
    ("In the beginning of the year", "a house"),
    ("Then in the spring", "a new car"),
    ("When the summer came", "a little boat"),
    ("In the second week of August", "a white horse"),
    ("After the long holidays", "a garden table"),
    ("At the beginning of October", "a yellow door"),
    ("And on the last day of November", "a kitchen"),
    ("Just before the first snow", "a little tree"),
    ("And then at the very end", "nothing"),
    ("But in the new year", "a window"),
]


@pytest.mark.parametrize(
    "line",
    [
        "Yeah I am, just been busy",
        "yeah that's fine",
        "we closed last friday, and we move in on december fifth",
        "starting fresh, just want to compare",
        "wait, hold on, are you a real person",
        "no it's fine, go on. it's a condo",
        "yeah, ideally before the fifth",
        "oh, and actually it's a condo technically, not a townhouse",
        "stop calling me",
        "who is this",
        "I'm not interested",
    ],
)
def test_understands_a_caller(hear: Hear, caller_voice: JoeVoice, line: str) -> None:
    """Whole sentences come through an 8 kHz μ-law line word for word."""
    assert hear(caller_voice.synthesize(line)).replace("5th", "fifth") == plain(line)


@pytest.mark.parametrize(
    ("answer", "heard"), [("yes", {"yes"}), ("no", {"no"}), ("okay", {"ok", "okay"}), ("sure", {"sure"})]
)
def test_understands_one_word(hear: Hear, caller_voice: JoeVoice, answer: str, heard: set[str]) -> None:
    """The shortest answers matter most: each is heard, once."""
    assert hear(caller_voice.synthesize(answer)) in heard


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(silence(2.0), id="silence"),
        pytest.param(silence(0.1), id="a moment of silence"),
        pytest.param(noise(2.0, 0.01), id="quiet noise"),
        pytest.param(noise(3.0, 0.1), id="loud noise"),
        pytest.param(tone(2.0, 350, 440), id="dial tone"),
        pytest.param(tone(1.0, 1_000), id="beep"),
    ],
)
def test_noise_says_nothing(whisper: Whisper, sound: Pcm16) -> None:
    """Whisper would write "Thank you." for noise; a caller who said nothing gets no answer."""
    assert whisper.transcribe(over_telephone(sound)).text == ""


def test_no_audio_says_nothing(whisper: Whisper) -> None:
    """An empty utterance is silence beyond doubt."""
    heard = whisper.transcribe(silence(0.0))
    assert heard.text == ""
    assert heard.no_speech == 1.0


def test_speech_is_more_certain_than_noise(whisper: Whisper, caller_voice: JoeVoice) -> None:
    """Both numbers of a transcript point the right way."""
    speech = whisper.transcribe(as_heard(caller_voice.synthesize("yeah, ideally before the fifth")))
    nothing = whisper.transcribe(noise(2.0))
    assert -0.7 < speech.confidence <= 0.0
    assert speech.no_speech < 0.5 < nothing.no_speech


def test_hints_do_not_appear_in_the_transcript(whisper: Whisper, caller_voice: JoeVoice) -> None:
    """Names given as a prompt may be recognised better; they are never heard where nobody said them."""
    pcm = as_heard(caller_voice.synthesize("wait, hold on, are you a real person"))
    assert plain(whisper.transcribe(pcm, hints=["Geico", "Allstate"]).text) == "wait hold on are you a real person"


def test_a_long_utterance_is_heard_to_its_end(whisper: Whisper, caller_voice: JoeVoice) -> None:
    """Beyond 20 s speech is cut at a pause and decoded in pieces; the text is one."""
    sentences = [caller_voice.synthesize(f"{ordinal}, we bought {thing}.") for ordinal, thing in STORY]
    long = np.concatenate([part for sentence in sentences for part in (sentence, silence(0.4))])
    assert len(long) > 20 * 8_000
    heard = plain(whisper.transcribe(over_telephone(long)).text)
    assert [thing for _, thing in STORY if thing in heard] == [thing for _, thing in STORY]


def test_pieces_are_cut_at_the_quietest_moment() -> None:
    """The cut lies in the pause, and the pieces are the whole."""
    talk = np.concatenate((noise(14.0, 0.2), silence(0.4), noise(14.0, 0.2)))
    first, second = pieces(talk)
    assert 14.0 <= len(first) / 8_000 <= 14.4
    assert np.array_equal(np.concatenate((first, second)), talk)


def test_refuses_samples_that_are_not_telephone_audio(whisper: Whisper) -> None:
    """Floats or stereo are refused by name."""
    with pytest.raises(ValueError, match="int16"):
        whisper.transcribe(np.zeros(8_000, np.float32))
    with pytest.raises(ValueError, match=r"shape \(n,\)"):
        whisper.transcribe(np.zeros((2, 8_000), np.int16))


def test_a_directory_is_a_model(caller_voice: JoeVoice) -> None:
    """A CTranslate2 model of one's own is used as it lies."""
    own = Whisper(str(verified(WHISPER_TINY_EN).parent))
    assert plain(own.transcribe(as_heard(caller_voice.synthesize("yeah that's fine"))).text) == "yeah that's fine"


def test_a_directory_without_a_model_is_refused(tmp_path: Path) -> None:
    """The message names the directory."""
    with pytest.raises(ModelError, match=str(tmp_path)):
        Whisper(str(tmp_path))


def test_a_name_the_hub_does_not_know_is_refused() -> None:
    """A typo in the setting is answered with the setting, and with what works without it."""
    with pytest.raises(ModelError, match=r"'tiny\.enn' is no directory.*bundled tiny\.en"):
        Whisper("tiny.enn")


def test_a_hub_out_of_reach_is_a_model_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a network and without a cached copy there is no model, and that is said plainly."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="fetching it from the Hugging Face hub failed"):
        Whisper("some-owner/some-whisper-nobody-has")


@pytest.mark.parametrize(
    ("looped", "once"),
    [
        ("call me back tomorrow call me back tomorrow", "call me back tomorrow"),
        ("Call me back now. call me back now", "Call me back now."),
        ("I said home and auto I said home and auto please", "I said home and auto please"),
        ("we can do it we can do it we can do it", "we can do it"),
    ],
)
def test_a_phrase_said_twice_is_said_once(looped: str, once: str) -> None:
    """A loop of the decoder is undone, whatever its punctuation and case."""
    assert collapse(looped, ran_over=False) == once


@pytest.mark.parametrize("text", ["no no no", "very very good", "bye bye", "it is what it is", "5 5 5 5 5 5 5 5", ""])
def test_people_do_repeat_themselves(text: str) -> None:
    """Short repeats and digits are left alone: they are what was said."""
    assert collapse(text, ran_over=False) == text


@pytest.mark.parametrize(
    ("looped", "once"),
    [
        ("I'm an AI with Harbor Lane. I'm an AI with", "I'm an AI with Harbor Lane."),
        ("come on come on come on come", "come on come"),
        ("five 5 5 5 5", "five 5 5 5 5"),
    ],
)
def test_at_the_cap_a_repeat_may_be_short_or_cut_off(looped: str, once: str) -> None:
    """A decoder that ran into its cap was looping; what it was cut off in goes too."""
    assert collapse(looped, ran_over=True) == once


@pytest.mark.parametrize("phantom", ["You", "Thank you.", ".", "", "Thanks for watching!", "I'm going to go ahead and"])
def test_the_phantoms_of_noise_are_known(phantom: str) -> None:
    """What Whisper writes for noise is dropped when it doubts that anybody spoke."""
    assert is_phantom(phantom, logprob=-0.67, no_speech=0.79)


@pytest.mark.parametrize(
    ("text", "logprob", "no_speech"), [("Yes.", -1.03, 0.88), ("ok", -1.6, 0.74), ("Stop.", -2, 0.9)]
)
def test_short_answers_are_never_phantoms(text: str, logprob: float, no_speech: float) -> None:
    """On real calls "yes" scores like noise, and a "stop" missed is the worst mistake there is."""
    assert not is_phantom(text, logprob, no_speech)


def test_a_thank_you_that_was_spoken_stays() -> None:
    """The list of phantoms counts only where the model itself doubts."""
    assert not is_phantom("Thank you.", logprob=-0.3, no_speech=0.1)


def test_a_hopeless_guess_is_nothing() -> None:
    """Below a log-probability of -1.5 the words are made up."""
    assert is_phantom("The Chevrolet of the mountain.", logprob=-1.7, no_speech=0.3)
