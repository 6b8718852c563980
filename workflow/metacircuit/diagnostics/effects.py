"""What a diagnostic is given: a fitted model, or estimates with their variances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metacircuit.models.rma import RMA, rma
from metacircuit.models.univariate.inputs import estimates


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """k effects and the model that they are analysed with.

    Attributes
    ----------
    yi, vi : (k,). X : (k, p) design. model : the fitted model, or None where only the effects were given.
    options : method, test, weights, tau2, precision of a refit. level : in percent.
    """

    yi: np.ndarray
    vi: np.ndarray
    X: np.ndarray
    model: RMA | None
    options: dict[str, Any]
    level: float

    @property
    def k(self) -> int:
        return self.yi.size

    @property
    def sei(self) -> np.ndarray:
        return np.sqrt(self.vi)

    @property
    def intercept_only(self) -> bool:
        return self.X.shape[1] == 1 and bool((self.X == 1).all())

    def fitted(self) -> RMA:
        """The model, fitted now if only effects were given."""
        return self.model if self.model is not None else self.refit(self.yi, self.vi, self.X)

    def refit(self, yi: np.ndarray, vi: np.ndarray, X: np.ndarray, **changes: Any) -> RMA:
        """The same model of other effects or with another design."""
        options = self.options | {"level": self.level} | changes
        if options.get("weights") is not None and len(options["weights"]) != yi.size:
            options["weights"] = None
        if X.shape[1] == 1 and (X == 1).all():
            return rma(yi, vi, **options)
        return rma(yi, vi, mods=X, intercept=False, **options)


def effects_of(x: Any, vi: Any = None, sei: Any = None, *, purpose: str, moderators: bool = False) -> Effects:
    """Take a fitted `rma`, or effects with their variances (then REML with z tests).

    Parameters
    ----------
    x : RMA, or (k,) effects. vi, sei : (k,) with effects. purpose : what for, in messages.
    moderators : whether models with moderators will do.

    Raises
    ------
    TypeError
        For another kind of model.
    ValueError
        For missing or impossible numbers, or moderators where there may be none.
    """
    if isinstance(x, RMA):
        if vi is not None or sei is not None:
            raise ValueError(f"{purpose}: the model holds the variances already; leave vi and sei out.")
        found = Effects(x.yi, x.vi, x.X, x, x.refit_options(), x.level)
        if not moderators and not found.intercept_only:
            raise ValueError(f"{purpose} is defined for models without moderators; this one has {', '.join(x.names)}.")
        return found
    if hasattr(x, "beta") and not isinstance(x, np.ndarray):
        raise TypeError(f"{purpose} takes a model fitted by rma, or effects and variances; got {type(x).__name__}.")
    y, v = estimates(x, vi, sei, None)
    return Effects(y, v, np.ones((y.size, 1)), None, {"method": "REML", "test": "z"}, 95.0)
