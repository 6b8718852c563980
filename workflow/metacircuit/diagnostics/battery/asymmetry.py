"""Tests for small-study effects and for an excess of significant results, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metacircuit.diagnostics.battery.method_rows import NOT_APPLICABLE, TEST, method_row
from metacircuit.diagnostics.battery.subject import Subject, column
from metacircuit.diagnostics.dependent import egger_mv
from metacircuit.diagnostics.fsn import fsn
from metacircuit.diagnostics.p_values import pcurve
from metacircuit.diagnostics.ranktest import ranktest
from metacircuit.diagnostics.regtest import regtest
from metacircuit.diagnostics.tes import tes
from metacircuit.diagnostics.two_by_two import harbord, peters

if TYPE_CHECKING:
    from collections.abc import Iterator

# Measures whose standard error holds the effect itself, so that Egger's test rejects too often.
STANDARDISED = ("SMD", "SMDH")
RATIOS = ("OR", "RR")


class _NoSizes:
    """What is said of a test that needs numbers the sheet does not have."""

    status, reason, notes = NOT_APPLICABLE, "n1 and n2 are not printed for every effect", ()


def asymmetry(subject: Subject, measure: str) -> Iterator[dict[str, object]]:
    """Every test that the data of a stratum allow.

    Parameters
    ----------
    subject : Subject
        The stratum.
    measure : str
        Code of the measure; standardised mean differences are also tested on a standard error without the effect in
        it, and odds ratios with printed counts by the tests of Peters and Harbord.

    Yields
    ------
    dict
        From `method_row`.
    """
    yield _egger(subject, "egger", "Egger's regression", "sei")
    if measure in STANDARDISED:
        label, sizes = "Egger's regression, SE without the effect", _sizes(subject)
        if sizes is None:
            yield method_row(subject, "egger_modified", label, TEST, _NoSizes(), given=subject.effects_are)
        else:
            yield _egger(subject, "egger_modified", label, "modified_sei", sizes)
    rank = ranktest(subject.independent)
    yield method_row(
        subject,
        "rank",
        "Rank correlation (Begg)",
        TEST,
        rank,
        given=subject.studies_are,
        quantity=rank.tau,
        quantity_is="Kendall's tau",
        pval=rank.pval,
    )
    if measure in RATIOS and (tables := _counts(subject)) is not None:
        for method, label, test in (("peters", "Peters' test", peters), ("harbord", "Harbord's test", harbord)):
            found = test(*tables)
            yield method_row(
                subject, method, label, TEST, found, given="effects", stat=found.stat, df=found.dfs, pval=found.pval
            )
    yield from _significance(subject)


def _egger(
    subject: Subject, method: str, label: str, predictor: str, sizes: tuple[np.ndarray, np.ndarray] | None = None
) -> dict[str, object]:
    """The multilevel test for dependent effects, the regression test of the model for others."""
    n1, n2 = sizes or (None, None)
    if subject.dependent:
        found = egger_mv(subject.fit, predictor=predictor, n1i=n1, n2i=n2)
    elif sizes is None:
        found = regtest(subject.fit, predictor=predictor)
    else:
        # sqrt(1 / n1 + 1 / n2) is the square root of 1 / n for an n of n1 n2 / (n1 + n2).
        found = regtest(subject.fit, predictor="sqrtninv", ni=n1 * n2 / (n1 + n2))
    numbers = {"quantity": found.slope, "quantity_is": "slope", "stat": found.zval, "df": found.dfs, "pval": found.pval}
    return method_row(subject, method, label, TEST, found, given=subject.effects_are, **numbers)


def _significance(subject: Subject) -> Iterator[dict[str, object]]:
    """Methods that look at p-values; they know no dependence."""
    excess = tes(subject.independent)
    given = subject.studies_are
    yield method_row(
        subject,
        "tes",
        "Excess of significant results",
        TEST,
        excess,
        given=given,
        quantity=excess.OEratio,
        quantity_is="observed / expected",
        stat=excess.X2,
        pval=excess.pval,
    )
    curve = pcurve(subject.independent)
    yield method_row(
        subject,
        "pcurve",
        "p-curve, right skew",
        TEST,
        curve,
        given=given,
        quantity=curve.curve.power,
        quantity_is="power behind the curve",
        stat=curve.curve.z_skew,
        pval=curve.curve.p_skew,
    )
    y, v = subject.independent.yi, subject.independent.vi
    for type_ in ("Rosenthal", "Orwin", "Rosenberg"):
        safe = fsn(y, v, type=type_)
        yield method_row(
            subject,
            f"fsn_{type_.lower()}",
            f"Fail-safe N ({type_})",
            TEST,
            safe,
            given=given,
            quantity=safe.fsnum,
            quantity_is="null studies needed",
            pval=safe.pval,
        )


def _sizes(subject: Subject) -> tuple[np.ndarray, np.ndarray] | None:
    n1, n2 = column(subject.rows, "n1"), column(subject.rows, "n2")
    return None if n1 is None or n2 is None or (np.minimum(n1, n2) <= 0).any() else (n1, n2)


def _counts(subject: Subject) -> tuple[np.ndarray, ...] | None:
    """Events and non-events of the two groups, if every row prints them."""
    a, n1, c, n2 = (column(subject.rows, name) for name in ("events1", "total1", "events2", "total2"))
    if a is None or n1 is None or c is None or n2 is None:
        return None
    return a, n1 - a, c, n2 - c
