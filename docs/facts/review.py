"""The shipped review, read, harmonised and pooled in this process, as the pipeline does it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
from metacircuit.cli.checking import check_review
from metacircuit.config import CheckSlice, HarmoniseSlice, Settings, parse_settings
from metacircuit.effects.prepare import prepare
from metacircuit.models.pooling.choose import recipe_for
from metacircuit.models.pooling.pool import Pool
from metacircuit.sheets.vocabulary import read_vocabulary

ROOT = Path(__file__).parents[2]


@cache
def settings() -> Settings:
    """Read its config."""
    return parse_settings((ROOT / "config/nssi.yaml").read_text(encoding="utf-8"), source="config/nssi.yaml")


@cache
def sheets() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read and check its studies and effects."""
    words = {name: read_vocabulary(ROOT / path) for name, path in settings().vocabulary.items()}
    checked = check_review(ROOT / settings().data, CheckSlice.of(settings()), words)
    return checked.studies, checked.effects


@cache
def harmonised(analysis: str, definition: str = "metafor-5") -> pd.DataFrame:
    """Bring the rows of one analysis to its measure; keep estimates and bounds."""
    wanted = HarmoniseSlice.of(settings(), analysis)
    conversion = wanted.conversion.model_copy(update={"definition": definition})
    rows = prepare(*sheets(), wanted.model_copy(update={"conversion": conversion}))
    return rows[rows["status"].isin(("analysed", "bound"))].reset_index(drop=True)


@cache
def pooled(analysis: str, bounds: str = "leave_out", definition: str = "metafor-5") -> Pool:
    """Pool one analysis over all its strata."""
    rows = harmonised(analysis, definition)
    model = settings().model_of(analysis).model_copy(update={"bounds": bounds})
    recipe = recipe_for(rows, settings().analyses[analysis].measure, model)
    return recipe.pool(recipe.rows(rows).reset_index(drop=True), model)


def interval(pool: Pool) -> str:
    """Write a pooled estimate with its interval."""
    return f"{pool.estimate:.3f} [{pool.ci_lb:.3f}, {pool.ci_ub:.3f}]"
