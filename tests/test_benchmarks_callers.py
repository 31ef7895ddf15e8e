"""Speech folders: what is read, and what is refused with which words. Synthetic callers."""

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calls import tone, utterance

from audio.judge import spans
from benchmarks import callers
from benchmarks.callers import LINES, PAUSE, deal, recorded, synthetic
from benchmarks.errors import BenchmarkError


def wav(path: Path, ms: int = 1000, rate: int = 8_000, channels: int = 1, silence: bool = False) -> None:
    """A WAV file with a tone, whatever its rate."""
    pcm = tone(ms)[:0] if ms == 0 else np.resize(tone(ms), ms * rate // 1000 * channels)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((pcm * 0 if silence else pcm).tobytes())


def folder(path: Path, *entries: dict[str, Any]) -> Path:
    """A speech folder with this manifest."""
    (path / "manifest.json").write_text(json.dumps(entries))
    return path


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100])
def test_any_rate_becomes_the_telephones(tmp_path: Path, rate: int) -> None:
    """A second stays a second, at 8 kHz."""
    wav(tmp_path / "a.wav", rate=rate)
    [one] = recorded(folder(tmp_path, {"file": "a.wav", "text": "hello", "seconds": 1.0, "licence": "CC0"}))
    assert (one.name, one.text) == ("a.wav", "hello")
    assert one.seconds == pytest.approx(1.0, abs=0.01)


def test_only_the_file_has_to_be_named(tmp_path: Path) -> None:
    """Text and length help, but are not needed to measure."""
    wav(tmp_path / "a.wav")
    [one] = recorded(folder(tmp_path, {"file": "a.wav"}))
    assert one.text == ""


def test_a_folder_without_a_manifest_is_told_what_to_hold(tmp_path: Path) -> None:
    """The message shows what a manifest looks like."""
    with pytest.raises(BenchmarkError, match=r"manifest\.json cannot be read.*a list such as"):
        recorded(tmp_path)


def test_an_empty_manifest_is_an_error(tmp_path: Path) -> None:
    """There is nothing to say."""
    with pytest.raises(BenchmarkError, match="lists no recordings"):
        recorded(folder(tmp_path))


@pytest.mark.parametrize(
    ("manifest", "where"), [("{}", "the file"), ('[{"file": 1}]', "0/file"), ('[{"text": "x"}]', "0/file"), ("[", "")]
)
def test_a_manifest_of_another_shape_names_the_place(tmp_path: Path, manifest: str, where: str) -> None:
    """Whoever wrote it finds the entry."""
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(BenchmarkError, match=rf"manifest\.json: {where}"):
        recorded(tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The manifest, not the folder, is what is wrong."""
    with pytest.raises(BenchmarkError, match=r"gone\.wav is listed in manifest\.json, but there is no such file"):
        recorded(folder(tmp_path, {"file": "gone.wav", "text": "x", "seconds": 1}))


def test_a_rate_too_low_for_a_telephone_is_refused(tmp_path: Path) -> None:
    """A 6 kHz recording would be judged on what is not in it."""
    wav(tmp_path / "a.wav", rate=6_000)
    with pytest.raises(BenchmarkError, match="6000 Hz: a call needs 8000 Hz or more"):
        recorded(folder(tmp_path, {"file": "a.wav"}))


def test_a_wrong_rate_is_seen_by_the_length(tmp_path: Path) -> None:
    """8 kHz samples under a 16 kHz header last half as long as the manifest says."""
    wav(tmp_path / "a.wav", ms=500, rate=16_000)
    with pytest.raises(BenchmarkError, match=r"lasts 0\.50 s at the 16000 Hz its header names, and 1 s"):
        recorded(folder(tmp_path, {"file": "a.wav", "seconds": 1}))


def test_stereo_is_refused_with_a_remedy(tmp_path: Path) -> None:
    """Two channels read as one would be noise."""
    wav(tmp_path / "a.wav", channels=2)
    with pytest.raises(BenchmarkError, match=r"2 channels of 16 bits: .*-ac 1"):
        recorded(folder(tmp_path, {"file": "a.wav"}))


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not audio at all, but long enough for a header" * 2])
def test_a_file_that_is_no_wav_is_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever is in it."""
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(BenchmarkError, match="is not a WAV file"):
        recorded(folder(tmp_path, {"file": "a.wav"}))


def test_silence_is_not_an_utterance(tmp_path: Path) -> None:
    """Nobody could answer it."""
    wav(tmp_path / "a.wav", silence=True)
    with pytest.raises(BenchmarkError, match="holds no sound"):
        recorded(folder(tmp_path, {"file": "a.wav"}))


def test_everything_is_said_before_anything_is_said_again() -> None:
    """Utterances are dealt like cards, in an order the seed decides."""
    pack = [utterance(100, name=str(number)) for number in range(5)]
    first, second = deal(pack, calls=2, turns=5, seed=3)
    assert {one.name for one in first} == {one.name for one in second} == {"0", "1", "2", "3", "4"}
    assert deal(pack, 2, 5, seed=3) == [first, second]
    assert deal(pack, 2, 5, seed=4) != [first, second]


class Buzzer:
    """A caller's voice that needs no model."""

    def __init__(self, speed: float) -> None:
        self.speed = speed

    def synthesize(self, text: str) -> Any:
        return tone(int(60 * len(text) / self.speed))


def test_synthetic_callers_are_the_same_for_the_same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every system, and every run, hears the same callers."""
    monkeypatch.setattr(callers, "JoeVoice", Buzzer)
    first, again, other = synthetic(1), synthetic(1), synthetic(2)
    assert all(np.array_equal(one.pcm, two.pcm) for one, two in zip(first, again, strict=True))
    assert not all(np.array_equal(one.pcm, two.pcm) for one, two in zip(first, other, strict=True))


def test_some_synthetic_callers_stop_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their pause is real silence inside one utterance, and not in its text."""
    monkeypatch.setattr(callers, "JoeVoice", Buzzer)
    said = synthetic(1)
    hesitant = [len(spans(one.pcm)) == 2 for one in said]
    assert hesitant == [PAUSE in line for line in LINES]
    assert sum(hesitant) == 3
    assert not any("..." in one.text for one in said)
