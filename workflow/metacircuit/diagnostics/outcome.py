"""How a diagnostic ended, in one vocabulary, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

OK = "ok"
TOO_FEW = "too_few"
NOT_ESTIMABLE = "not_estimable"
NOT_CONVERGED = "not_converged"
# A parameter sits on the edge of what is allowed: the estimate stands, its standard error is not to be relied on.
AT_BOUND = "at_bound"

# Tests for funnel asymmetry say little below this number of studies (Sterne et al., 2011, BMJ 343:d4002).
FEW_STUDIES = 10


def few_studies(k: int) -> tuple[str, ...]:
    """The note that belongs to every test for small-study effects with few studies."""
    if k >= FEW_STUDIES:
        return ()
    few = f"With {k} effects (fewer than {FEW_STUDIES})"
    return (f"{few} the test has hardly any power: a large p-value means nothing.",)


def one_row(result: Any, names: Iterable[str]) -> pd.DataFrame:
    """A tidy row of some fields; arrays of one number become that number."""
    return pd.DataFrame([{name: _scalar(getattr(result, name)) for name in names}])


def closing(result: Any) -> list[str]:
    """The last lines of a printed result: status, reason, notes."""
    lines = [] if result.status == OK else [f"Status: {result.status}. {result.reason}"]
    return lines + [f"Note: {note}" for note in result.notes]


def _scalar(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.size == 1:
        return value.reshape(-1)[0].item()
    return value
