"""The certainty of every stratum of an analysis: its domains, what people have decided otherwise, and the level."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.certainty import domains
from metacircuit.certainty.evidence import (
    asymmetry,
    overall_levels,
    rows_of,
    share_outside,
    shares_of_risk,
    target_in_words,
    weights_of,
)
from metacircuit.certainty.levels import CERTAINTY, DOMAINS, Rating, level_after

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metacircuit.certainty.overrides import Override
    from metacircuit.config import CertaintyOf

COLUMNS = (
    *("analysis", "grouping", "stratum", "label", "k", "studies", "participants", "design", "start"),
    *(column for d in DOMAINS for column in (d, f"{d}_steps", f"{d}_reason")),
    *("computed", "override", "override_by", "override_reason", "final", "status", "reason"),
)
_ALPHA = 0.1
_PROPORTIONS = frozenset({"PLO", "PR", "PLN", "PAS", "PFT"})


@dataclass(frozen=True, slots=True)
class Tables:
    """The result tables of one analysis; `corrections` is None where they were not made."""

    effects: pd.DataFrame
    combined: pd.DataFrame
    estimates: pd.DataFrame
    corrections: pd.DataFrame | None


def judge(
    spec: CertaintyOf, tables: Tables, rob: pd.DataFrame, overrides: Sequence[Override]
) -> list[dict[str, object]]:
    """Judge all strata of an analysis.

    Parameters
    ----------
    spec : CertaintyOf
        Design, target, smallest effect.
    tables : Tables
        Its results.
    rob : DataFrame
        Judgements with levels, as `metacircuit.certainty.rob.judged` gives them.
    overrides : sequence of Override
        Of the whole review; those of this analysis are used.

    Returns
    -------
    list of dict
        A row of `COLUMNS` a stratum. One that is not pooled has no certainty, and its status and reason.
    """
    risk = overall_levels(rob)
    own = [o for o in overrides if o.analysis == spec.analysis]
    return [_row(row, spec, tables, risk, own) for row in tables.estimates.to_dict("records")]


def _row(
    estimate: dict, spec: CertaintyOf, tables: Tables, risk: dict[str, str], overrides: Sequence[Override]
) -> dict[str, object]:
    row = {name: estimate[name] for name in ("analysis", "grouping", "stratum", "label", "k", "studies")}
    row["participants"] = estimate["participants"]
    if estimate["status"] != "ok":
        return row | {"status": estimate["status"], "reason": estimate["reason"]}
    start = spec.certainty.start or ("high" if spec.certainty.design == "randomised" else "low")
    ratings = rate(estimate, spec, tables, risk)
    computed = level_after(start, sum(r.steps for r in ratings.values()))
    here = [o for o in overrides if (o.grouping, o.stratum) == (row["grouping"], row["stratum"])]
    changed = {o.domain: o for o in here}
    for name, rating in ratings.items():
        row |= {name: rating.word, f"{name}_steps": rating.steps, f"{name}_reason": rating.reason}
    steps = sum(changed[d].steps if d in changed else r.steps for d, r in ratings.items())
    final = changed[CERTAINTY].rating if CERTAINTY in changed else level_after(start, steps)
    return row | {
        "design": spec.certainty.design or "not stated, taken as observational",
        "start": start,
        "computed": computed,
        "override": "; ".join(_said(o, ratings, computed) for o in here),
        "override_by": "; ".join(dict.fromkeys(o.name for o in here)),
        "override_reason": "; ".join(o.reason for o in here),
        "final": final,
        "status": "ok",
        "reason": "",
    }


def _said(override: Override, ratings: dict[str, Rating], computed: str) -> str:
    """What was changed into what."""
    before = computed if override.domain == CERTAINTY else ratings[override.domain].word
    return f"{override.domain}: {before} → {override.rating}"


def rate(estimate: dict, spec: CertaintyOf, tables: Tables, risk: dict[str, str]) -> dict[str, Rating]:
    """The domains of one pooled stratum, in the order of `DOMAINS`."""
    here = {"grouping": estimate["grouping"], "stratum": estimate["stratum"]}
    combined = _of(tables.combined, here)
    weights = weights_of(combined, float(estimate["tau2"]))
    effects = rows_of(tables.effects, **here)
    confidence, prediction = (_interval(estimate, kind) for kind in ("ci", "pi"))
    proportion, bound = spec.measure in _PROPORTIONS, spec.sesoi
    corrections = None if tables.corrections is None else _of(tables.corrections, here)
    tests, shifts, few = asymmetry(corrections, int(estimate["studies"]), proportion=proportion)
    found = {
        "risk_of_bias": domains.risk_of_bias(shares_of_risk(weights, risk)),
        "inconsistency": domains.inconsistency(prediction, confidence, bound, proportion=proportion),
        "indirectness": domains.indirectness(
            share_outside(effects, weights, spec.certainty.target), target_in_words(spec)
        ),
        "imprecision": domains.imprecision(
            confidence,
            bound,
            float((1 / combined["vi"]).sum()),
            level=spec.level,
            power=spec.power,
            participants=float(estimate["participants"]),
            proportion=proportion,
        ),
        "small_study_effects": domains.small_study_effects(
            tests, shifts, few=few, matters=bound or abs(float(estimate["estimate"])) / 2, alpha=_ALPHA
        ),
    }
    return {name: found[name] for name in DOMAINS}


def _of(table: pd.DataFrame, here: dict[str, str]) -> pd.DataFrame:
    return table[(table["grouping"] == here["grouping"]) & (table["stratum"] == here["stratum"])]


def _interval(estimate: dict, kind: str) -> domains.Interval:
    """An interval of an estimate by the prefix of its columns."""
    ends = [float(estimate[f"{kind}_{end}"]) for end in ("lb", "ub")]
    prefix = "natural" if kind == "ci" else "natural_pi"
    natural = [float(estimate[f"{prefix}_{end}"]) for end in ("lb", "ub")]
    return domains.Interval(*ends, natural[1] - natural[0] if all(map(math.isfinite, natural)) else math.nan)
