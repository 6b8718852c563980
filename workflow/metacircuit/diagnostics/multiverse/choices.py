"""The choices that are crossed, and those that cannot matter in this analysis, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metacircuit.diagnostics.multiverse.rules import check_flags, named_rows, why_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from metacircuit.config import Model
    from metacircuit.config.sensitivity import Sensitivity
    from metacircuit.diagnostics.multiverse.evidence import Evidence

Value = str | float

KEPT, LEFT_OUT = "kept", "left_out"
AS_CONFIGURED = "as_configured"

# Which ways of aggregation read the assumed correlation, and which read the estimator of tau2.
USES_RHO = frozenset({"che", "study_means"})
USES_METHOD = frozenset({"study_means", "largest", "independent"})


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice with its options; `main` is the main analysis's own, and `note` says why there is no other."""

    name: str
    options: tuple[Value, ...]
    main: Value
    note: str = ""

    @property
    def is_rule(self) -> bool:
        """Whether the choice is to leave rows out."""
        return self.main == KEPT


def choices_of(
    evidence: Mapping[str, Evidence], measure: str, sensitivity: Sensitivity, model: Model
) -> tuple[Choice, ...]:
    """List the choices of an analysis.

    Parameters
    ----------
    evidence : mapping of str to Evidence
        By conversion, the main one first.
    measure : str
        Code of the measure; proportions are pooled by a GLMM unless the model says otherwise.
    sensitivity : Sensitivity
        The values that are asked for; the model's own are added.
    model : Model
        The main analysis.

    Returns
    -------
    tuple of Choice
        In the order conversion, rules, bounds, aggregation, rho, method. One that cannot matter has one value.
    """
    tables = list(evidence.values())
    several = any((table.counts(table.exact[None, :]) > 1).any() for table in tables)
    main = main_aggregation(measure, model, several=several)
    aggregation = _aggregation(main, sensitivity, several=several)
    return (
        Choice("conversion", tuple(evidence), AS_CONFIGURED, "" if len(tables) > 1 else "no other conversion is named"),
        *(_rule(name, tables, sensitivity) for name in sensitivity.leave_out),
        _bounds(tables, sensitivity, model),
        aggregation,
        _rho(aggregation, sensitivity, model),
        _method(aggregation, sensitivity, model),
    )


def main_aggregation(measure: str, model: Model, *, several: bool) -> str:
    """Name the way in which the main analysis deals with several effects of a study."""
    kind = model.kind
    if kind == "auto":
        kind = "glmm" if measure == "PLO" else "che" if several else "univariate"
    return "independent" if kind == "univariate" else kind


def _rule(name: str, tables: list[Evidence], sensitivity: Sensitivity) -> Choice:
    rule = sensitivity.leave_out[name]
    check_flags(name, rule)
    if any(named_rows(table.rows, rule).any() for table in tables):
        return Choice(name, (KEPT, LEFT_OUT), KEPT)
    return Choice(name, (KEPT,), KEPT, why_none(tables[0].rows, rule))


def _bounds(tables: list[Evidence], sensitivity: Sensitivity, model: Model) -> Choice:
    if all(table.exact.all() for table in tables):
        return Choice("bounds", (model.bounds,), model.bounds, "every result is printed with an estimate")
    return _crossed("bounds", sensitivity.bounds, model.bounds)


def _aggregation(main: str, sensitivity: Sensitivity, *, several: bool) -> Choice:
    if several:
        return _crossed("aggregation", sensitivity.aggregation, main)
    other = ("independent",) if main == "glmm" else ()
    return _crossed("aggregation", other, main, "no study has several effects")


def _rho(aggregation: Choice, sensitivity: Sensitivity, model: Model) -> Choice:
    if not USES_RHO & set(aggregation.options):
        return Choice("rho", (model.rho,), model.rho, aggregation.note or "no way of aggregation uses it")
    wanted = model.rho_grid if sensitivity.rho is None else sensitivity.rho
    return _crossed("rho", wanted, model.rho)


def _method(aggregation: Choice, sensitivity: Sensitivity, model: Model) -> Choice:
    if not USES_METHOD & set(aggregation.options):
        return Choice("method", (model.method,), model.method, "no way of aggregation uses it")
    return _crossed("method", sensitivity.method, model.method)


def _crossed(name: str, values: Iterable[Value], main: Value, note: str = "") -> Choice:
    """The values in their order, with the main analysis's own among them: numbers sorted, words first."""
    distinct = tuple(dict.fromkeys((main, *values)))
    if all(isinstance(value, float) for value in distinct):
        distinct = tuple(sorted(distinct))
    return Choice(name, distinct, main, note or ("" if len(distinct) > 1 else "only the model's own value is named"))
