"""From the numbers of an extraction sheet to effect sizes and sampling variances, with metafor's codes and names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from metacircuit.effects.measures import inputs, suggest, zero_cells
from metacircuit.effects.measures.catalogue import ALIASES, MEASURES, Measure
from metacircuit.effects.measures.core import Array, Effect
from metacircuit.effects.measures.definitions import DEFINITIONS, defined
from metacircuit.effects.measures.inputs import Inputs
from metacircuit.effects.measures.outcome import report_missing, settle
from metacircuit.effects.measures.problems import (
    EscalcError,
    EscalcProblem,
    ReplacedColumnWarning,
    nearest,
    warn,
)

_MISSING = ("warn", "keep", "error")


def escalc(
    measure: str,
    *,
    data: pd.DataFrame | None = None,
    vtype: str | Sequence[str] = "LS",
    add: float | None = None,
    to: str = "only0",
    drop00: bool = False,
    correct: bool = True,
    definition: str = "metafor-5",
    missing: str = "warn",
    var_names: tuple[str, str] = ("yi", "vi"),
    **columns: object,
) -> pd.DataFrame:
    """Compute an effect measure and its sampling variance, row by row, as metafor's escalc does.

    yi and vi by the formula of the measure; the module of its family under `metacircuit.effects.measures` prints it.

    Parameters
    ----------
    measure : metafor's code: SMD, OR, ZCOR, PLO … (`MEASURES` lists them).
    data : a frame; the result is a copy of it with yi and vi added.
    vtype : the variance formula, "LS" unless another is wanted; one for all rows, or one for each.
    add : added to the counts of the rows that `to` chooses; None is ½, and 0 for the measures that are defined at zero
        counts (AS PHI ZPHI RTET ZTET IRSD PAS PFT IRS IRFT).
    to : "only0" rows with a zero count; "all" every row; "if0all" every row if one has a zero; "none".
    drop00 : give no result where nobody, or everybody, had the event in both groups.
    correct : False leaves out the small-sample correction of the measures that have one.
    definition : "metafor-5", "borenstein" or "metafor-3.8": what the default formulas are where these differ
        (`metacircuit.effects.measures.definitions.DIFFERENCES`).
    missing : rows with a missing input get nan as yi and vi: "warn" says so, "keep" is silent, "error" refuses.
    var_names : names of the two columns of the result.
    **columns : the inputs by metafor's names (m1i, sd1i, n1i, ai, ri, ni, ti …): each an array, a Series, a number, or
        the name of a column of `data`. Where a row can be computed from several of them, metafor's order holds:
        d, then t, then p, then r, then means. What the measure does not need is refused, unless a relative of the
        measure takes it in the same table (the means for VR).

    Returns
    -------
    A frame with yi and vi, shape (k,) each, and the index of the data or of the Series; its `attrs` hold measure, vtype
    and definition.

    Raises
    ------
    EscalcError : a ValueError that lists every problem with its row, its column and what to do.
    TypeError : data that is not a frame.

    Source
    ------
    Viechtbauer (2010), J. Stat. Softw. 36(3), 1-48, for names and options; each measure names its own.

    Example
    -------
    >>> escalc("SMD", m1i=[103], sd1i=[5.5], n1i=[50], m2i=[100], sd2i=[4.5], n2i=[50]).round(4)
           yi      vi
    0  0.5924  0.0418
    """
    if data is not None and not isinstance(data, pd.DataFrame):
        raise TypeError(f"data must be a pandas DataFrame, not {type(data).__name__}. Wrap it: pandas.DataFrame(data).")
    spec = _measure(measure)
    _check_options(spec, vtype=vtype, to=to, definition=definition, missing=missing, add=add)
    _check_columns_belong(spec, columns)
    given = inputs.read(spec, columns, data)
    _check_columns_suffice(spec, given)
    _check_vtype_length(spec, given, vtype)
    problems = list(_broken_rules(spec, given, correct))
    if problems:
        raise EscalcError(spec.code, problems)

    filled = spec.complete(given.columns)
    absent = np.logical_or.reduce([np.isnan(filled[name]) for name in spec.args])
    report_missing(spec, given, absent, missing)
    filled = {name: np.where(absent, np.nan, column) for name, column in filled.items()}
    aside = np.zeros_like(absent)
    if spec.zeros:
        counts = {name: filled[name] for name in spec.zeros.cells}
        treated, aside = zero_cells.treat(counts, spec.zeros, add, to, drop00)
        filled |= treated
    effect = _compute(spec, filled, vtype, correct, definition)
    effect = settle(spec, given, effect, filled, absent=absent, aside=aside, left=to == "none" and drop00)
    frame = _frame(effect, given, data, var_names)
    frame.attrs |= {
        "measure": spec.code,
        "vtype": vtype if isinstance(vtype, str) else "mixed",
        "definition": definition,
    }
    return frame


def _measure(code: str) -> Measure:
    known = [*MEASURES, *ALIASES]
    if code not in known:
        raise EscalcError(str(code), [suggest.unknown_code(code, known)])
    return MEASURES[ALIASES.get(code, code)]


def _check_options(spec: Measure, *, vtype: object, add: float | None, **words: str) -> None:
    allowed = {"to": zero_cells.POLICIES, "definition": DEFINITIONS, "missing": _MISSING}
    problems = [
        EscalcProblem(
            f"{name}={word!r} is not known", f"Allowed: {', '.join(allowed[name])}.{nearest(word, allowed[name])}"
        )
        for name, word in words.items()
        if word not in allowed[name]
    ]
    for form in [vtype] if isinstance(vtype, str) else dict.fromkeys(np.asarray(vtype).ravel()):
        if form not in spec.vtypes:
            remedy = f"{spec.code} has {', '.join(spec.vtypes)}.{nearest(form, spec.vtypes)}"
            problems.append(EscalcProblem(f"vtype={form!r} is not a variance formula of {spec.code}", remedy))
    if add is not None and not (np.isscalar(add) and np.isfinite(add) and add >= 0):
        problems.append(EscalcProblem(f"add={add!r} cannot be added to a count", "Give a number of at least 0."))
    if problems:
        raise EscalcError(spec.code, problems)


def _check_columns_belong(spec: Measure, columns: Mapping[str, object]) -> None:
    given = [name for name, value in columns.items() if value is not None]
    problem = suggest.foreign_columns(spec, given, MEASURES.values())
    if problem:
        raise EscalcError(spec.code, [problem])


def _check_columns_suffice(spec: Measure, given: Inputs) -> None:
    if any({*needs} <= {*given.columns} for needs in spec.input_sets()):
        return
    lacking = suggest.lacking(spec, given.columns)
    be = "is" if len(lacking) == 1 else "are"
    wrong = f"the columns do not give {spec.code} ({spec.label}): {', '.join(lacking)} {be} missing"
    raise EscalcError(spec.code, [EscalcProblem(wrong, f"It takes {suggest.ways(spec)}.", columns=lacking)])


def _check_vtype_length(spec: Measure, given: Inputs, vtype: str | Sequence[str]) -> None:
    if isinstance(vtype, str) or len(vtype) == len(given.index):
        return
    wrong = f"vtype has {len(vtype)} values for {len(given.index)} rows"
    raise EscalcError(spec.code, [EscalcProblem(wrong, "Give one for all rows, or one for each.")])


def _broken_rules(spec: Measure, given: Inputs, correct: bool) -> Iterator[EscalcProblem]:
    for rule in spec.rules:
        if not all(name in given.columns for name in rule.columns) or (rule.only_if_correct and not correct):
            continue
        values = [given.columns[name] for name in rule.columns]
        known = ~np.logical_or.reduce([np.isnan(value) for value in values])
        for row in np.flatnonzero(rule.broken(*values) & known):
            shown = {name: value[row] for name, value in zip(rule.columns, values, strict=True)}
            wrong = rule.wrong.format(**shown) + given.origin(rule.columns)
            yield EscalcProblem(wrong, rule.remedy, int(row), given.label(row), rule.columns)


def _compute(
    spec: Measure, filled: Mapping[str, Array], vtype: str | Sequence[str], correct: bool, definition: str
) -> Effect:
    function = defined(spec.code, spec.function, definition)
    arguments = [filled[name] for name in spec.args]
    options: dict[str, object] = {"correct": correct} if spec.corrects else {}
    if len(spec.vtypes) == 1:
        return function(*arguments, **options)
    if isinstance(vtype, str):
        return function(*arguments, vtype=vtype, **options)
    # A formula may average over all rows, so each one sees all of them and then answers for its own.
    wanted = np.broadcast_to(np.asarray(vtype, dtype=object), arguments[0].shape)
    forms = {form: function(*arguments, vtype=form, **options) for form in dict.fromkeys(wanted)}
    vi = np.select([wanted == form for form in forms], [effect.vi for effect in forms.values()])
    return Effect(next(iter(forms.values())).yi, vi)


def _frame(effect: Effect, given: Inputs, data: pd.DataFrame | None, var_names: tuple[str, str]) -> pd.DataFrame:
    if data is None:
        return pd.DataFrame(dict(zip(var_names, effect, strict=True)), index=given.index)
    frame = data.copy()
    for name, values in zip(var_names, effect, strict=True):
        if name in frame.columns:
            before = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            if not np.allclose(before, values, equal_nan=True) and not np.isnan(before).all():
                advice = "Name others with var_names to keep both."
                warn(ReplacedColumnWarning, f"The column {name!r} of the data was replaced. {advice}")
        frame[name] = values
    return frame
