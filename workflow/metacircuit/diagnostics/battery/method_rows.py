"""The row of one method in the table that sets tests and corrections side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from metacircuit.diagnostics.outcome import FEW_STUDIES

if TYPE_CHECKING:
    from metacircuit.diagnostics.battery.subject import Subject

TEST, CORRECTION, REFERENCE = "test", "correction", "reference"
NOT_APPLICABLE = "not_applicable"


def method_row(
    subject: Subject, method: str, label: str, family: str, result: Any, *, given: str, **numbers: float | str
) -> dict[str, object]:
    """What a method found, under the column names of the table.

    Parameters
    ----------
    subject : Subject
        What it was found in.
    method, label, family : str
        Code, name, and whether it tests or corrects.
    result : object
        With status, reason and notes.
    given : str
        What the method was given: effects, or study means.
    **numbers : float or str
        estimate, se, ci_lb, ci_ub, stat, df, pval; or quantity and what it is, quantity_is.

    Returns
    -------
    dict
        A number that is not finite is missing.
    """
    known = {name: x for name, x in numbers.items() if isinstance(x, str) or np.isfinite(x)}
    studies = subject.studies["study_id"].nunique()
    return {
        "method": method,
        "label": label,
        "family": family,
        "given": given,
        "k": len(subject.studies if given == "study means" else subject.rows),
        "studies": studies,
        **known,
        "status": result.status,
        "reason": result.reason,
        "few": "yes" if studies < FEW_STUDIES else "no",
        "note": " ".join(note for note in result.notes if "fewer than" not in note),
    }


def number(value: Any) -> float:
    """A float of a float or of an array with one number."""
    return float(np.asarray(value, float).reshape(-1)[0])
