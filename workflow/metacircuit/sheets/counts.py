"""Counts of events: not above their total, and in line with the proportion beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.sheets.problems import Code, Hits, Say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from metacircuit.sheets.table import Table

    Floats = NDArray[np.float64]


def check_counts(table: Table) -> Iterator[Hits]:
    """Events above their total, and a proportion that is not events over total."""
    for side in ("1", "2"):
        events, total = table.numbers(f"events{side}"), table.numbers(f"total{side}")
        fallback = table.numbers(f"n{side}")
        if side == "1":
            fallback = np.where(np.isfinite(fallback), fallback, table.numbers("n_total"))
        total = np.where(np.isfinite(total), total, fallback)
        yield Hits.of(Code.EVENTS_ABOVE_TOTAL, f"events{side}", events > total, _more_events(table, side, total))
        if side == "1":
            yield from _check_proportion(table, events, total)


def _more_events(table: Table, side: str, total: Floats) -> Say:
    def say(i: int) -> tuple[str, str, str]:
        text = f"events{side} is {table.text(f'events{side}', i)}, of {total[i]:g} participants."
        return (
            text,
            f"events{side} up to {total[i]:g}",
            "Type the number of participants with an event, and those it was counted in.",
        )

    return say


def _check_proportion(table: Table, events: Floats, total: Floats) -> Iterator[Hits]:
    printed, half = table.numbers("proportion"), table.half("proportion")
    share = events / total
    wrong = (np.abs(share - printed) > 2 * half + 1e-12) & (events <= total)

    def say(i: int) -> tuple[str, str, str]:
        text = f"proportion is {table.text('proportion', i)}, but {events[i]:g} of {total[i]:g} are {share[i]:.4g}."
        return (
            text,
            f"{share[i]:.4g}, as rounded in the paper",
            "Compare with the paper and correct the cell that is wrong.",
        )

    yield Hits.of(Code.PROPORTION_AGAINST_EVENTS, "proportion", wrong, say)
