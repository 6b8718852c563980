"""Every cell of a grouping: its power, and how many further studies it needs."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from metacircuit.config.seeds import seed_of
from metacircuit.diagnostics.heterogeneity.data import CANNOT, coded, components, fit_che, why_not, words_in_order
from metacircuit.diagnostics.heterogeneity.power import Evidence, Simulated, rough_power, simulate_power

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from metacircuit.config import HeterogeneitySlice

COLUMNS = (
    *("analysis", "grouping", "stratum", "label", "k", "studies", "sesoi", "level", "power", "power_mcse", "df"),
    *(
        "target",
        "further",
        "further_mcse",
        "power_then",
        "power_then_mcse",
        "replicates",
        "typical_effects",
        "typical_variance",
    ),
    *("sigma2_study", "sigma2_effect", "status", "reason"),
)
_FEWEST = 2


def evidence_of(effects: pd.DataFrame, spec: HeterogeneitySlice) -> Evidence | None:
    """The variances of all effects of an analysis under CHE, and its median study; None with fewer than 3 studies."""
    rows = coded(effects, [])
    if rows["study_id"].nunique() < 3:
        return None
    fit = fit_che(rows, spec.model)
    between, within = components(fit)
    by_study = rows.groupby("study_id")["vi"]
    return Evidence(
        between=between,
        within=within,
        rho=spec.model.rho,
        variance=float(by_study.mean().median()),
        effects=int(np.ceil(by_study.size().median())),
    )


def cells(
    effects: pd.DataFrame,
    spec: HeterogeneitySlice,
    words: Mapping[str, pd.DataFrame],
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Power at the smallest effect in every cell of every grouping, the empty ones included.

    Parameters
    ----------
    effects : DataFrame
        effects/ANALYSIS.csv.
    spec : HeterogeneitySlice
        Model, smallest effect, wanted power, replicates.
    words : mapping of str to DataFrame
        The words that may have a cell, by factor, in the order of display; a factor without them has the words of
        its rows.
    progress : function of (cells done, cells in all), optional

    Returns
    -------
    DataFrame
        `COLUMNS`: power now (from the cell's own studies), the number of further typical studies that the wanted
        power needs, the power then, each with its Monte Carlo standard error. status: enough (no further study), ok,
        not_reached (more than `most_studies`), no_sesoi, too_few.
    """
    try:
        evidence, failed = evidence_of(effects, spec), {}
    except CANNOT as error:
        evidence, failed = None, why_not(error)
    found: list[dict[str, object]] = []
    asked = [(g, cell) for g in spec.groupings for cell in _words_of(effects, g, words)]
    known: dict[tuple, dict[str, object]] = {}
    for done, (grouping, (name, label, rows)) in enumerate(asked):
        row: dict[str, object] = {
            "analysis": spec.analysis,
            "grouping": grouping,
            "stratum": name,
            "label": label,
            "k": len(rows),
            "studies": rows["study_id"].nunique(),
        }
        own = [group["vi"].to_numpy() for _, group in rows.groupby("study_id", sort=True)]
        # Cells with the same design have the same power: all empty ones share one simulation.
        design = tuple(vi.tobytes() for vi in own)
        if design not in known:
            known[design] = failed or _power(own, evidence, spec)
        found.append(row | known[design])
        if progress is not None:
            progress(done + 1, len(asked))
    return pd.DataFrame(found, columns=list(COLUMNS))


def _words_of(effects: pd.DataFrame, grouping: str, words: Mapping[str, pd.DataFrame]) -> list[tuple]:
    """Name, label and rows of each cell of a grouping."""
    factors = grouping.split(":")
    rows = coded(effects, factors)
    columns = ["a", "b"][: len(factors)]
    groups = {k if isinstance(k, tuple) else (k,): g for k, g in rows.groupby(columns, sort=True)}
    labels = [words_in_order(sorted(set(rows[c])), words.get(f)) for c, f in zip(columns, factors, strict=True)]
    empty = rows.iloc[:0]
    return [
        (":".join(cell), " × ".join(own[word] for own, word in zip(labels, cell, strict=True)), groups.get(cell, empty))
        for cell in product(*labels)
    ]


def _power(own: list[np.ndarray], evidence: Evidence | None, spec: HeterogeneitySlice) -> dict[str, object]:
    """Power of a cell's studies, and what has to be added."""
    if spec.sesoi is None:
        return {
            "status": "no_sesoi",
            "reason": f"no smallest effect of interest for {spec.measure}; set heterogeneity.sesoi",
        }
    if spec.scale == "proportion":
        return {"status": "not_applicable", "reason": "a proportion is not tested against zero"}
    if evidence is None:
        return {"status": "too_few", "reason": "fewer than 3 studies in the analysis: its variances are not known"}
    section = spec.heterogeneity
    typical = evidence.typical
    row: dict[str, object] = {
        "sesoi": spec.sesoi,
        "level": spec.model.level,
        "target": section.power,
        "replicates": section.replicates,
        "typical_effects": evidence.effects,
        "typical_variance": evidence.variance,
        "sigma2_study": evidence.between,
        "sigma2_effect": evidence.within,
    }
    done: dict[int, Simulated] = {}
    known = sum(evidence.information(vi) for vi in own)
    each = evidence.information(typical)

    def at(further: int) -> Simulated:
        if further not in done:
            done[further] = simulate_power(
                own + [typical] * further,
                evidence,
                effect=spec.sesoi or 0.0,
                level=spec.model.level,
                replicates=section.replicates,
                # One stream for all numbers of studies, so that the curve is as smooth as can be.
                seed=seed_of(spec.analysis, "power"),
            )
        return done[further]

    def rough(further: int) -> float:
        return rough_power(known + further * each, len(own) + further, spec.sesoi or 0.0, spec.model.level)

    least = max(0, _FEWEST - len(own))
    if least:
        reason = "no study" if not own else "one study: nothing can be tested"
        row |= {"power": 0.0, "power_mcse": 0.0}
    else:
        reason = ""
        row |= {"power": at(0).power, "power_mcse": at(0).mcse, "df": at(0).df}
    wanted, most = section.power / 100, section.most_studies
    start = next((n for n in range(least, most + 1) if rough(n) >= wanted), most)
    needed = _fewest(lambda n: at(n).power >= wanted, least, most, start)
    if needed is None:
        said = f"more than {most} further studies for {section.power:g}% power"
        return row | {"status": "not_reached", "reason": "; ".join(filter(None, (reason, said)))}
    then, slope = at(needed), rough(needed + 1) - rough(needed)
    return row | {
        "further": needed,
        "further_mcse": then.mcse / slope if needed and slope > 0 else 0.0,
        "power_then": then.power,
        "power_then_mcse": then.mcse,
        "status": "enough" if needed == 0 else "ok",
        "reason": reason,
    }


def _fewest(enough: Callable[[int], bool], least: int, most: int, start: int) -> int | None:
    """The smallest number from `least` to `most` that is enough, taking it that more is never worse.

    The search gallops away from `start`, which is near the answer.
    """
    if least > most:
        return None
    step, low, high = 1, start, start
    if enough(start):
        while low > least and enough(low):
            high, low, step = low, max(least, low - step), 2 * step
        if enough(low):
            return low
    else:
        while not enough(high):
            if high >= most:
                return None
            low, high, step = high, min(most, high + step), 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
