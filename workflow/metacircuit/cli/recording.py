"""The record of a run: inputs with checksums, config, versions, revision and time."""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
import subprocess
from importlib.metadata import version
from typing import TYPE_CHECKING

from metacircuit import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from metacircuit.config import Settings

_LIBRARIES = ("matplotlib", "numpy", "pandas", "pandera", "scipy", "snakemake")


def run_record(settings: Settings, code: str, inputs: Iterable[Path]) -> str:
    """Write the record of a run.

    Parameters
    ----------
    settings : Settings
        The review's config, as it was read.
    code : str
        Hash of the package's source.
    inputs : iterable of Path
        Sheets and vocabularies.

    Returns
    -------
    str
        JSON.
    """
    record = {
        "review": settings.review,
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": f"metacircuit run {settings.review}",
        "inputs": {path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(inputs)},
        "config": settings.model_dump(mode="json"),
        "code": {"metacircuit": __version__, "source": code, "revision": _revision()},
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
    }
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def _revision() -> str | None:
    """The git revision of the project, or None outside a repository."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
