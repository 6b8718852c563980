"""Files on disk: written whole or not at all."""

from __future__ import annotations

import itertools
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from metacircuit.config.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

# Two files of one process never share a temporary name.
_serial = itertools.count()


def read_text(path: Path) -> str:
    """Read a text file in UTF-8; a missing file is a `UserError`."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{path} does not exist. Put it there, or correct the path in the config.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}. A file that may be read is needed there.") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from None


def write_text(text: str, path: Path) -> None:
    """Write a text file in UTF-8 with the line ends it has, complete or not at all."""
    write_bytes(text.encode("utf-8"), path)


def write_bytes(data: bytes, path: Path) -> None:
    """Write a file so that it appears complete or not at all: a neighbour is written, forced to disk and renamed.

    Parameters
    ----------
    data : bytes
        The whole content.
    path : Path
        Parents are made.
    """
    try:
        _write(data, path)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"{path} cannot be written: {reason}. Make the folder writable, or free space, and run again."
        ) from None


def _write(data: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.parent / f".{path.name}.{os.getpid()}.{next(_serial)}.tmp"
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
