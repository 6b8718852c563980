"""All combinations of the choices, the row sets that they give, and the distinct models among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metacircuit.config.errors import UserError
from metacircuit.diagnostics.multiverse.choices import LEFT_OUT, USES_METHOD, USES_RHO, Choice
from metacircuit.diagnostics.multiverse.rules import named_rows

if TYPE_CHECKING:
    from metacircuit.config.sensitivity import Sensitivity
    from metacircuit.diagnostics.multiverse.evidence import Evidence

NO_RHO = -1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be fitted.

    Attributes
    ----------
    specifications : DataFrame
        A row a combination, a column a choice, and `main`: whether it is the main analysis.
    codes : (S, c) int
        The same by position in the options of each choice.
    models : DataFrame
        A row a distinct model: conversion, row_set, engine, rho (-1 where it has none), method ("" likewise),
        departures (the fewest choices by which one of its specifications differs from the main analysis).
    model : (S,) int
        The model of each specification.
    row_sets : mapping of str to (D, K) bool
        The distinct row sets of each conversion.
    """

    specifications: pd.DataFrame
    codes: NDArray[np.intp]
    models: pd.DataFrame
    model: NDArray[np.intp]
    row_sets: Mapping[str, NDArray[np.bool_]]


def plan(choices: tuple[Choice, ...], evidence: Mapping[str, Evidence], sensitivity: Sensitivity) -> Plan:
    """Cross the choices and find the distinct models.

    Parameters
    ----------
    choices : tuple of Choice
        From `choices_of`.
    evidence : mapping of str to Evidence
        By conversion.
    sensitivity : Sensitivity
        Its rules and the largest number of specifications.

    Returns
    -------
    Plan
        The first choice varies slowest. Specifications that differ in nothing that their model reads share one: rho
        does not matter to a model of independent effects, nor the estimator of tau2 to CHE.

    Raises
    ------
    UserError
        If there are more combinations than `max_specifications`.
    """
    shape = tuple(len(choice.options) for choice in choices)
    if prod(shape) > sensitivity.max_specifications:
        raise UserError(_too_many(choices, prod(shape), sensitivity.max_specifications))
    codes = np.indices(shape).reshape(len(shape), -1).T
    table = pd.DataFrame(
        {c.name: np.array(c.options, dtype=object)[codes[:, i]] for i, c in enumerate(choices)}
    ).astype({"rho": float})
    departs = codes != [c.options.index(c.main) for c in choices]
    rows_by, row_sets = _row_sets(table, choices, evidence, sensitivity)
    models = _models(table).assign(row_set=rows_by)
    keys = ["conversion", "row_set", "engine", "rho", "method"]
    model = models.groupby(keys, sort=False).ngroup().to_numpy()
    distinct = models[keys].drop_duplicates(ignore_index=True)
    nearest = np.full(len(distinct), len(choices))
    np.minimum.at(nearest, model, departs.sum(axis=1))
    return Plan(
        specifications=table.assign(main=~departs.any(axis=1)),
        codes=codes,
        models=distinct.assign(departures=nearest),
        model=model,
        row_sets=row_sets,
    )


def _models(table: pd.DataFrame) -> pd.DataFrame:
    """The model of each specification, without what it does not read."""
    engine = table["aggregation"].mask(table["bounds"] == "censored", "censored")
    likelihood = table["method"].where(table["method"] == "ML", "REML")
    return pd.DataFrame(
        {
            "conversion": table["conversion"],
            "engine": engine,
            "rho": table["rho"].where(engine.isin(USES_RHO), NO_RHO),
            "method": table["method"].where(engine.isin(USES_METHOD), likelihood.where(engine == "che", "")),
        }
    )


def _row_sets(
    table: pd.DataFrame, choices: tuple[Choice, ...], evidence: Mapping[str, Evidence], sensitivity: Sensitivity
) -> tuple[NDArray[np.intp], dict[str, NDArray[np.bool_]]]:
    """The number of each specification's row set within its conversion, and the row sets."""
    rules = [choice.name for choice in choices if choice.is_rule and len(choice.options) > 1]
    deciding = table[["conversion", "bounds", *rules]]
    combination = deciding.groupby(list(deciding.columns), sort=False).ngroup().to_numpy()
    combinations = deciding.drop_duplicates(ignore_index=True)
    number = np.zeros(len(combinations), dtype=np.intp)
    row_sets = {}
    for name, part in combinations.groupby("conversion", sort=False):
        masks = _masks(part, rules, evidence[name], sensitivity)
        row_sets[name], inverse = np.unique(masks, axis=0, return_inverse=True)
        number[part.index] = inverse.reshape(-1)
    return number[combination], row_sets


def _masks(part: pd.DataFrame, rules: list[str], evidence: Evidence, sensitivity: Sensitivity) -> NDArray[np.bool_]:
    """The rows (D, K) that each combination takes."""
    K = len(evidence.rows)
    exact_only = part["bounds"].eq("leave_out").to_numpy()[:, None]
    start = np.where(exact_only, evidence.exact, np.ones(K, dtype=bool))
    named = (
        part[rule].eq(LEFT_OUT).to_numpy()[:, None] & named_rows(evidence.rows, sensitivity.leave_out[rule])
        for rule in rules
    )
    return reduce(lambda kept, out: kept & ~out, named, start)


def _too_many(choices: tuple[Choice, ...], count: int, limit: int) -> str:
    sizes = ", ".join(f"{c.name} {len(c.options)}" for c in choices if len(c.options) > 1)
    return (
        f"sensitivity: the choices have {count:,} combinations, and max_specifications is {limit:,}. Values of each:"
        f" {sizes}. Name fewer, or raise max_specifications."
    )
