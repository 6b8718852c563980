"""Cumulative meta-analysis: the estimate as the studies come in, by year, by precision, or by anything else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.choices import one_of
from metacircuit.models.rma import RMA
from metacircuit.models.rma_mv import RMAMV
from metacircuit.stats.formula_tokens import nearest
from metacircuit.stats.multilevel.engines import linked, sampling_blocks

from .leave_out import univariate_groups, univariate_labels
from .refit_table import INFERENCE, RefitTable, multilevel_table, univariate_table
from .refits import grouping, labels_of

PRECISION = "precision"


def cumul(
    model: RMA | RMAMV,
    order: Any = PRECISION,
    *,
    data: Any = None,
    descending: bool = False,
    collapse: bool = False,
    cluster: Any = None,
    inference: str = "CR2",
) -> RefitTable:
    """Refit the model to the first study, the first two, and so on.

    Parameters
    ----------
    model : from `rma` (effects come in one by one, or by `cluster`) or `rma_mv` (study by study).
    order : "precision" (the smallest sampling variance first; of a study, the variance of its average effect), the name
        of a column of `data`, or (k,) values such as years. A study comes in at the smallest value of its effects.
    data : table with the columns, one row for each effect.
    descending : the largest value first ("precision": the least precise).
    collapse : whether studies with the same value come in together.
    cluster : (k,) labels of the studies. inference : for `rma_mv` "CR2" or "model".

    Returns
    -------
    RefitTable
        One row for each step, labelled by the study that comes in; ties keep the order of the data. The first steps of
        a multilevel model have too few studies for a test: status and reason say so.

    Raises
    ------
    TypeError
        For another kind of model.
    ValueError
        For an unknown column, or values that are missing or of another length.

    Source
    ------
    Lau, Schmid & Chalmers (1995) J Clin Epidemiol 48, 45-57.

    Example
    -------
    >>> from metacircuit.models.rma import rma
    >>> fit = rma([0.1, 0.4, 0.3, 0.8], [0.02, 0.03, 0.05, 0.04], method="EE")
    >>> table = cumul(fit, [2004, 2001, 2002, 2003])
    >>> table.label, table.estimate[:, 0].round(3).tolist()
    (('2', '3', '4', '1'), [0.4, 0.363, 0.502, 0.345])
    """
    one_of("inference", inference, INFERENCE)
    if isinstance(model, RMAMV):
        groups = grouping(model, "study", cluster)
        codes, labels = groups.codes, groups.labels
    elif isinstance(model, RMA):
        codes, labels = univariate_groups(model, cluster)
    else:
        raise TypeError(f"cumul takes a model from rma or rma_mv; got {type(model).__name__}.")
    values, notes, said = _values(model, order, data, codes, labels)
    steps = _steps(values, descending=descending, collapse=collapse)
    keep = steps[codes][None, :] <= np.arange(steps.max() + 1)[:, None]
    added = [" + ".join(labels[j] for j in np.flatnonzero(steps == i)) for i in range(steps.max() + 1)]
    title = f"Cumulative meta-analysis by {said}{', descending' if descending else ''}"
    if isinstance(model, RMAMV):
        table = multilevel_table(model, keep, added, title, "added", codes, inference)
    else:
        table = univariate_table(model, keep, added, title, "added", codes)
    return replace(table, notes=(*table.notes, *notes))


def _steps(values: np.ndarray, *, descending: bool, collapse: bool) -> np.ndarray:
    """(g,) the step at which each study comes in, from 0."""
    ranks = np.unique(values, return_inverse=True)[1]
    ranks = ranks.max() - ranks if descending else ranks
    if collapse:
        return ranks
    steps = np.empty(len(ranks), int)
    steps[np.argsort(ranks, kind="stable")] = np.arange(len(ranks))
    return steps


def _values(
    model: RMA | RMAMV, order: Any, data: Any, codes: np.ndarray, labels: tuple[str, ...]
) -> tuple[np.ndarray, tuple[str, ...], str]:
    """A value for each study, notes, and what the order is called."""
    if isinstance(order, str) and order == PRECISION and (data is None or PRECISION not in data):
        return _variances(model, codes), (), PRECISION
    said = "the given values"
    if isinstance(order, str):
        if data is None or order not in data:
            known = [PRECISION] if data is None else [PRECISION, *data]
            raise ValueError(f"order={order!r} names no column of data. {nearest(order, known)}")
        said, order = order, data[order]
    if isinstance(model, RMAMV):
        given = labels_of("order", order, model.fit.inputs)
    else:
        given = univariate_labels("order", order, model)
    by_study = pd.Series(given).groupby(codes)
    mixed = [labels[j] for j in np.flatnonzero(by_study.nunique().to_numpy() > 1)]
    notes = ()
    if mixed:
        names = ", ".join(mixed[:5]) + (", …" if len(mixed) > 5 else "")
        notes = (f"Several values within a study ({names}): it comes in at the smallest.",)
    return by_study.min().to_numpy(), notes, said


def _variances(model: RMA | RMAMV, codes: np.ndarray) -> np.ndarray:
    """(g,) sampling variance of the average effect of each study, 1 / (1' V^-1 1)."""
    if isinstance(model, RMA):
        return 1 / np.bincount(codes, 1 / model.vi)
    sampling = model.fit.inputs.sampling
    weights = np.zeros(model.k)
    for g in sampling_blocks(sampling, linked(sampling, [])).groups:
        weights[g.rows] = np.linalg.pinv(g.values, hermitian=True).sum(axis=2)
    total = np.bincount(codes, weights)
    with np.errstate(divide="ignore"):
        return np.where(total > 0, 1 / total, np.inf)
