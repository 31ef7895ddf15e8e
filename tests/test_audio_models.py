import subprocess
import sys
from pathlib import Path

import pytest

from audio.engines import ModelError
from audio.models import (
    HIBARI,
    JOE,
    SILERO,
    SMART_TURN,
    WHISPER_TINY_EN,
    ModelFile,
    locate,
    open_session,
    verified,
    verify,
)


def model(package: str, path: str = "model.onnx", sha256: str = "0" * 64) -> ModelFile:
    """A model nobody has heard of, at a place that exists or not."""
    return ModelFile("Test model", package, path, "some-package==1.0", sha256)


@pytest.mark.parametrize("known", [SILERO, SMART_TURN, WHISPER_TINY_EN, HIBARI, JOE], ids=lambda known: known.name)
def test_every_model_is_installed_and_is_the_tested_one(known: ModelFile) -> None:
    """The wheels hold exactly the files that the measurements were made with."""
    assert verified(known).is_file()


def test_looking_for_a_model_does_not_import_its_package() -> None:
    """Importing pipecat takes a second and prints a banner; its files need neither."""
    script = "import sys; from audio.models import *; verified(SILERO); verified(JOE); print('pipecat' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_a_missing_package_says_what_to_install() -> None:
    """The message names the model, the package and the command."""
    with pytest.raises(
        ModelError, match=r"Test model: the package 'no_such_package' .* pip install .*some-package==1.0"
    ):
        locate(model("no_such_package"))


def test_a_module_that_is_no_package_holds_no_models() -> None:
    """A lone module has no directory to look in."""
    with pytest.raises(ModelError, match="is not installed"):
        locate(model("this"))


def test_a_missing_file_is_named() -> None:
    """The package is there but a release moved the file: say where it was looked for."""
    with pytest.raises(ModelError, match=r"there is no file .*hibari.assets.gone\.onnx"):
        locate(model("hibari", "assets/gone.onnx"))


def test_another_file_is_refused_with_both_checksums(tmp_path: Path) -> None:
    """A model that is not the tested one may hear or say anything: what was expected and what was found is said."""
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not the model")
    with pytest.raises(ModelError) as refusal:
        verify(model("any"), path)
    message = str(refusal.value)
    assert str(path) in message
    assert "expected " + "0" * 64 in message
    assert "has SHA-256 9165d8b6a043825d90c9" in message
    assert "pip install" in message


def test_a_refusal_is_not_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Installing the right wheel helps at once: only successes are cached."""
    package = tmp_path / "late_package"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    late = model("late_package", sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    with pytest.raises(ModelError):
        verified(late)
    (package / "model.onnx").touch()
    assert verified(late) == package / "model.onnx"


def test_a_file_that_is_no_network_is_a_model_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever the runtime raises, the caller sees one kind of error that names the model."""
    package = tmp_path / "empty_package"
    package.mkdir()
    (package / "model.onnx").touch()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    empty = model("empty_package", sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    with pytest.raises(ModelError, match=r"Test model: .* does not load"):
        open_session(empty)
