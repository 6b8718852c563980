"""Stable names: the same stratum has the same name in every run, whatever else the review holds."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_RUN = re.compile(r"_{2,}")


def part(word: str) -> str:
    """One part of a name: letters, digits, `-`, `:` and `_`; anything else becomes `_`.

    >>> part("disorder:circuit"), part("NSSI vs. control"), part("1.5")
    ('disorder:circuit', 'NSSI_vs_control', '1_5')
    """
    kept = "".join(c if c.isalnum() or c in "-:_" else "_" for c in word.strip())
    return _RUN.sub("_", kept).strip("_") or "blank"


def join(*parts: str) -> str:
    """A name from its parts.

    >>> join("neural", "disorder", "community", "k")
    'neural.disorder.community.k'
    """
    return ".".join(part(word) for word in parts)


def stratum(analysis: str, grouping: str, name: str) -> str:
    """The name of a stratum; all studies together are `ANALYSIS.overall`.

    >>> stratum("neural", "overall", "overall"), stratum("neural", "circuit", "none")
    ('neural.overall', 'neural.circuit.none')
    """
    return join(analysis, grouping) if grouping == name == "overall" else join(analysis, grouping, name)


def nearest(name: str, known: Iterable[str], n: int = 3) -> list[str]:
    """The known names that look most like a wrong one.

    >>> nearest("neural.overal.k", ["neural.overall.k", "rows.read"])
    ['neural.overall.k']
    """
    every = list(known)
    close = difflib.get_close_matches(name, every, n=n, cutoff=0.5)
    if close:
        return close
    words = set(re.split(r"[._:]", name.lower()))
    ranked = sorted(every, key=lambda k: (-len(words & set(re.split(r"[._:]", k.lower()))), k))
    return ranked[:n]
