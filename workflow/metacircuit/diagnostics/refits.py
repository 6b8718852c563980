"""A multilevel model fitted again to parts of its effects: what leaving out, adding up and screening are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.mv_fit import Fit, fit_inputs
from metacircuit.models.mv_inputs import Inputs
from metacircuit.models.mv_result import RMAMV
from metacircuit.stats.multilevel.blocks import Blocks, renumber
from metacircuit.stats.multilevel.compound import CompoundSampling
from metacircuit.stats.multilevel.engines import Sampling, choose_engine
from metacircuit.stats.multilevel.likelihood import likelihood
from metacircuit.stats.multilevel.optimise import Optimum
from metacircuit.stats.multilevel.subsets import has_sweep, subset_variances
from metacircuit.stats.multilevel.terms import Term
from metacircuit.stats.rank import dependent_columns

from .dependent import clusters_of
from .outcome import NOT_CONVERGED, NOT_ESTIMABLE, OK, TOO_FEW

# Structures whose one variance all inner levels share: a level that disappears takes no parameter with it.
ONE_VARIANCE = ("ID", "CS", "AR", "CAR")
# A standard deviation of zero has no slope: a refit that starts from it starts from this share of the spread instead.
OFF_ZERO = 0.1


@dataclass(frozen=True, slots=True)
class Refit:
    """The model of some effects, or the reason why there is none; a fit that has a reason stands, with that caveat."""

    fit: Fit | None
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which effects go together: (k,) codes 0 … g - 1 and the g labels; `unit` is "study" or "effect"."""

    codes: np.ndarray
    labels: tuple[str, ...]
    unit: str

    @property
    def without(self) -> np.ndarray:
        """(g, k) booleans, each row without one group."""
        return self.codes[None, :] != np.arange(len(self.labels))[:, None]


def grouping(model: RMAMV, by: str, cluster: Any = None, slab: Any = None) -> Grouping:
    """Effects one by one or by study.

    Parameters
    ----------
    model : from `rma_mv`. by : "study" or "effect".
    cluster : (k,) labels of the studies, for models that were not told them. slab : (k,) labels of the effects; the
        rows that they were given in, counted from 1, by default. Both may also cover the rows that were left out.

    Raises
    ------
    ValueError
        For labels of another length, or a missing one.
    """
    inputs = model.fit.inputs
    if by == "effect":
        names = inputs.rows + 1 if slab is None else labels_of("slab", slab, inputs)
        return Grouping(np.arange(model.k), tuple(str(name) for name in names), "effect")
    if cluster is not None:
        codes, names = pd.factorize(pd.Series(labels_of("cluster", cluster, inputs)))
        return Grouping(codes, tuple(str(name) for name in names), "study")
    codes = clusters_of(model)
    names = inputs.study_names if inputs.study is not None else ()
    return Grouping(codes, names or tuple(str(j + 1) for j in range(codes.max() + 1)), "study")


def labels_of(name: str, given: Any, inputs: Inputs) -> np.ndarray:
    """(k,) one value for each effect that the model used."""
    values = np.asarray(given)
    k = inputs.y.size
    values = values[inputs.rows] if values.ndim == 1 and values.size > max(k, inputs.rows.max()) else values
    if values.shape != (k,):
        raise ValueError(f"{name} has {np.size(given)} values and the model {k} effects: each effect needs one.")
    if pd.isna(values).any():
        raise ValueError(f"{name} is missing for effect {int(np.flatnonzero(pd.isna(values))[0]) + 1}.")
    return values


def refits(model: RMAMV, keep: np.ndarray) -> list[Refit]:
    """The model refitted to each of many parts of its effects.

    Parameters
    ----------
    model : from `rma_mv`. keep : (g, k) booleans, False for effects to leave out.

    Returns
    -------
    list of Refit
        One for each row of `keep`; never an exception for a part that is too small.
    """
    parts = [_part(model.fit.inputs, rows) for rows in keep]
    together = np.array([_in_one_sweep(model, part) for part in parts], bool)
    variances = np.full((len(keep), len(model.fit.model.terms)), np.nan)
    steps = np.zeros(len(keep), int)
    if together.any():
        start = model.fit.optimum.theta**2
        variances[together], steps[together] = subset_variances(model.fit.model, start, keep[together])
    return [_refit(model, part, v, n) for part, v, n in zip(parts, variances, steps, strict=True)]


def undefined(model: RMAMV) -> tuple[str, ...]:
    """Which statistics neither the model nor its refits have, and why."""
    if np.isnan(model.QE):
        return ("V alone has no inverse, so QE and I2 are not defined.",)
    return () if model.fit.inputs.terms else ("The model has no random effect, so I2 is not defined.",)


