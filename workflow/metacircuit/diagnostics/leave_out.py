"""The model without each study, or without each effect."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.rma import RMA
from metacircuit.models.rma_mv import RMAMV

from .refit_table import INFERENCE, RefitTable, multilevel_table, univariate_table
from .refits import grouping

UNITS = ("study", "effect")


def leave_out(
    model: RMA | RMAMV, *, by: str | None = None, cluster: Any = None, slab: Any = None, inference: str = "CR2"
) -> RefitTable:
    """Refit the model without each study (or each effect) in turn, variances and tests included.

    Parameters
    ----------
    model : from `rma` or `rma_mv`.
    by : "study" or "effect"; studies for `rma_mv`, and for `rma` if `cluster` is given.
    cluster : (k,) labels of the studies; those of the model if not given.
    slab : (k,) labels of the effects.
    inference : for `rma_mv` "CR2" (Satterthwaite degrees of freedom) or "model"; a model from `rma` keeps its test.

    Returns
    -------
    RefitTable
        One row for what was left out, in the order of the data. A refit that cannot be had, or whose test cannot, has
        a status (too_few, not_estimable, not_converged) and the reason.

    Raises
    ------
    TypeError
        For another kind of model.
    ValueError
        For an unknown word, labels of another length, or clusters that a random effect crosses.

    Source
    ------
    Viechtbauer & Cheung (2010) Res Synth Methods 1, 112-125; Pustejovsky & Tipton (2018) JBES 36, 672 (CR2).

    Example
    -------
    >>> from metacircuit.models.rma_mv import rma_mv
    >>> y, v = [0.1, 0.3, 0.5, 0.2, 0.7, 0.6], [0.02, 0.03, 0.02, 0.04, 0.03, 0.05]
    >>> table = leave_out(rma_mv(y, v, study=["a", "a", "b", "b", "c", "d"], rho=0.6))
    >>> table.label, table.estimate[:, 0].round(2).tolist()
    (('a', 'b', 'c', 'd'), [0.54, 0.46, 0.34, 0.39])
    """
    if by is not None:
        one_of("by", by, UNITS)
    one_of("inference", inference, INFERENCE)
    if isinstance(model, RMAMV):
        unit = by or "study"
        groups = grouping(model, unit, cluster, slab)
        codes = groups.codes if unit == "study" else grouping(model, "study", cluster).codes
        title = f"Leaving out one {unit} at a time"
        return multilevel_table(model, groups.without, groups.labels, title, "left_out", codes, inference)
    if not isinstance(model, RMA):
        raise TypeError(f"leave_out takes a model from rma or rma_mv; got {type(model).__name__}.")
    unit = by or ("effect" if cluster is None else "study")
    codes, names = univariate_groups(model, cluster)
    if unit == "study":
        groups, labels = codes, names
    else:
        groups, labels = np.arange(model.k), model.slab if slab is None else univariate_labels("slab", slab, model)
    keep = groups[None, :] != np.arange(groups.max() + 1)[:, None]
    title = f"Leaving out one {unit} at a time"
    return univariate_table(model, keep, [str(label) for label in labels], title, "left_out", codes)


def univariate_groups(model: RMA, cluster: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """Codes and labels of the studies of a univariate model: each effect its own, if not said otherwise."""
    if cluster is None:
        return np.arange(model.k), model.slab
    codes, names = pd.factorize(pd.Series(univariate_labels("cluster", cluster, model)))
    return codes, tuple(str(name) for name in names)


def univariate_labels(name: str, given: Any, model: RMA) -> np.ndarray:
    """(k,) one value for each effect."""
    values = np.asarray(given)
    if values.shape != (model.k,):
        raise ValueError(f"{name} has {np.size(given)} values and the model {model.k} effects: each effect needs one.")
    if pd.isna(values).any():
        raise ValueError(f"{name} is missing for effect {int(np.flatnonzero(pd.isna(values))[0]) + 1}.")
    return values
