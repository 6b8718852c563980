"""The jobs in PyMARE; see `jobs_metacircuit` for what each returns."""

from __future__ import annotations

import numpy as np
from pymare.estimators import DerSimonianLaird, VarianceBasedLikelihoodEstimator
from work import STUDIES_A_SET, Columns


def _tau2(estimator: DerSimonianLaird | VarianceBasedLikelihoodEstimator, y: np.ndarray, v: np.ndarray) -> float:
    """Sum of tau2 over the columns of y."""
    return float(np.sum(estimator.fit(y, v, np.ones((len(y), 1))).params_["tau2"]))


def _sets(c: Columns) -> tuple[np.ndarray, np.ndarray]:
    """One column a data set."""
    return c["y"].reshape(-1, STUDIES_A_SET).T, c["v"].reshape(-1, STUDIES_A_SET).T


def reml_many(c: Columns) -> float:
    return _tau2(VarianceBasedLikelihoodEstimator(method="REML"), *_sets(c))


def dl_many(c: Columns) -> float:
    return _tau2(DerSimonianLaird(), *_sets(c))


def reml(c: Columns) -> float:
    return _tau2(VarianceBasedLikelihoodEstimator(method="REML"), c["y"][:, None], c["v"][:, None])
