"""Comparisons, leave-one-out plots, cumulative plots and specification curves in words."""

from collections.abc import Mapping, Sequence

import pandas as pd

from metacircuit.figures.comparison import COLUMNS as OF_COMPARISON
from metacircuit.figures.cumulative import COLUMNS as OF_CUMULATIVE
from metacircuit.figures.leave_one_out import COLUMNS as OF_LEAVE_ONE_OUT
from metacircuit.figures.leave_one_out import turning_sentence
from metacircuit.figures.result import (
    Interval,
    Row,
    Writer,
    label_of,
    pooled_interval,
    require_columns,
    text,
    value,
    without_full_stop,
)
from metacircuit.figures.scales import scale_for
from metacircuit.figures.specification_table import curve_of, summary_of
from metacircuit.wording import plural


def comparison_alt(estimates: pd.DataFrame, *, measure: str, level: float = 95.0) -> str:
    """Alternative text of a comparison of corrected estimates.

    Parameters
    ----------
    estimates, measure, level : as for `metacircuit.figures.comparison.comparison`

    Returns
    -------
    str
        A paragraph with one result a method, or the reason why there is none.

    Raises
    ------
    ValueError
        As `comparison`.

    Examples
    --------
    >>> estimates = pd.DataFrame({"method": ["uncorrected", "puniform"], "label": ["Uncorrected", "p-uniform*"],
    ...     "estimate": [0.4, None], "ci_lb": [0.2, None], "ci_ub": [0.6, None], "status": ["ok", "not_converged"],
    ...     "reason": ["", "The likelihood has no maximum"]})
    >>> comparison_alt(estimates, measure="SMD")
    'Comparison of 2 pooled standardised mean differences. Uncorrected: 0.40 (95% CI 0.20 to 0.60). p-uniform*: no \
result to rely on: The likelihood has no maximum.'
    """
    require_columns(estimates, OF_COMPARISON, "estimates")
    scale, rows = scale_for(measure), estimates.to_dict("records")
    writer = Writer.suiting(scale, [pooled_interval(row) for row in rows if row["status"] == "ok"])
    found = [f"{label_of(row)}: {_result(row, writer, level)}." for row in rows]
    return " ".join([f"Comparison of {len(rows)} pooled {scale.noun}.", *found])


def leave_one_out_alt(
    estimates: pd.DataFrame, *, measure: str, overall: Mapping[str, object] | None = None, level: float = 95.0
) -> str:
    """Alternative text of a leave-one-out plot.

    Parameters
    ----------
    estimates, measure, overall, level : as for `metacircuit.figures.leave_one_out.leave_one_out`

    Returns
    -------
    str
        A paragraph: the result of all studies, the lowest and highest one without a study, and what turns it.

    Raises
    ------
    ValueError
        As `leave_one_out`.

    Examples
    --------
    >>> estimates = pd.DataFrame({"label": ["Plener 2012", "Osuch 2014"], "estimate": [0.4, 0.5], "ci_lb": [-0.1, 0.2],
    ...                           "ci_ub": [0.9, 0.8]})
    >>> leave_one_out_alt(estimates, measure="SMD", overall={"estimate": 0.45, "ci_lb": 0.2, "ci_ub": 0.7})
    'Leave-one-out plot of standardised mean differences, 2 studies. All studies: 0.45 (95% CI 0.20 to 0.70). Lowest \
without Plener 2012: 0.40 (95% CI −0.10 to 0.90). Highest without Osuch 2014: 0.50 (95% CI 0.20 to 0.80). Without \
Plener 2012 the interval includes “no effect”.'
    """
    require_columns(estimates, OF_LEAVE_ONE_OUT, "estimates")
    scale, rows = scale_for(measure), _known(estimates)
    writer = Writer.suiting(scale, [pooled_interval(row) for row in rows])
    sentences = [f"Leave-one-out plot of {scale.noun}, {plural(len(estimates), 'study', 'studies')}."]
    if overall is not None:
        sentences.append(f"All studies: {_result(overall, writer, level)}.")
    if rows:
        by_estimate = sorted(rows, key=lambda row: value(row, "estimate"))
        for word, row in (("Lowest", by_estimate[0]), ("Highest", by_estimate[-1])):
            sentences.append(f"{word} without {text(row, 'label')}: {_result(row, writer, level)}.")
    sentences += [turning_sentence(estimates, overall, scale.null), _failed(estimates, rows)]
    return " ".join(sentence for sentence in sentences if sentence)


