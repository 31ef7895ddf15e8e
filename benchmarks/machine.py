"""On what the figures were taken: they mean little without it."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("segue", "pipecat-ai", "ctranslate2", "onnxruntime", "hibari-tts", "numpy")


def describe_machine() -> dict[str, Any]:
    """Processor, cores, system, versions, and how busy the machine was before the run."""
    return {
        "processor": _processor(),
        "cpus": _cpus(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
        "packages": {package: _version(package) for package in PACKAGES},
    }


def _cpus() -> int:
    """The processors this process may use, which in a container can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
