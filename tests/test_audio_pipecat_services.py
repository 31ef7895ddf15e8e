"""Services are found by name, and whatever is missing is said in words that mend it."""

import pytest

from audio.engines import ModelError
from audio.pipecat_services import find, make, parse, read_options, vendors


def test_a_service_is_found_by_its_vendor_and_kind() -> None:
    """Pipecat's own layout of modules names them, so none is listed here."""
    assert find(parse("stt", "pipecat:whisper")).__name__ == "WhisperSTTService"
    assert find(parse("tts", "pipecat:cartesia")).__name__ == "CartesiaTTSService"
    assert find(parse("llm", "pipecat:openai")).__name__ == "OpenAILLMService"
    assert "deepgram.flux" in vendors("stt")


def test_another_service_of_a_vendor_is_named_by_its_class() -> None:
    """Where there are several, the plain one is taken unless one is named."""
    assert find(parse("tts", "pipecat:cartesia/CartesiaHttpTTSService")).__name__ == "CartesiaHttpTTSService"
    with pytest.raises(ModelError, match="CartesiaTTSService"):
        find(parse("tts", "pipecat:cartesia/Nothing"))


@pytest.mark.parametrize("name", ["deepgram", "pipecat:", "pipecat:../x", "pipecat:a b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    """The error shows the form."""
    with pytest.raises(ModelError, match="pipecat:<vendor>"):
        parse("stt", name)


def test_an_unknown_vendor_is_told_who_there_is() -> None:
    """A misspelling is found at once."""
    with pytest.raises(ModelError, match=r"no stt service 'depgram'.*deepgram"):
        find(parse("stt", "pipecat:depgram"))


def test_a_missing_package_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipecat keeps each vendor's client in an extra of its name."""

    def missing(path: str) -> None:
        raise ImportError("Missing module: No module named 'deepgram'")

    monkeypatch.setattr("audio.pipecat_services.importlib.import_module", missing)
    with pytest.raises(ModelError, match=r"pip install 'pipecat-ai\[deepgram\]'"):
        find(parse("stt", "pipecat:deepgram.flux"))


def test_a_missing_key_is_named_by_its_variable() -> None:
    """The vendor's usual one, or an option."""
    with pytest.raises(ModelError, match="set CARTESIA_API_KEY, or api_key in SEGUE_TTS_OPTIONS"):
        make(parse("tts", "pipecat:cartesia"), {})
    assert make(parse("tts", "pipecat:cartesia", {"voice": "v"}), {"CARTESIA_API_KEY": "k"})
    assert make(parse("tts", "pipecat:cartesia", {"voice": "v", "api_key": "k"}), {})


def test_options_go_where_the_service_takes_them() -> None:
    """Some are settings, some arguments; the operator need not know which."""
    options = {"model": "sonic-9", "voice": "v", "url": "ws://127.0.0.1:1", "api_key": "k"}
    service = make(parse("tts", "pipecat:cartesia", options), {})
    assert (service.settings.model, service.settings.voice) == ("sonic-9", "v")


def test_a_wrong_option_is_answered_with_those_there_are() -> None:
    """It stops the start, not the first call. Values are left out: one may be a key."""
    with pytest.raises(ModelError, match=r"does not know vioce\..*voice") as error:
        make(parse("tts", "pipecat:cartesia", {"vioce": "v", "api_key": "secret"}), {})
    assert "secret" not in str(error.value)


def test_options_are_an_object() -> None:
    """Anything else is a mistake."""
    assert read_options('{"model": "x"}') == {"model": "x"}
    for wrong in ("[1]", "x"):
        with pytest.raises(ValueError, match=r"object|Expecting"):
            read_options(wrong)
