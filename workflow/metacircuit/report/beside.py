"""The verdicts as a figure, and what published meta-analyses found beside ours."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metacircuit.claims.published import CAVEAT
from metacircuit.config import ClaimFiguresSlice
from metacircuit.sheets.files import read_text
from metacircuit.sheets.store import read_table
from metacircuit.wording import interval, number, p_number

if TYPE_CHECKING:
    from pathlib import Path

    from metacircuit.config import Settings

_PERCENT = "proportion"


@dataclass(frozen=True, slots=True)
class Beside:
    """What the page shows: the figure of the verdicts, a figure an analysis, and a line a published estimate."""

    verdicts: dict[str, str] | None
    figures: tuple[dict[str, str], ...]
    lines: tuple[dict[str, str], ...]
    caveat: str = CAVEAT

    @property
    def size(self) -> int:
        """Bytes that the figures take in the page."""
        return sum(len(f["source"]) for f in (*self.figures, *((self.verdicts,) if self.verdicts else ())))


def beside_ours(results: Path, settings: Settings) -> Beside | None:
    """Read what the stages of the claims have made.

    Parameters
    ----------
    results : Path
        results/REVIEW.
    settings : Settings
        The review's config.

    Returns
    -------
    Beside or None
        None for a review that names neither claims nor published estimates.
    """
    spec = ClaimFiguresSlice.of(settings)
    if not spec.figures:
        return None
    drawn = {
        name: _figure(results / "figures", name, spec.published.get(name.partition("/")[2], "Verdicts on the claims"))
        for name in spec.figures
    }
    rows = read_table(results / "published.csv").to_dict("records")
    return Beside(
        verdicts=drawn.pop("claims", None), figures=tuple(drawn.values()), lines=tuple(_line(row) for row in rows)
    )


def _figure(folder: Path, name: str, caption: str) -> dict[str, str]:
    svg = base64.b64encode((folder / f"{name}.svg").read_bytes()).decode()
    return {
        "source": f"data:image/svg+xml;base64,{svg}",
        "alt": read_text(folder / f"{name}.txt").strip(),
        "caption": caption,
        "path": f"figures/{name}",
    }


def _line(row: dict) -> dict[str, str]:
    """One published estimate as text, on the natural scale."""
    compared = row["status"] == "ok"
    return {
        "citation": str(row["citation"]),
        "topic": str(row["topic"]),
        "against": f"{row['analysis']}: {row['label'] or row['stratum']}" if row["analysis"] else "",
        "theirs": _estimate(row, "natural_published"),
        "ours": _estimate(row, "natural") if compared else str(row["reason"]),
        "z": number(_number(row["z"]), 2) if compared else "",
        "p": p_number(_number(row["pval"])) if compared else "",
        "kind": "" if compared else "muted",
    }


def _estimate(row: dict, prefix: str) -> str:
    value, lower, upper = (_number(row[f"{prefix}{end}"]) for end in ("", "_lb", "_ub"))
    if math.isnan(value):  # what could not be brought to our measure
        return ""
    factor, digits, unit = (100.0, 1, "%") if row["scale"] == _PERCENT else (1.0, 2, "")
    return f"{number(value * factor, digits)}{unit} {interval(lower * factor, upper * factor, digits)}"


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")