def subset(inputs: Inputs, keep: np.ndarray) -> Inputs:
    """The same model's data with fewer effects: `keep` (k,) booleans, at least one of them True."""
    study = None if inputs.study is None else renumber(inputs.study[keep])
    names = inputs.study_names
    if names:
        names = tuple(names[j] for j in pd.unique(inputs.study[keep]))
    return replace(
        inputs,
        y=inputs.y[keep],
        sampling=_sampling(inputs.sampling, keep),
        X=inputs.X[keep],
        terms=tuple(Term(t.name, renumber(t.outer[keep]), t.design[keep], t.structure, t.levels) for t in inputs.terms),
        study=study,
        rows=inputs.rows[keep],
        study_names=names,
    )


def _sampling(sampling: Sampling, keep: np.ndarray) -> Sampling:
    if isinstance(sampling, Blocks):
        return sampling.take(np.flatnonzero(keep))
    return CompoundSampling(sampling.vi[keep], renumber(sampling.labels[keep]), sampling.rho)


def _part(inputs: Inputs, keep: np.ndarray) -> Inputs | Refit:
    """The data of one part, or why the model cannot be fitted to it."""
    if not keep.any():
        return Refit(None, TOO_FEW, "No effect is left.")
    if reasons := dependent_columns(inputs.X[keep], inputs.names):
        said = "; ".join(f"{name}: {why}" for name, why in reasons.items())
        return Refit(None, NOT_ESTIMABLE, f"A coefficient cannot be estimated from these effects ({said}).")
    for term in inputs.terms:
        gone = term.design.any(axis=0) & ~term.design[keep].any(axis=0)
        if gone.any() and term.structure.kind not in ONE_VARIANCE:
            levels = ", ".join(term.levels[u] for u in np.flatnonzero(gone))
            return Refit(None, NOT_ESTIMABLE, f"No effect is left to estimate the variance of {levels} from.")
    return inputs if keep.all() else subset(inputs, keep)


def _in_one_sweep(model: RMAMV, part: Inputs | Refit) -> bool:
    """Whether all such parts can be fitted together: every variance can be estimated from it."""
    if isinstance(part, Refit) or not has_sweep(model.fit.model) or model.fit.fixed:
        return False
    k, p = part.X.shape
    return k > p and all(term.n_outer > 1 for term in part.terms)


def _refit(model: RMAMV, part: Inputs | Refit, variances: np.ndarray, steps: int) -> Refit:
    """One part, with variances that are known already or are still to be found."""
    if isinstance(part, Refit):
        return part
    reml = model.method == "REML"
    try:
        if np.isfinite(variances).all() and part.X.shape[0] > part.X.shape[1]:
            fit = _at(part, np.sqrt(variances), steps, reml=reml)
        else:
            fit = _found(model, part, reml=reml)
    except (ValueError, np.linalg.LinAlgError) as error:
        return Refit(None, NOT_ESTIMABLE, str(error))
    k, p = part.X.shape
    if not fit.optimum.converged:
        return Refit(fit, NOT_CONVERGED, f"The likelihood has no clear maximum: {fit.optimum.status}.")
    if k <= p:
        effects = "One effect is" if k == 1 else f"{k} effects are"
        return Refit(fit, TOO_FEW, f"{effects} left for {p} coefficient{'s' * (p > 1)}: heterogeneity is taken as 0.")
    return Refit(fit, OK, _caveat(part, model))


def _at(part: Inputs, theta: np.ndarray, steps: int, *, reml: bool) -> Fit:
    """The fit at known standard deviations."""
    terms = list(part.terms)
    found = likelihood(part.y, part.X, terms, choose_engine(part.sampling, terms), reml=reml)
    solution = found.solve(theta)
    return Fit(part, found, Optimum(theta, solution.ll, True, int(steps), "converged"), solution, {})


def _found(model: RMAMV, part: Inputs, *, reml: bool) -> Fit:
    """The fit by the general search: near the whole model's optimum if its likelihood is well behaved."""
    if all(term.is_intercept for term in part.terms):
        whole = model.fit
        spread = float(np.linalg.norm(whole.model.y) / np.sqrt(max(model.k - model.p, 1)))
        start = np.maximum(whole.optimum.theta, OFF_ZERO * (spread or 1.0))
        fit = fit_inputs(part, reml=reml, start=start)
        if fit.optimum.converged:
            return fit
    return fit_inputs(part, reml=reml)


def _caveat(part: Inputs, model: RMAMV) -> str:
    """What a reader must know of a fit that stands."""
    single = [t.name for t in part.terms if t.is_intercept and t.n_outer == 1 < len(part.y)]
    if single:
        return f"The variance of {', '.join(single)} cannot be estimated from one level and is taken as 0."
    alike = _confounded(part.terms)
    if alike and not _confounded(model.fit.inputs.terms):
        return f"Only the sum of the variances of {' and '.join(alike)} can be estimated from these effects."
    return ""


def _confounded(terms: Sequence[Term]) -> tuple[str, str] | None:
    """Two random intercepts with the same levels."""
    simple = [t for t in terms if t.is_intercept]
    for a, b in combinations(simple, 2):
        if np.array_equal(a.outer, b.outer):
            return a.name, b.name
    return None
