"""Finds Pipecat's speech and language services by name: `pipecat:cartesia` is the vendor's service of the kind wanted.

Nothing here knows a vendor. Pipecat keeps the services of a vendor in `pipecat.services.<vendor>.{stt,tts,llm}`, takes
the key as `api_key` and everything that may change at run time as the class's `Settings`.
"""

import importlib
import importlib.util
import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from pydantic import JsonValue

from audio.engines import ModelError

Kind = Literal["stt", "tts", "llm"]
PREFIX = "pipecat:"
_PACKAGE = "pipecat.services"


@dataclass(frozen=True, slots=True)
class ServiceChoice:
    """Which service is wanted: `vendor`, perhaps with one of its families ("deepgram.flux"), and its options."""

    kind: Kind
    vendor: str
    class_name: str | None = None
    """Where a vendor has several services of a kind: `pipecat:piper/PiperHttpTTSService`."""
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    """Fields of the service's `Settings`, and arguments of its constructor."""

    @property
    def name(self) -> str:
        """As it is written in the settings."""
        return PREFIX + self.vendor + (f"/{self.class_name}" if self.class_name else "")

    @property
    def variable(self) -> str:
        """Where its key is looked for: the vendor's usual variable."""
        return f"{self.vendor.partition('.')[0].upper()}_API_KEY"


def parse(kind: Kind, name: str, options: Mapping[str, JsonValue] | None = None) -> ServiceChoice:
    """Reads "pipecat:<vendor>" or "pipecat:<vendor>/<class>".

    Raises:
        ModelError: if it is not of that form.
    """
    vendor, _, class_name = name.removeprefix(PREFIX).partition("/")
    if not name.startswith(PREFIX) or not all(part.isidentifier() for part in vendor.split(".")):
        raise ModelError(f"{name!r} is no service: write pipecat:<vendor>, such as pipecat:deepgram")
    return ServiceChoice(kind, vendor, class_name or None, options or {})


def make(choice: ServiceChoice, environment: Mapping[str, str | None]) -> Any:
    """The service, not connected yet. `environment` is where its key is.

    Raises:
        ModelError: saying what to install, to set or to write instead.
    """
    service = find(choice)
    given = dict(choice.options)
    known = _known(service)
    if unknown := sorted(given.keys() - known):
        raise _wrong_options(choice, known, f"{service.__name__} does not know {', '.join(unknown)}")
    if "api_key" in known and "api_key" not in given:
        given["api_key"] = environment.get(choice.variable) or _no_key(choice)
    settings = _settings(service, given)
    constructor = {name: Path(str(value)) if name.endswith("_dir") else value for name, value in given.items()}
    try:
        return service(**constructor, **settings)
    except Exception as error:  # whatever a vendor's constructor finds wrong, the user can mend
        raise _wrong_options(choice, known, str(error)) from error


def find(choice: ServiceChoice) -> type[Any]:
    """The service's class.

    Raises:
        ModelError: if Pipecat has none of that name, or the vendor's package is not installed.
    """
    path = f"{_PACKAGE}.{choice.vendor}.{choice.kind}"
    try:
        known = importlib.util.find_spec(path) is not None
    except ImportError:
        known = False
    if not known:
        raise ModelError(
            f"Pipecat has no {choice.kind} service {choice.vendor!r}. It has: {', '.join(vendors(choice.kind))}"
        )
    try:
        module = importlib.import_module(path)
    except ImportError as error:
        vendor = choice.vendor.partition(".")[0]
        raise ModelError(
            f"{choice.name} needs a package that is not installed ({error}): pip install 'pipecat-ai[{vendor}]'"
        ) from error
    return _pick(choice, [member for member in vars(module).values() if _is_service(member, path, choice.kind)])


def vendors(kind: Kind) -> list[str]:
    """Who has a service of a kind in the installed Pipecat."""
    spec = importlib.util.find_spec(_PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    return sorted(
        ".".join(path.parent.relative_to(folder).parts)
        for folder in folders or ()
        for path in Path(folder).rglob(f"{kind}.py")
    )


def _is_service(member: object, module: str, kind: Kind) -> bool:
    return (
        inspect.isclass(member) and member.__module__ == module and member.__name__.endswith(f"{kind.upper()}Service")
    )


def _pick(choice: ServiceChoice, found: list[type[Any]]) -> type[Any]:
    """The named one; else the vendor's plain one, which has the shortest name."""
    by_name = {service.__name__: service for service in found}
    if choice.class_name is None and found:
        return min(found, key=lambda service: len(service.__name__))
    if choice.class_name not in by_name:
        raise ModelError(
            f"{choice.name} is not there. {choice.vendor} has: {', '.join(by_name) or 'none of this kind'}"
        )
    return by_name[choice.class_name]


def _no_key(choice: ServiceChoice) -> str:
    raise ModelError(
        f"{choice.name} needs a key: set {choice.variable}, or api_key in SEGUE_{choice.kind.upper()}_OPTIONS"
    )


def _settings(service: type[Any], given: dict[str, Any]) -> dict[str, Any]:
    """Moves what belongs into the service's `Settings` there; what is left in `given` is the constructor's."""
    names = {one.name for one in fields(service.Settings)} - {"extra"}
    chosen = {name: given.pop(name) for name in sorted(names & given.keys())}
    return {"settings": service.Settings(**chosen)} if chosen else {}


def _known(service: type[Any]) -> set[str]:
    """What may be given: the constructor's arguments, those it passes on to its bases, and the settings."""
    inits = (base.__dict__.get("__init__") for base in service.__mro__[:-1])
    arguments = {name for init in inits if init is not None for name in inspect.signature(init).parameters}
    settings = {one.name for one in fields(service.Settings)}
    return (arguments | settings) - {"self", "settings", "args", "kwargs", "extra"}


def _wrong_options(choice: ServiceChoice, known: set[str], fault: str) -> ModelError:
    return ModelError(
        f"{choice.name} does not start: {fault}. SEGUE_{choice.kind.upper()}_OPTIONS, a JSON object, may hold: "
        f"{', '.join(sorted(known))}"
    )


def read_options(text: str) -> dict[str, JsonValue]:
    """A JSON object. Raises ValueError if it is none."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("is not a JSON object")
    return value
