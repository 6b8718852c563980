"""What each effect does to a univariate model: refits without it, all in one batch."""

from dataclasses import dataclass

import numpy as np

from .batch import ManyFits, fit_many
from .coefficients import Coefficients
from .linear import Sample


@dataclass(frozen=True, slots=True, eq=False)
class InfluenceValues:
    """Case diagnostics, (k,) each, and dfbs (k, p)."""

    rstudent: np.ndarray
    dffits: np.ndarray
    cook_d: np.ndarray
    cov_r: np.ndarray
    tau2_del: np.ndarray
    QE_del: np.ndarray
    hat: np.ndarray
    weight: np.ndarray
    dfbs: np.ndarray


def deletions(data: Sample, groups: np.ndarray | None = None, **model) -> ManyFits:
    """The model refitted without each effect, or without each group of effects.

    Parameters
    ----------
    data : one data set of k effects. groups : (k,) integer codes 0 … g - 1, or None for one effect at a time.
    model : method, test, weights, tau2, precision as in `fit_many`.
    """
    codes = np.arange(data.Y.shape[1]) if groups is None else np.asarray(groups)
    keep = codes[None, :] != np.arange(codes.max() + 1)[:, None]
    return fit_many(data.Y[0], data.V[0], data.X, mask=keep, **model)


def influence(
    data: Sample,
    fit: Coefficients,
    tau2: float,
    deleted: ManyFits,
    *,
    weights: np.ndarray | None = None,
) -> InfluenceValues:
    """Studentised deleted residuals, DFFITS, Cook's distances, covariance ratios, leverages and DFBETAS.

    With (i) for the model without effect i, w_i and h_i the weight and leverage in the full model:
    rstudent = (y_i - x_i b(i)) / sqrt(s2w(i) (v_i + tau2(i)) + x_i vb(i) x_i');
    dffits = x_i (b - b(i)) / sqrt(s2w(i) h_i (v_i + tau2(i))); cook_d = (b - b(i))' vb^-1 (b - b(i));
    cov_r = |vb(i)| / |vb|; dfbs_j = (b - b(i))_j / sqrt(s2w(i) [(X'W(i)X)^-1]_jj), W(i) from tau2(i) on all effects.

    Parameters
    ----------
    data : one data set. fit, tau2 : of the full model. deleted : from `deletions`. tested : coefficients that cook_d
        and
        cov_r look at. weights : (k,) own weights of the model.

    Source
    ------
    Viechtbauer & Cheung (2010) Res Synth Methods 1, 112-125, eq. 6-14; Belsley, Kuh & Welsch (1980).
    """
    X, y, v = data.X, data.Y[0], data.V[0]
    beta, vb = fit.beta[0], fit.vb[0]
    change = beta - deleted.beta
    marginal = v + deleted.tau2
    prediction_variance = np.einsum("kp,kpq,kq->k", X, deleted.vb, X)
    fitted_change = (X * change).sum(axis=1)
    hat = fit.hat[0]
    w = 1 / (v + tau2) if weights is None else np.asarray(weights, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        if weights is None:
            fit_variance = hat * marginal
            full_vb = data.rows(np.zeros(y.size, int)).project(np.nan_to_num(deleted.tau2)).vb()
        else:
            G = _own_weight_map(X, w)
            sandwich = v + deleted.tau2[:, None]
            fit_variance = ((X @ G) ** 2 * sandwich).sum(axis=1)
            full_vb = (G * sandwich[:, None, :]) @ G.T
        return InfluenceValues(
            rstudent=(y - (X * deleted.beta).sum(axis=1)) / np.sqrt(deleted.s2w * marginal + prediction_variance),
            dffits=fitted_change / np.sqrt(deleted.s2w * fit_variance),
            cook_d=np.einsum("kp,pq,kq->k", change, np.linalg.pinv(vb), change),
            cov_r=np.linalg.det(deleted.vb) / np.linalg.det(vb),
            tau2_del=deleted.tau2,
            QE_del=deleted.QE,
            hat=hat,
            weight=100 * w / w.sum(),
            dfbs=change / np.sqrt(deleted.s2w[:, None] * np.diagonal(full_vb, axis1=1, axis2=2)),
        )


def _own_weight_map(X: np.ndarray, a: np.ndarray) -> np.ndarray:
    """(X'AX)^-1 X'A, the map from estimates to coefficients."""
    return np.linalg.solve((X.T * a) @ X, X.T * a)
