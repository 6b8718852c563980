"""What is kept of a fitted model: its numbers, a status and a reason."""

from __future__ import annotations

import pandas as pd

from metacircuit.diagnostics.outcome import NOT_CONVERGED, NOT_ESTIMABLE, OK, TOO_FEW

NUMBERS = ("estimate", "se", "ci_lb", "ci_ub", "pval", "tau2")
COLUMNS = ("k", "studies", *NUMBERS, "status", "reason")

# There is an estimate and no test of it.
NO_TEST = "no_test"
# The model is one of many that take their time, and was beyond the number allowed.
NOT_RUN = "not_run"

__all__ = ["COLUMNS", "NOT_CONVERGED", "NOT_ESTIMABLE", "NOT_RUN", "NO_TEST", "NUMBERS", "OK", "TOO_FEW", "empty"]


def empty(index: pd.Index) -> pd.DataFrame:
    """A table of outcomes in which nothing is known yet."""
    frame = pd.DataFrame(float("nan"), index=index, columns=list(NUMBERS))
    counts = pd.DataFrame(0, index=index, columns=["k", "studies"])
    return counts.join(frame).assign(status=NOT_ESTIMABLE, reason="")
