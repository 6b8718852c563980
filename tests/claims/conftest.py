"""A small review with three disorders, two circuits and a claim to hold against it."""

import copy
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from metacircuit.claims.certainty import unrated
from metacircuit.claims.load import Cited
from metacircuit.claims.rows import Results
from metacircuit.claims.schema import Claim
from metacircuit.config import FitSlice
from metacircuit.config.analysis import Model
from metacircuit.models.analysis import estimate_row, fit_cell
from metacircuit.models.pooling.choose import recipe_for
from metacircuit.models.strata import strata_of

CLAIM = {
    "id": "doc.name",
    "statement": "It differs.",
    "source": "doc",
    "topic": "circuits",
    "analysis": "neural",
    "grouping": "disorder",
    "contrast": {"test": "stratum", "stratum": "bpd"},
    "direction": "positive",
    "sesoi": {"value": 0.2, "scale": "SMD", "reason": "Less does not matter."},
    "supports": "Above.",
    "contradicts": "Below.",
}
#: The p of every joint test in the table of contrasts: claims read it there and do not compute it again.
TABLED_P = 0.0123
WORDS = {
    "disorder": pd.DataFrame({"id": ["bpd", "mdd", "anx"], "label": ["Borderline", "Depression", "Anxiety"]}),
    "circuit": pd.DataFrame({"id": ["pain", "reward"], "label": ["Pain", "Reward"]}),
}


def claim(**changes: object) -> Claim:
    """A claim that differs from `CLAIM` in some keys."""
    return Claim.model_validate(copy.deepcopy(CLAIM) | changes)


@pytest.fixture(name="cited")
def cited_() -> Callable[..., Cited]:
    """A cited claim that differs from `CLAIM` in some keys."""
    return lambda **changes: Cited(claim(**changes), "Doc (2025).")


@pytest.fixture(name="effects")
def effects_() -> Callable[..., pd.DataFrame]:
    """Effects of studies around the means of their cells."""
    return _effects


def _effects(means: dict[tuple[str, str], float], studies: int = 6, v: float = 0.01) -> pd.DataFrame:
    """Two effects a study; in each cell, studies around its mean."""
    spread = np.linspace(-0.05, 0.05, studies)
    rows = [
        {
            "effect_id": f"{disorder}-{circuit}-{n}.{e}",
            **dict.fromkeys(("study_id", "sample_id", "study_label"), f"{disorder}-{circuit}-{n}"),
            "disorder": disorder,
            "circuit": circuit,
            "yi": mean + spread[n] + 0.02 * (e - 0.5),
            "vi": v * (1 + 0.1 * n),
            "lower": np.nan,
            "upper": np.nan,
            "participants": 50.0,
            "status": "analysed",
            "dose": float(n),
            "modality": "fmri" if e else "eeg",
        }
        for (disorder, circuit), mean in means.items()
        for n in range(studies)
        for e in (0, 1)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def results_of() -> Callable[..., dict[str, Results]]:
    """Fit an analysis `neural` of some effects, and hand over what the claims stage reads."""

    def made(rows: pd.DataFrame, certainty: pd.DataFrame | None = None, **model: object) -> dict[str, Results]:
        groupings = ("disorder", "circuit", "disorder:circuit")
        spec = FitSlice(analysis="neural", measure="SMD", groupings=groupings, model=Model(**model))
        # As the fit stage, but for the profiles of the variances, which take most of its time and are not asked for.
        recipe = recipe_for(rows, "SMD", spec.model).without_intervals_of_components()
        strata = strata_of(rows, ("disorder",), WORDS)
        estimates = pd.DataFrame([estimate_row(fit_cell(s, recipe, spec), spec) for s in strata])
        contrasts = pd.DataFrame([{"grouping": grouping, "pval": TABLED_P, "reason": ""} for grouping in groupings])
        rated = unrated() if certainty is None else certainty
        return {"neural": Results(spec, rows, estimates, contrasts, WORDS, rated)}

    return made