def cumulative_alt(estimates: pd.DataFrame, *, measure: str, level: float = 95.0) -> str:
    """Alternative text of a cumulative plot.

    Parameters
    ----------
    estimates, measure, level : as for `metacircuit.figures.cumulative.cumulative`

    Returns
    -------
    str
        A paragraph: the estimate at the start, half-way and at the end.

    Raises
    ------
    ValueError
        As `cumulative`.

    Examples
    --------
    >>> estimates = pd.DataFrame({"label": ["Plener 2012", "Osuch 2014"], "k": [1, 2], "estimate": [0.6, 0.5],
    ...                           "ci_lb": [0.1, 0.2], "ci_ub": [1.1, 0.8]})
    >>> cumulative_alt(estimates, measure="SMD")
    'Cumulative plot of standardised mean differences, 2 steps. From 1 study (Plener 2012): 0.60 (95% CI 0.10 to \
1.10). From 2 studies (Osuch 2014): 0.50 (95% CI 0.20 to 0.80).'
    """
    require_columns(estimates, OF_CUMULATIVE, "estimates")
    scale, rows = scale_for(measure), _known(estimates)
    writer = Writer.suiting(scale, [pooled_interval(row) for row in rows])
    steps = [rows[n] for n in sorted({0, (len(rows) - 1) // 2, len(rows) - 1})] if rows else []
    found = [
        f"From {plural(value(row, 'k'), 'study', 'studies')} ({text(row, 'label')}): {_result(row, writer, level)}."
        for row in steps
    ]
    sentences = [f"Cumulative plot of {scale.noun}, {plural(len(estimates), 'step')}.", *found]
    return " ".join(sentence for sentence in (*sentences, _failed(estimates, rows)) if sentence)


def specification_alt(
    specifications: pd.DataFrame, *, measure: str, choices: Sequence[str] | None = None, level: float = 95.0
) -> str:
    """Alternative text of a specification curve.

    Parameters
    ----------
    specifications, measure, choices, level : as for `metacircuit.figures.specification.specification`

    Returns
    -------
    str
        A paragraph: median, range and share of significant estimates, and the median under each choice.

    Raises
    ------
    ValueError
        As `specification`.

    Examples
    --------
    >>> table = pd.DataFrame({"rho": [0.4, 0.6, 0.8], "estimate": [0.31, 0.30, 0.28], "ci_lb": [0.1, 0.0, -0.1],
    ...                       "ci_ub": [0.5, 0.6, 0.7], "pval": [0.01, 0.05, 0.12]})
    >>> specification_alt(table, measure="SMD")
    'Specification curve. 3 specifications: median SMD 0.30, from 0.28 to 0.31; 33% with p < .05. Medians by choice. \
Rho: 0.4 0.31, 0.6 0.30, 0.8 0.28.'
    """
    scale, curve = scale_for(measure), curve_of(specifications, choices)
    writer = Writer.suiting(
        scale, [Interval(*row) for row in zip(curve.estimate, curve.lower, curve.upper, strict=True)]
    )
    sentences = ["Specification curve.", summary_of(curve, scale, writer, level).rstrip(".") + "."]
    if curve.choices:
        sentences.append("Medians by choice.")
    for choice in curve.choices:
        medians = (f"{word} {writer.value(m)}" for word, m in zip(choice.words, choice.medians, strict=True))
        sentences.append(f"{choice.name}: {', '.join(medians)}.")
    if curve.main is not None:
        sentences.append(f"Main analysis: {writer.value(float(curve.estimate[curve.main]))}.")
    if curve.failed:
        sentences.append(f"{plural(curve.failed, 'specification')} without an estimate.")
    return " ".join(sentences)


def _known(estimates: pd.DataFrame) -> list[Row]:
    return [row for row in estimates.to_dict("records") if pooled_interval(row).drawable]


def _failed(estimates: pd.DataFrame, known: Sequence[Row]) -> str:
    lost = len(estimates) - len(known)
    return f"{plural(lost, 'line')} without a result." if lost else ""


def _result(row: Row, writer: Writer, level: float) -> str:
    """An estimate in words, or why there is none."""
    status = text(row, "status") or "ok"
    interval = pooled_interval(row)
    shown = writer.sentence(interval, level) if interval.drawable else ""
    if status == "ok":
        return shown or "no result"
    reason = without_full_stop(text(row, "reason")) or status.replace("_", " ")
    return f"{shown}, but {reason[0].lower()}{reason[1:]}" if shown else f"no result to rely on: {reason}"
