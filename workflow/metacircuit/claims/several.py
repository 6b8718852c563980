"""Tests that compare strata: between all of them, between named pairs, and the interaction of two factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations as pairs_of
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.claims.certainty import rating
from metacircuit.claims.evidence import NAN, Difference, Evidence
from metacircuit.claims.joint import Linear, combinations, differences, kind_of, stacked
from metacircuit.claims.rows import Results, is_narrowed, pooled_strata, rows_of, shown
from metacircuit.models.strata import Stratum, strata_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from metacircuit.claims.schema import Claim

_MODELS = {
    "che": "CHE, common variances, CR2",
    "glmm": "binomial–normal GLMM, common tau2",
    "univariate": "random effects, common tau2",
}


def of_between(claim: Claim, results: Results) -> Evidence:
    """The joint test of the differences between strata, and every difference."""
    rows, grouping = rows_of(claim, results)
    strata = pooled_strata(rows, grouping, results)
    if len(strata) < 2:
        return Evidence(missing=(_too_few(rows, grouping, results),))
    kind, model = kind_of(results.recipe), results.spec.model
    found = differences(strata, kind, model)
    pval, note = _joint(claim, results, strata)
    largest = max(found, key=lambda d: abs(d.estimate))
    return _evidence(claim, results, strata, largest, found, pval=pval, notes=(note,))


def of_pairs(claim: Claim, results: Results) -> Evidence:
    """The differences of named pairs of strata, first less second."""
    rows, grouping = rows_of(claim, results)
    strata = pooled_strata(rows, grouping, results)
    names = {s.name for s in strata}
    lacking = [stratum for stratum in claim.contrast.strata if stratum not in names]
    missing = tuple(_lacks(stratum, rows, grouping, results) for stratum in lacking)
    known = [pair for pair in claim.contrast.pairs if names.issuperset(pair)]
    if not known:
        return Evidence(missing=missing)
    every = differences(strata, kind_of(results.recipe), results.spec.model)
    by_name = {(d.first, d.second): d for d in (*every, *(d.turned() for d in every))}
    found = [by_name[pair] for pair in known]
    # The comparison that a claim about all of them stands or falls with.
    sign = -1.0 if claim.direction == "negative" else 1.0
    least = min(found, key=lambda d: abs(d.estimate) if claim.direction == "two_sided" else sign * d.estimate)
    named = [s for s in strata if s.name in claim.contrast.strata]
    done = f"{len(found)} of {len(claim.contrast.pairs)} comparisons could be made" if missing else ""
    return replace(_evidence(claim, results, named, least, found, pval=least.pval, notes=(done,)), missing=missing)


def of_interaction(claim: Claim, results: Results) -> Evidence:
    r"""The joint test that the differences between strata of one factor do not depend on the other.

    With one mean for each cell, the interaction is everything about the means that no sum of two main effects gives;
    cells with too few studies leave combinations out and with them degrees of freedom.
    """
    rows, grouping = rows_of(claim, results)
    strata = pooled_strata(rows, grouping, results)
    cells = [tuple(s.name.split(":")) for s in strata]
    C = interaction_contrasts(cells)
    named = list(_tetrads(strata))
    if not named:
        have = ", ".join(s.label for s in strata) or "none"
        return Evidence(missing=(f"{_ENOUGH.format(least=results.spec.model.min_studies)}; found: {have}",))
    kind, model = kind_of(results.recipe), results.spec.model
    _, test = combinations(strata, C, kind, model)
    each, _ = combinations(strata, np.array([weights for _, weights in named]), kind, model)
    found = [_from_linear(label, each, n) for n, (label, _) in enumerate(named)]
    largest = max(found, key=lambda d: abs(d.estimate))
    return _evidence(claim, results, strata, largest, found, pval=test.pval, notes=(test.note,))


_ENOUGH = "two words of each factor whose four cells have {least} studies each"


def interaction_contrasts(cells: Sequence[tuple[str, str]]) -> np.ndarray:
    """Combinations of cell means that are zero where the two factors add up.

    Parameters
    ----------
    cells : sequence of (str, str)
        The cells that there are, which need not be all.

    Returns
    -------
    ndarray
        (q, m), orthonormal; q = 0 where so few cells cannot show an interaction.

    Examples
    --------
    >>> interaction_contrasts([("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]).round(2).tolist()
    [[0.5, -0.5, -0.5, 0.5]]
    >>> len(interaction_contrasts([("a", "x"), ("a", "y"), ("b", "y")]))
    0
    """
    if not cells:
        return np.zeros((0, 0))
    columns = [
        np.array([cell[side] == word for cell in cells], dtype=float)
        for side in (0, 1)
        for word in dict.fromkeys(cell[side] for cell in cells)
    ]
    left, sizes, _ = np.linalg.svd(np.column_stack(columns), full_matrices=True)
    rank = int((sizes > 1e-9 * sizes[0]).sum())
    C = left[:, rank:].T
    signs = np.sign([row[np.argmax(np.abs(row) > 1e-9)] for row in C]) if len(C) else np.zeros(0)
    return C * signs[:, None]


def _tetrads(strata: Sequence[Stratum]) -> Iterator[tuple[str, np.ndarray]]:
    """Every difference of two differences between four cells, in words and as weights."""
    at = {tuple(s.name.split(":")): n for n, s in enumerate(strata)}
    labels = {part: text for s in strata for part, text in zip(s.name.split(":"), s.label.split(" × "), strict=True)}
    first = list(dict.fromkeys(cell[0] for cell in at))
    second = list(dict.fromkeys(cell[1] for cell in at))
    for a, b in pairs_of(first, 2):
        for x, y in pairs_of(second, 2):
            four = [(a, x), (b, x), (a, y), (b, y)]
            if all(cell in at for cell in four):
                weights = np.zeros(len(strata))
                weights[[at[cell] for cell in four]] = 1, -1, -1, 1
                yield f"{labels[a]} − {labels[b]}, in {labels[x]} − in {labels[y]}", weights


def _from_linear(label: str, found: Linear, n: int) -> Difference:
    first, _, second = label.rpartition(" − in ")
    numbers = [float(column[n]) for column in (found.estimate, found.se, found.df, found.pval)]
    numbers[2] = numbers[2] if np.isfinite(numbers[2]) else NAN
    return Difference(first, second, label, *numbers, float(found.ci_lb[n]), float(found.ci_ub[n]))


def _joint(claim: Claim, results: Results, strata: Sequence[Stratum]) -> tuple[float, str]:
    """The test between strata: as in the table of contrasts, or of the part that the claim is about."""
    table = results.contrasts
    if not is_narrowed(claim):
        row = table[table["grouping"] == claim.grouping].iloc[0]
        return float(row["pval"]), str(row["reason"] or "")
    test = results.recipe.contrast(stacked(strata), results.spec.model)
    return float(test.pval), test.note


def _evidence(
    claim: Claim,
    results: Results,
    strata: Sequence[Stratum],
    decisive: Difference,
    found: Sequence[Difference],
    *,
    pval: float,
    notes: tuple[str, ...] = (),
) -> Evidence:
    rows = stacked(strata)
    numbers = {name: getattr(decisive, name) for name in ("estimate", "se", "ci_lb", "ci_ub")}
    own = (decisive.note,) if len(found) == 1 else ()
    return Evidence(
        **numbers,
        pval=pval,
        level=results.spec.model.level,
        k=float(len(rows)),
        studies=float(rows["study_id"].nunique()),
        differences=tuple(found),
        certainty=rating(claim, results, [s.name for s in strata]),
        method=_MODELS[kind_of(results.recipe)],
        notes=tuple(note for note in dict.fromkeys((*notes, *own, results.recipe.caveat)) if note),
    )


def _too_few(rows: pd.DataFrame, grouping: str, results: Results) -> str:
    least = results.spec.model.min_studies
    every = [s for s in strata_of(rows, (grouping,), results.words) if s.grouping == grouping and s.coded]
    have = "; ".join(f"{s.label}: {shown(s.rows)}" for s in every) or "no row"
    return f"two strata of {grouping.replace('_', ' ')} with at least {least} studies each; found: {have}"


def _lacks(stratum: str, rows: pd.DataFrame, grouping: str, results: Results) -> str:
    found = {s.name: s.rows for s in strata_of(rows, (grouping,), results.words) if s.grouping == grouping}
    have = shown(found.get(stratum, rows.iloc[:0]))
    words = stratum.replace("_", " ").replace(":", " × ")
    return f"at least {results.spec.model.min_studies} studies of {words}; found: {have}"
