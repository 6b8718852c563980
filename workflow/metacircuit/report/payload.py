"""What the interactive part of the page knows: the rows of each analysis, their words, stories and model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from metacircuit.effects.natural import natural_scale
from metacircuit.models.pooling.che import pool_che
from metacircuit.models.pooling.choose import Recipe, recipe_for
from metacircuit.models.pooling.glmm import counts, pool_glmm
from metacircuit.models.pooling.univariate import pool_univariate
from metacircuit.report.coding import Coding, codings, factors

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from metacircuit.config import Settings
    from metacircuit.report.sources import Sources

_KINDS = {pool_che: "che", pool_glmm: "glmm", pool_univariate: "univariate"}
_NOT_HERE = {
    "censored": "bounds enter its likelihood as censored observations, which this page does not compute",
    "PMM": "its estimator of τ² (PMM) is not computed in this page",
}
_TRANSFORMS = {"exp": "exp", "tanh": "tanh", "expit": "expit", "_sine_squared": "sine_squared"}
# The bootstrap of the pipeline: `models.robust.robust` draws so many replicates from this seed.
_REPLICATES, _SEED = 1999, 1


def payload(settings: Settings, sources: Sources) -> dict[str, Any]:
    """Gather the data of the page.

    Parameters
    ----------
    settings : Settings
        The review's config.
    sources : Sources
        The result tables.

    Returns
    -------
    dict
        For JSON: `bootstrap` (state of the generator), `studies` by id, `routes` by id, `analyses` in the config's
        order.
    """
    state = np.random.default_rng(_SEED).bit_generator.state["state"]
    return {
        "review": settings.review,
        "bootstrap": {"state": str(state["state"]), "inc": str(state["inc"]), "replicates": _REPLICATES},
        "studies": {row["study_id"]: _study(row) for row in sources.studies.to_dict("records")},
        "routes": _routes(sources.records.values()),
        "analyses": [_analysis(settings, sources, name) for name in settings.analyses],
    }


def _study(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("title", "first_author", "journal", "doi", "country")
    return {"year": _number(row.get("year")), **{name: _text(row.get(name)) for name in names}}


def _routes(records: Any) -> dict[str, dict[str, str]]:
    """Formula and source of each step that some number took; they are the same for every row."""
    steps = {step["id"]: step for record in records for step in record["steps"]}
    return {name: {"formula": steps[name]["formula"], "source": steps[name]["source"]} for name in sorted(steps)}


def _analysis(settings: Settings, sources: Sources, name: str) -> dict[str, Any]:
    analysis, model, effects = settings.analyses[name], settings.model_of(name), sources.effects[name]
    taken = effects[effects["status"].isin(("analysed", "bound"))]
    recipe = recipe_for(taken, analysis.measure, model)
    rows = recipe.rows(taken)
    rows = rows[rows["yi"].notna() & (rows["vi"] > 0)].reset_index(drop=True)
    if "country" in sources.studies:
        rows = rows.assign(country=rows["study_id"].map(sources.studies.set_index("study_id")["country"]))
    coded = codings(settings, name, rows, sources.words)
    scale, transform = natural_scale(analysis.measure)
    return {
        "name": name,
        "title": analysis.title,
        "measure": analysis.measure,
        "scale": scale,
        "transform": _TRANSFORMS.get(transform.__name__, "none"),
        "axis": {"left": analysis.axis.left, "right": analysis.axis.right},
        "model": _model(recipe, model),
        "coded": [{"name": c.name, "label": c.label, "words": [list(pair) for pair in c.words]} for c in coded],
        "map": list(factors(settings, name)[:2]),
        "rows": _rows(rows, coded, sources, name, level=model.level, with_counts=recipe.pool is pool_glmm),
    }


def _model(recipe: Recipe, model: Any) -> dict[str, Any]:
    """The model that pools any rows of the analysis, or why the page cannot."""
    kind = _KINDS.get(recipe.pool, "")
    reason = "" if kind else _NOT_HERE["censored"]
    if kind == "univariate" and model.method in _NOT_HERE:
        kind, reason = "", _NOT_HERE[model.method]
    told = ("method", "test", "rho", "level", "min_studies")
    return {"kind": kind, "reason": reason, **{key: getattr(model, key) for key in told}}


def _rows(
    rows: pd.DataFrame, coded: tuple[Coding, ...], sources: Sources, name: str, *, level: float, with_counts: bool
) -> list[dict[str, Any]]:
    half = float(ndtri(0.5 + level / 200)) * np.sqrt(rows["vi"].to_numpy(float))
    events, people = counts(rows) if with_counts else (np.full(len(rows), np.nan),) * 2
    return [
        {
            "id": row["effect_id"],
            "study": row["study_id"],
            "label": _text(row["study_label"]) or row["study_id"],
            "outcome": _text(row.get("outcome")),
            "yi": row["yi"],
            "vi": row["vi"],
            "lb": row["yi"] - half[i],
            "ub": row["yi"] + half[i],
            "participants": _number(row["participants"]),
            "events": _number(events[i]),
            "people": _number(people[i]),
            "bound": row["status"] == "bound",
            "words": {c.name: _text(row[c.name]) for c in coded},
            "story": _story(row, sources.records.get((name, row["effect_id"]))),
        }
        for i, row in enumerate(rows.to_dict("records"))
    ]


def _story(row: Mapping[str, Any], record: Mapping[str, Any] | None) -> dict[str, Any]:
    """Where a number comes from; the formulas are kept once, in `routes`."""
    told = {name: _text(row.get(name)) for name in ("route", "inputs", "assumptions", "flags", "notes")}
    if record is None:
        return told
    source = record["source"]
    cells = {key: str(value) for key, value in source["cells"].items()}
    where = {"file": source["file"], "sheet": source["sheet"], "row": source["row"], "cells": cells}
    return told | where | {"hash": record["hash"], "section": _text(row.get("source_section"))}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | int | None:
    """A finite number as JSON has it, whole where it is."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() else float(value)
