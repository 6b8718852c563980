"""A hash of the package's own source: Snakemake sees a rule's text, not the code behind the command it calls."""

from __future__ import annotations

import hashlib
from pathlib import Path

import metacircuit

# Every stage goes through the command line and reads a slice of the config.
_ALWAYS = ("cli", "config")


def code_hash(*packages: str) -> str:
    """Hash the source that a stage runs.

    Parameters
    ----------
    *packages : str
        Names of subpackages such as "stats", beside those that every stage runs; none means the whole package.

    Returns
    -------
    str
        Twelve hexadecimal digits that change when one of their files, a module at the package's root or the lock
        file of the libraries changes.
    """
    root = Path(metacircuit.__file__).parent
    folders = [root / name for name in (*_ALWAYS, *packages)] if packages else [root]
    digest = hashlib.sha256()
    files = {p for folder in folders for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"}
    for path in sorted(files | set(root.glob("*.py"))):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    lock = root.parents[1] / "requirements.lock"
    if lock.is_file():
        digest.update(lock.read_bytes())
    return digest.hexdigest()[:12]
