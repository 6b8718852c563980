"""A univariate model in the shape of a multilevel one: every effect is its own level, tau2 is the variance there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from metacircuit.models.mv_fit import Fit, no_inverse
from metacircuit.models.mv_inputs import Inputs, term_columns
from metacircuit.stats.multilevel.compound import CompoundSampling, NotPositiveDefinite
from metacircuit.stats.multilevel.engines import choose_engine
from metacircuit.stats.multilevel.likelihood import Solution, likelihood
from metacircuit.stats.multilevel.optimise import Optimum
from metacircuit.stats.multilevel.terms import intercept
from metacircuit.stats.tau2 import COMMON_EFFECT

if TYPE_CHECKING:
    from .result import RMA


def as_multilevel(fit: RMA) -> Fit:
    """The same coefficients, with tau2 as the variance of a random effect for each effect.

    Nothing is estimated again. The covariance of the coefficients is the model's own, before Knapp and Hartung's
    factor; with own weights A it is (X'AX)^-1, the bread of the sandwich.

    Raises
    ------
    ValueError
        If the sampling variances differ so much that the weighted design has no inverse in floating point.
    """
    rows = np.arange(fit.k)
    terms = [] if fit.method in COMMON_EFFECT else [intercept("effect", rows)]
    sampling = CompoundSampling(fit.vi, rows, 0.0)
    engine = choose_engine(sampling, terms)
    model = likelihood(fit.yi, fit.X, terms, engine, reml=fit.method == "REML")
    theta = np.full(model.n_free, fit.tau)
    inputs = Inputs(
        y=fit.yi,
        sampling=sampling,
        X=fit.X,
        names=fit.names,
        terms=tuple(terms),
        study=None,
        rows=rows,
        design=fit.design,
        kept_columns=fit.kept,
        dropped=fit.dropped,
        omitted={},
        copies=(),
        term_columns=term_columns(fit.design, fit.full_names, fit.kept),
        numeric_means=fit.means,
        null_space=fit.null_space,
    )
    try:
        solution = model.solve(theta)
    except (NotPositiveDefinite, np.linalg.LinAlgError):
        raise ValueError(no_inverse(inputs)) from None
    if fit.weights is not None:
        solution = _weighted(fit, solution)
    optimum = Optimum(theta, solution.ll, fit.converged, fit.iterations, fit.status)
    return Fit(inputs, model, optimum, solution, fixed={})


def _weighted(fit: RMA, solution: Solution) -> Solution:
    """Least squares with the user's weights instead of the inverse covariance."""
    WX = fit.weights[:, None] * fit.X
    residual = fit.yi - fit.X @ fit.beta
    scores = fit.weights * residual
    bread = np.linalg.inv(fit.X.T @ WX)
    return replace(
        solution,
        beta=fit.beta,
        vb=(bread + bread.T) / 2,
        residual=residual,
        weighted_residual=scores,
        WX=WX,
        quadratic=float(residual @ scores),
    )
