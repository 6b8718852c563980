"""Bounds: their limits, their number in the shipped review, and what the three treatments make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from metacircuit.effects.harmonise import harmonise
from metacircuit.models.pooling.bounds import pool_censored
from metacircuit.models.pooling.pool import Pool

from facts.markdown import code, table
from facts.review import harmonised, interval, pooled, settings
from facts.routes import limits, number

TREATMENTS = ("leave_out", "at_bound", "censored")


def examples() -> str:
    """Find the limits of a few rows of 30 and 30 people."""
    sheet = pd.DataFrame(
        {
            "effect_id": ["p < .05, group 1 higher", "p < .001, group 1 lower", "p > .05"],
            "p": [0.05, 0.001, 0.05],
            "p_op": ["<", "<", ">"],
            "direction": [1, -1, np.nan],
        }
    )
    rows = harmonise(sheet.assign(n1=30, n2=30, scale_direction=1), "SMD").to_dict("records")
    return table(
        ("printed", "status", "the estimate lies in", "vi", "route"),
        [(r["effect_id"], r["status"], limits(r), number(r["vi"], 4), code(r["route"])) for r in rows],
        right=(3,),
    )


def in_the_review() -> str:
    """Count the bounds of the shipped review."""
    counts = {analysis.title: _count(harmonised(name)) for name, analysis in settings().analyses.items()}
    counts["all"] = tuple(map(sum, zip(*counts.values(), strict=True)))
    return table(
        ("analysis", "estimates", "beyond a limit (p <)", "within limits (p >)", "share", "studies with bounds only"),
        [
            (title, known, beyond, within, f"{(beyond + within) / (known + beyond + within):.0%}", studies)
            for title, (known, beyond, within, studies) in counts.items()
        ],
        right=range(1, 6),
    )


def _count(rows: pd.DataFrame) -> tuple[int, int, int, int]:
    """Estimates, bounds on one side, bounds on both sides, and studies without an estimate."""
    bounds, known = rows[rows["status"] == "bound"], rows[rows["status"] == "analysed"]
    beyond = int(np.isinf(bounds[["lower", "upper"]]).any(axis=1).sum())
    return len(known), beyond, len(bounds) - beyond, len(set(bounds["study_id"]) - set(known["study_id"]))


def three_answers() -> str:
    """Pool each analysis of the shipped review under each treatment of bounds."""
    bounded = [name for name in settings().analyses if (harmonised(name)["status"] == "bound").any()]
    return table(
        ("analysis", "bounds", "results", "studies", "estimate [95% CI]", "against leave_out", "τ²"),
        [line for name in bounded for line in _answers(name)],
        right=range(2, 7),
    )


def _answers(name: str) -> Iterator[tuple[object, ...]]:
    analysis, rows = settings().analyses[name], harmonised(name)
    known = rows[rows["status"] == "analysed"]
    pools = {treatment: pooled(name, treatment) for treatment in TREATMENTS}
    default = pools["leave_out"].estimate
    title = f"{analysis.title} ({analysis.measure})"
    yield title, code("leave_out"), *_size(known), interval(pools["leave_out"]), "", f"{pools['leave_out'].tau2:.3f}"
    for treatment in ("at_bound", "censored"):
        yield "", code(treatment), *_size(rows), *_moved(pools[treatment], default)
    alone = pool_censored(known, settings().model_of(name))
    yield "", "left out, same likelihood", *_size(known), *_moved(alone, default)


def _size(rows: pd.DataFrame) -> tuple[int, int]:
    return len(rows), rows["study_id"].nunique()


def _moved(pool: Pool, default: float) -> tuple[str, str, str]:
    return interval(pool), f"{pool.estimate - default:+.3f}", f"{pool.tau2:.3f}"


BLOCKS: dict[str, Callable[[], str]] = {
    "bounds-examples": examples,
    "bounds-in-the-review": in_the_review,
    "three-answers": three_answers,
}
