"""How a measure is declared: its formula, the columns it takes, the routes to them, and what they must satisfy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import product

import numpy as np

from .core import Array, Effect
from .zero_cells import ZeroCells

Inputs = frozenset[str]


@dataclass(frozen=True, slots=True)
class Fill:
    """A way to get one column from others, used in the rows where the column itself is missing.

    Example
    -------
    >>> Fill("bi", ("n1i", "ai"), lambda n, a: n - a).target
    'bi'
    """

    target: str
    sources: tuple[str, ...]
    function: Callable[..., Array]


@dataclass(frozen=True, slots=True)
class Rule:
    """What the given columns must satisfy, with the message for a row that does not.

    Parameters
    ----------
    columns : the columns it looks at; the rule holds its tongue unless all of them are given.
    broken : function of these columns, True in the rows at fault (and False where a value is missing).
    wrong : the message, with {column} for a value of the row.
    remedy : what to do.
    only_if_correct : the rule matters only for the small-sample correction.

    Example
    -------
    >>> rule = Rule(("ni",), lambda n: n < 4, "ni is {ni:g}", "Leave the row out.")
    >>> rule.wrong.format(ni=3)
    'ni is 3'
    """

    columns: tuple[str, ...]
    broken: Callable[..., Array]
    wrong: str
    remedy: str
    only_if_correct: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """One effect measure, as `metacircuit.effects.escalc` needs to know it.

    Parameters
    ----------
    code : metafor's code. label : what it is, for people.
    function : the formula; it takes the columns `args` in this order, and vtype and correct if it has them.
    args : metafor's names of these columns.
    fills : routes to them from other columns, in the order in which they are tried.
    rules : what the given columns must satisfy.
    vtypes : the variance formulas it offers, the default first.
    corrects : whether it has a small-sample correction to leave out.
    zeros : how it treats zero counts, for measures of counts.
    optional : columns that may be left out, with the value that stands for them.
    ignores : columns that related measures take, accepted and not looked at.
    border : True for an estimate that may sit at its border, where no variance exists.

    Example
    -------
    >>> Measure("GEN", "estimate", lambda y, v: None, ("yi", "vi")).vtypes
    ('LS',)
    """

    code: str
    label: str
    function: Callable[..., Effect]
    args: tuple[str, ...]
    fills: tuple[Fill, ...] = ()
    rules: tuple[Rule, ...] = ()
    vtypes: tuple[str, ...] = ("LS",)
    corrects: bool = False
    zeros: ZeroCells | None = None
    optional: Mapping[str, float] = field(default_factory=dict)
    ignores: tuple[str, ...] = ()
    border: bool = False

    @property
    def accepts(self) -> tuple[str, ...]:
        """Every column that has a meaning for this measure, in a stable order.

        Example
        -------
        >>> Measure("GEN", "estimate", lambda y, v: None, ("yi", "vi")).accepts
        ('yi', 'vi')
        """
        names = [*self.args]
        for fill in self.fills:
            names += [fill.target, *fill.sources]
        for rule in self.rules:
            names += rule.columns
        return tuple(dict.fromkeys([*names, *self.ignores]))

    def input_sets(self) -> tuple[tuple[str, ...], ...]:
        """List the sets of columns from which the measure can be computed, without those that hold a smaller one.

        Example
        -------
        >>> n_minus_x = Fill("mi", ("ni", "xi"), lambda n, x: n - x)
        >>> Measure("PR", "proportion", lambda x, m: None, ("xi", "mi"), fills=(n_minus_x,)).input_sets()
        (('xi', 'mi'), ('xi', 'ni'))
        """
        needed = [name for name in self.args if name not in self.optional]
        choices = [self._ways(name, frozenset()) for name in needed]
        sets = [reduce(frozenset.union, combination, frozenset()) for combination in product(*choices)]
        smallest = [s for s in dict.fromkeys(sets) if not any(other < s for other in sets)]
        return tuple(tuple(sorted(s, key=self.accepts.index)) for s in smallest)

    def _ways(self, name: str, above: Inputs) -> list[Inputs]:
        ways: list[Inputs] = [frozenset({name})]
        for fill in self.fills:
            if fill.target == name and not above & set(fill.sources):
                parts = [self._ways(source, above | {name}) for source in fill.sources]
                ways += [reduce(frozenset.union, combination) for combination in product(*parts)]
        return ways

    def complete(self, columns: Mapping[str, Array]) -> dict[str, Array]:
        """Fill the missing values of the columns along the routes, row by row.

        Example
        -------
        >>> n_minus_x = Fill("mi", ("ni", "xi"), lambda n, x: n - x)
        >>> proportion = Measure("PR", "proportion", lambda x, m: None, ("xi", "mi"), fills=(n_minus_x,))
        >>> proportion.complete({"xi": np.array([2.0]), "ni": np.array([10.0])})["mi"]
        array([8.])
        """
        known = dict(columns)
        for name, value in self.optional.items():
            given = known.get(name)
            like = next(iter(known.values()))
            known[name] = np.full_like(like, value) if given is None else np.where(np.isnan(given), value, given)
        with np.errstate(all="ignore"):
            for fill in self.fills:
                if not all(source in known for source in fill.sources):
                    continue
                derived = fill.function(*(known[source] for source in fill.sources))
                present = known.get(fill.target)
                known[fill.target] = derived if present is None else np.where(np.isnan(present), derived, present)
        return known
