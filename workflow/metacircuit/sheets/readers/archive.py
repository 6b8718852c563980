"""Zip archives of strangers: read in memory, within limits, and nothing outside of them."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

from metacircuit.sheets.problems import Code
from metacircuit.sheets.raw import UnreadableError

MAX_MEMBERS = 2_000
MAX_UNPACKED = 1 << 28
#: Text packs to about a tenth; what packs to less than a two hundredth is there to fill the memory.
MAX_RATIO = 200
_ROOM = 1 << 20
_DEPTH = 2
_BLOCK = 1 << 16


def members(data: bytes, *, wanted: tuple[str, ...], depth: int = 0) -> dict[str, bytes]:
    """Read the members of an archive that end in one of some words, archives inside it included.

    Parameters
    ----------
    data : bytes
        The archive.
    wanted : tuple of str
        Ends of names, in small letters, such as "data-rows.csv".

    Returns
    -------
    dict of str to bytes
        By the path inside the archive; nothing is written to the disk.

    Raises
    ------
    UnreadableError
        If it is damaged or encrypted, names a path outside itself, or unpacks to too much.

    Examples
    --------
    >>> packed = io.BytesIO()
    >>> with zipfile.ZipFile(packed, "w") as archive:
    ...     archive.writestr("a/data-rows.csv", "x")
    >>> members(packed.getvalue(), wanted=("data-rows.csv",))
    {'a/data-rows.csv': b'x'}
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive, len(data), wanted, depth)
    except UnreadableError:
        raise
    except Exception as error:
        # A stranger's bytes: zipfile has six kinds of errors, and zlib, lzma and bz2 each one of their own.
        raise _refused(f"The archive cannot be unpacked ({type(error).__name__}).") from None


def _read(archive: zipfile.ZipFile, packed: int, wanted: tuple[str, ...], depth: int) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MAX_MEMBERS:
        raise _refused(f"The archive has {len(entries)} members.")
    outside = next((e.filename for e in entries if _is_outside(e.filename)), None)
    if outside is not None:
        raise _refused(f"The archive names a path outside itself: {outside[:60]!r}.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise _refused("The archive is encrypted.")
    room = min(MAX_UNPACKED, max(_ROOM, MAX_RATIO * packed))
    found: dict[str, bytes] = {}
    for entry in entries:
        low = entry.filename.lower()
        inner = low.endswith(".zip") and depth < _DEPTH
        if not inner and not low.endswith(wanted):
            continue
        content = _unpack(archive, entry, room)
        room -= len(content)
        if inner:
            nested = members(content, wanted=wanted, depth=depth + 1)
            room -= sum(map(len, nested.values()))
            found |= {f"{entry.filename}/{name}": inside for name, inside in nested.items()}
        else:
            found[entry.filename] = content
    return found


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes:
    """Block by block, for the size that an archive declares may be a lie."""
    blocks, size = [], 0
    with archive.open(entry) as member:
        while block := member.read(_BLOCK):
            size += len(block)
            if size > room:
                raise _refused("The archive unpacks to far more than a review's data.")
            blocks.append(block)
    return b"".join(blocks)


def _is_outside(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or bool(re.match(r"[A-Za-z]:", name))


def _refused(problem: str) -> UnreadableError:
    allowed = f"a plain zip of at most {MAX_MEMBERS} members and {MAX_UNPACKED >> 20} MB"
    return UnreadableError(Code.UNREADABLE_FILE, problem, allowed, "Download the package again, or unpack it yourself.")
