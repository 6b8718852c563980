"""Estimates corrected for small-study effects and selection, one row each, beside the uncorrected one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metacircuit.diagnostics.battery.method_rows import CORRECTION, REFERENCE, TEST, method_row, number
from metacircuit.diagnostics.hc import hc
from metacircuit.diagnostics.limitmeta import limitmeta
from metacircuit.diagnostics.outcome import OK
from metacircuit.diagnostics.p_values import puniform
from metacircuit.diagnostics.pet_peese import pet_peese
from metacircuit.diagnostics.selmodel import selmodel
from metacircuit.diagnostics.svalue import svalue
from metacircuit.diagnostics.trimfill import trimfill

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metacircuit.diagnostics.battery.subject import Subject

NUMBERS = ("estimate", "se", "stat", "df", "pval", "ci_lb", "ci_ub")
_ARRAYS = {"estimate": "beta", "se": "se", "pval": "pval", "ci_lb": "ci_lb", "ci_ub": "ci_ub"}
_LINE = dict(zip(NUMBERS, ("beta", "se", "stat", "dfs", "pval", "ci_lb", "ci_ub"), strict=True))
SELECTION = (
    ("3psm", "Selection model, 3 parameters", "stepfun", (0.025,)),
    ("4psm", "Selection model, 4 parameters", "stepfun", (0.025, 0.5)),
    ("beta", "Selection model, beta weights", "beta", None),
    ("negexp", "Selection model, negative exponential", "negexp", None),
)


class _Fine:
    """What was estimated before needs no status of its own."""

    status, reason, notes = OK, "", ()


def uncorrected(subject: Subject, pooled: Mapping[str, object]) -> dict[str, object]:
    """The estimate of the stratum as the tables have it."""
    numbers = {name: float(pooled[name]) for name in NUMBERS}
    given = subject.effects_are
    return method_row(subject, "uncorrected", "Uncorrected", REFERENCE, _Fine(), given=given, **numbers)


def corrected(subject: Subject, *, every: bool, bootstrap: int, seed: int) -> Iterator[dict[str, object]]:
    """The corrections, whatever became of them.

    Parameters
    ----------
    subject : Subject
        The stratum.
    every : bool
        All of them; else those that say something about a handful of studies.
    bootstrap, seed : int
        Resamples of studies for selection models of dependent effects (0: sandwich), and their seed.

    Yields
    ------
    dict
        From `method_row`.
    """
    for estimator in ("L0", "R0", "Q0") if every else ("L0",):
        yield _trimmed(subject, estimator)
    yield from _regressions(subject)
    side = "greater" if number(subject.fit.beta) >= 0 else "less"
    for method, label, type_, steps in SELECTION if every else SELECTION[:1]:
        yield _selection(subject, method, label, type_, steps, side, bootstrap, seed)
    if every:
        yield _p_uniform(subject, "right" if side == "greater" else "left")
        yield _limit(subject)
    yield _henmi_copas(subject)
    yield from _worst_case(subject)


def _trimmed(subject: Subject, estimator: str) -> dict[str, object]:
    found = trimfill(subject.independent, estimator=estimator)
    numbers: dict[str, float | str] = {n: number(getattr(found, a)) for n, a in _ARRAYS.items()}
    if found.status == OK:
        numbers |= {"quantity": float(found.k0), "quantity_is": "studies filled in"}
    label, given = f"Trim and fill, {estimator}", subject.studies_are
    return method_row(subject, f"trimfill_{estimator.lower()}", label, CORRECTION, found, given=given, **numbers)


def _regressions(subject: Subject) -> Iterator[dict[str, object]]:
    found = pet_peese(subject.fit)
    given = subject.effects_are
    for method, label, line in (("pet", "PET", found.pet), ("peese", "PEESE", found.peese)):
        numbers = {} if line is None else {n: number(getattr(line, a)) for n, a in _LINE.items()}
        yield method_row(subject, method, label, CORRECTION, found, given=given, **numbers)
    label = f"PET-PEESE ({found.chosen})" if found.status == OK else "PET-PEESE"
    numbers = {n: getattr(found, a) for n, a in _LINE.items()} if found.status == OK else {}
    yield method_row(subject, "pet_peese", label, CORRECTION, found, given=given, **numbers)


def _selection(
    subject: Subject, method: str, label: str, type_: str, steps: Any, side: str, bootstrap: int, seed: int
) -> dict[str, object]:
    again = {"bootstrap": bootstrap, "seed": seed} if subject.dependent and bootstrap else {}
    found = selmodel(subject.fit, type=type_, steps=steps, alternative=side, precision="exact", **again)
    numbers = {n: number(getattr(found, a)) for n, a in (_ARRAYS | {"stat": "zval"}).items()}
    how = {"model": "effects"}.get(found.inference, f"effects, {found.inference}")
    return method_row(subject, method, label, CORRECTION, found, given=how, **numbers)


def _p_uniform(subject: Subject, side: str) -> dict[str, object]:
    found = puniform(subject.independent, side=side)
    numbers = {"estimate": found.est, "ci_lb": found.ci_lb, "ci_ub": found.ci_ub, "pval": found.pval_0}
    return method_row(subject, "puniform", "p-uniform*", CORRECTION, found, given=subject.studies_are, **numbers)


def _limit(subject: Subject) -> dict[str, object]:
    found = limitmeta(subject.independent)
    numbers = {n: number(getattr(found, a)) for n, a in (_ARRAYS | {"stat": "zval"}).items()}
    return method_row(subject, "limit", "Limit meta-analysis", CORRECTION, found, given=subject.studies_are, **numbers)


def _henmi_copas(subject: Subject) -> dict[str, object]:
    found = hc(subject.independent)
    numbers = {"estimate": found.beta, "se": found.se, "ci_lb": found.ci_lb, "ci_ub": found.ci_ub}
    return method_row(subject, "hc", "Henmi–Copas interval", CORRECTION, found, given=subject.studies_are, **numbers)


def _worst_case(subject: Subject) -> Iterator[dict[str, object]]:
    found = svalue(subject.fit, cluster=subject.rows["study_id"].to_numpy())
    numbers = {"estimate": found.worst, "se": found.worst_se, "df": found.worst_df}
    numbers |= {"ci_lb": found.worst_lb, "ci_ub": found.worst_ub}
    given = "effects, robust"
    label = "Worst case: only results that are not affirmative"
    yield method_row(subject, "worst_case", label, CORRECTION, found, given=given, **numbers)
    for method, what, value in (
        ("s_estimate", "the estimate", found.s_est),
        ("s_interval", "the interval", found.s_ci),
    ):
        finite = {"quantity": value, "quantity_is": "publication ratio"} if np.isfinite(value) else {}
        row = method_row(
            subject, method, f"s-value: ratio that brings {what} to zero", TEST, found, given=given, **finite
        )
        endless = np.isposinf(value) and found.status == OK
        yield row | ({"note": "No such selection, however strong, brings it to zero."} if endless else {})
