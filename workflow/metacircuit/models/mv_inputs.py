"""What `rma_mv` is given, made ready: complete rows, sampling covariance, full-rank design, random terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metacircuit.models.mv_checks import check_definite, check_rho, incomplete_rows
from metacircuit.models.mv_random import column_of, nested_codes, random_terms
from metacircuit.stats.formula import INTERCEPT, Design, design_matrix
from metacircuit.stats.formula_tokens import tokens
from metacircuit.stats.multilevel.blocks import as_blocks, from_list
from metacircuit.stats.multilevel.compound import CompoundSampling
from metacircuit.stats.multilevel.engines import Sampling, as_sampling
from metacircuit.stats.multilevel.terms import Term, intercept
from metacircuit.stats.rank import dependent_columns


@dataclass(frozen=True, slots=True)
class Inputs:
    """Complete data of one model.

    `rows` are the positions of the used effects in what the user gave; `omitted` the rows left out, with the reason;
    `dropped` the coefficients left out, with the reason; `copies` the rows that repeat another one exactly under rho
    = 1. `kept_columns` are the columns of the formula's design that X has, `null_space` what the others leave
    undetermined. `study` holds codes 0 … J - 1, `study_names` their labels.
    """

    y: np.ndarray
    sampling: Sampling
    X: np.ndarray
    names: tuple[str, ...]
    terms: tuple[Term, ...]
    study: np.ndarray | None
    rows: np.ndarray
    design: Design | None
    kept_columns: tuple[int, ...]
    dropped: dict[str, str]
    omitted: dict[int, str]
    copies: tuple[int, ...]
    term_columns: dict[str, list[int]]
    numeric_means: dict[str, float]
    null_space: np.ndarray
    study_names: tuple[str, ...] = ()


def prepare(
    yi: Any,
    V: Any,
    study: Any,
    effect: Any,
    rho: float | None,
    mods: Any,
    data: Any,
    random: Any,
    struct: Any,
    add_intercept: bool,
) -> Inputs:
    """Check everything that `rma_mv` is given, and drop what cannot be used, with the reason."""
    y = _numbers("yi", yi, data)
    k = len(y)
    if isinstance(V, str):
        V = column_of("V", V, data, k).to_numpy(float)
    studies = None if study is None else column_of("study", study, data, k)
    effects = None if effect is None else column_of("effect", effect, data, k)
    blocks = as_blocks(_in_study_order(V, studies, k), k)
    check_rho(rho, studies, blocks)
    check_definite(blocks)

    omitted = incomplete_rows(y, blocks, mods, data, random, {"study": studies, "effect": effects})
    rows = np.array([i for i in range(k) if i not in omitted], dtype=int) if omitted else np.arange(k)
    if not len(rows):
        raise ValueError("No effect is left: every row has a missing value.")
    if omitted:
        blocks, y = blocks.take(rows), y[rows]
        data = None if data is None else pd.DataFrame(data).iloc[rows].reset_index(drop=True)
        studies, effects = (None if s is None else s.iloc[rows].reset_index(drop=True) for s in (studies, effects))
        mods = mods if mods is None or isinstance(mods, str) else np.asarray(mods, float)[rows]

    labels = None if studies is None else nested_codes([studies])
    X, names, design = _design(mods, data, len(y), add_intercept)
    terms = _terms(studies, effects, random, struct, data, len(y))
    sampling = CompoundSampling(blocks.diagonal(), labels, float(rho)) if rho is not None else as_sampling(blocks)

    copies: tuple[int, ...] = ()
    if rho == 1:
        kept = _distinct(y, blocks.diagonal(), labels, X)
        copies = tuple(int(i) for i in np.setdiff1d(rows, rows[kept]))
        y, X, rows, labels = y[kept], X[kept], rows[kept], labels[kept]
        sampling = CompoundSampling(sampling.vi[kept], labels, 1.0)
        terms = [Term(t.name, pd.factorize(t.outer[kept])[0], t.design[kept], t.structure, t.levels) for t in terms]

    dropped = dependent_columns(X, names)
    columns = tuple(i for i, name in enumerate(names) if name not in dropped)
    if not columns:
        raise ValueError("No coefficient can be estimated: every column of the design is zero or a copy of another.")
    return Inputs(
        y=y,
        sampling=sampling,
        X=X[:, columns],
        names=tuple(names[i] for i in columns),
        terms=tuple(terms),
        study=labels,
        rows=rows,
        design=design,
        kept_columns=columns,
        dropped=dropped,
        omitted=omitted,
        copies=copies,
        term_columns=term_columns(design, names, columns),
        numeric_means=_numeric_means(design, data),
        null_space=_null_space(X) if dropped else np.empty((0, X.shape[1])),
        study_names=() if studies is None else tuple(str(name) for name in studies.unique()),
    )


def term_columns(design: Design | None, names: tuple[str, ...], columns: tuple[int, ...]) -> dict[str, list[int]]:
    """The coefficients of each term, without the dropped ones."""
    terms = {name: (i,) for i, name in enumerate(names)} if design is None else design.terms
    return {term: [columns.index(i) for i in own if i in columns] for term, own in terms.items()}


def _numeric_means(design: Design | None, data: Any) -> dict[str, float]:
    """Means of the numeric columns that a formula uses."""
    if design is None:
        return {}
    words = {t.text for t in tokens(design.formula.text) if t.kind == "name" and t.text in data}
    columns = {word: pd.Series(data[word]) for word in sorted(words)}
    return {word: float(c.mean()) for word, c in columns.items() if pd.api.types.is_numeric_dtype(c)}


def _null_space(X: np.ndarray) -> np.ndarray:
    """Orthonormal directions (r, p) that X b does not see."""
    _, s, Vt = np.linalg.svd(X / np.maximum(np.linalg.norm(X, axis=0), 1e-300), full_matrices=True)
    rank = int((s > 1e-9 * s[0]).sum())
    scale = np.maximum(np.linalg.norm(X, axis=0), 1e-300)
    return Vt[rank:] / scale


def _numbers(name: str, value: Any, data: Any) -> np.ndarray:
    """yi as floats; infinite values are refused."""
    if isinstance(value, str):
        value = column_of(name, value, data, len(next(iter(data.values()))) if isinstance(data, dict) else len(data))
    y = np.atleast_1d(np.asarray(value, float)).ravel()
    if np.isinf(y).any():
        raise ValueError(
            f"{name} is infinite in row {int(np.flatnonzero(np.isinf(y))[0])}: an effect must be a finite number."
        )
    return y


def _in_study_order(V: Any, studies: pd.Series | None, k: int) -> Any:
    """A list of blocks, one a study, belongs to the rows of that study even where they are not side by side."""
    if not (isinstance(V, (list, tuple)) and len(V) and np.ndim(V[0]) == 2) or studies is None:
        return V
    codes = nested_codes([studies])
    sizes = np.bincount(codes)
    if len(V) != len(sizes) or [len(b) for b in V] != sizes.tolist() or (np.diff(codes) >= 0).all():
        return V
    order = np.argsort(codes, kind="stable")
    return from_list(V).take(np.argsort(order)) if len(order) == k else V


def _design(mods: Any, data: Any, k: int, add_intercept: bool) -> tuple[np.ndarray, tuple[str, ...], Design | None]:
    """X and its names, from a formula or from arrays."""
    if isinstance(mods, str):
        if data is None:
            raise ValueError(f"mods={mods!r} names columns, so data= is needed.")
        design = design_matrix(mods, data, intercept=add_intercept)
        if len(design.X) != k:
            raise ValueError(f"data has {len(design.X)} rows, but there are {k} effects: each effect needs its row.")
        return design.X, design.names, design
    X, names = np.empty((k, 0)), ()
    if mods is not None:
        labels = (
            mods.columns if isinstance(mods, pd.DataFrame) else [mods.name] if isinstance(mods, pd.Series) else None
        )
        X = np.asarray(mods, float).reshape(k, -1) if np.size(mods) else X
        names = tuple(map(str, labels)) if labels is not None else tuple(f"x{i + 1}" for i in range(X.shape[1]))
        if X.shape[1] == 1 and labels is None:
            names = ("mods",)
    if add_intercept:
        names = (INTERCEPT, *names)
        X = np.column_stack([np.ones(k), X])
    if not X.shape[1]:
        raise ValueError("There is nothing to estimate: no moderator and no intercept.")
    return X, names, None


def _terms(
    studies: pd.Series | None, effects: pd.Series | None, random: Any, struct: str | Sequence[str], data: Any, k: int
) -> list[Term]:
    """The random effects: as written in `random`, or study and effect."""
    if random is not None:
        return random_terms(random, struct, data)
    if studies is None:
        if effects is not None:
            raise ValueError("effect= is nested in study=: give study= as well.")
        return []
    inner = np.arange(k) if effects is None else nested_codes([studies, effects])
    return [intercept("study", nested_codes([studies])), intercept("study/effect", inner)]


def _distinct(y: np.ndarray, vi: np.ndarray, labels: np.ndarray, X: np.ndarray) -> np.ndarray:
    """First rows of each set of copies: the same estimate, with the same error, in one study."""
    keys = np.column_stack([labels, y, vi, X])
    return np.sort(np.unique(keys, axis=0, return_index=True)[1])
