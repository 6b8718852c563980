"""Where the named definitions differ, by how much, and what agrees with R."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from metacircuit.effects.escalc import escalc
from metacircuit.effects.measures.definitions import DIFFERENCES, Difference
from metacircuit.effects.measures.problems import EscalcWarning

from facts.markdown import code, table
from facts.review import ROOT, interval, pooled, settings

# The reference holds 15 digits; R's second differences, from which it has the variance of RTET, about eight.
DIGITS, ITERATIVE = 1e-10, 1e-8


@cache
def reference() -> list[dict[str, Any]]:
    """Read the numbers of metafor 5 that the tests compare with."""
    return json.loads((ROOT / "tests/reference/escalc.json").read_text(encoding="utf-8"))["cases"]


def differences() -> str:
    """Write each difference, and its size on the reference data."""
    return table(
        (
            "measure",
            "definition",
            "what differs from metafor 5",
            "rows",
            "yi moves by up to",
            "vi is multiplied by",
        ),
        [
            (f"[{d.measure}](measures.md#{d.measure.lower()})", code(d.definition), d.what, *_size(d))
            for d in DIFFERENCES
        ],
        right=(3, 4),
    )


def _size(difference: Difference) -> tuple[str, str, str]:
    here, there = (_on_reference(difference.measure, name) for name in ("metafor-5", difference.definition))
    moved, ratio = (there["yi"] - here["yi"]).abs().max(), there["vi"] / here["vi"]
    times = "1" if np.allclose(ratio, 1, rtol=DIGITS, atol=0) else f"{ratio.min():.3f} to {ratio.max():.3f}"
    return f"{len(here)}", f"{moved:.2g}" if moved > DIGITS else "0", times


def smd_by_definition() -> str:
    """Write the reference rows of SMD under two definitions."""
    here, there = (_on_reference("SMD", name) for name in ("metafor-5", "borenstein"))
    return table(
        ("n1", "n2", "yi", "vi, metafor-5", "vi, borenstein", "ratio"),
        [
            (f"{a.n1i:.0f}", f"{a.n2i:.0f}", f"{a.yi:.4f}", f"{a.vi:.5f}", f"{b.vi:.5f}", f"{b.vi / a.vi:.4f}")
            for a, b in zip(here.itertuples(), there.itertuples(), strict=True)
        ],
        right=range(6),
    )


def pooled_by_definition() -> str:
    """Pool the standardised differences of the shipped review under two definitions."""
    return table(
        ("analysis", "definition", "pooled SMD [95% CI]", "τ²"),
        [
            (analysis.title, code(definition), interval(pool), f"{pool.tau2:.3f}")
            for name, analysis in settings().analyses.items()
            if analysis.measure == "SMD"
            for definition in ("metafor-5", "borenstein")
            for pool in [pooled(name, definition=definition)]
        ],
        right=(2, 3),
    )


def agreement() -> str:
    """Count the reference cases that agree with R, and show the rows that do not."""
    rows, agreeing = [], 0
    for case in reference():
        ours = _computed(case["measure"], case["data"], **dict(case["options"]))
        theirs = pd.DataFrame({name: _array(case[name]) for name in ("yi", "vi")})
        digits = ITERATIVE if case["measure"] == "RTET" else DIGITS
        alike = np.isclose(ours[["yi", "vi"]], theirs, rtol=digits, atol=1e-14, equal_nan=True).all(axis=1)
        agreeing += int(alike.all())
        for row in np.flatnonzero(~alike):
            cells = ", ".join(f"{name} {values[row]:g}" for name, values in case["data"].items())
            numbers = (frame[name][row] for name in ("yi", "vi") for frame in (theirs, ours))
            rows.append((case["measure"], cells, *("none" if np.isnan(x) else f"{x:.9g}" for x in numbers)))
    count = f"{agreeing} of {len(reference())} cases agree in every yi and vi"
    disagreeing = table(("measure", "row", "yi, R", "yi", "vi, R", "vi"), rows, right=range(2, 6))
    return (
        f"{count} to a relative difference of {DIGITS:g} (RTET: {ITERATIVE:g}). The rows that do not:\n\n{disagreeing}"
    )


def _on_reference(measure: str, definition: str) -> pd.DataFrame:
    data = next(case["data"] for case in reference() if case["measure"] == measure and not case["options"])
    return _computed(measure, data, definition=definition)


def _computed(measure: str, data: Mapping[str, Sequence[float | None]], **options: object) -> pd.DataFrame:
    frame = pd.DataFrame({name: _array(values) for name, values in data.items()})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EscalcWarning)
        return escalc(measure, data=frame, **{name: name for name in data}, **options)


def _array(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


BLOCKS: dict[str, Callable[[], str]] = {
    "differences": differences,
    "smd-by-definition": smd_by_definition,
    "pooled-by-definition": pooled_by_definition,
    "agreement": agreement,
}
