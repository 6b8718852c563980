"""What a route is: a named way from printed numbers to one measure, with its formula and its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from metacircuit.effects.measures.definitions import Formula, defined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from metacircuit.effects.routes.columns import Columns

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

Kind = Literal["groups", "association", "paired"]
"""What a row is: a difference between people, an association within people, a change in the same people."""

KINDS: tuple[Kind, ...] = get_args(Kind)
"""In the order of the codes that rows carry."""

Sign = Literal["none", "printed", "own"]
"""Whether a statistic has no sign (F), may be printed without its sign (t), or always carries it (means)."""


#: Options that a route may wait for, as users write them.
ON_REQUEST: Mapping[str, str] = MappingProxyType(
    {"treat_ratio_as_or": "conversion.ratios_as_or in the config, treat_ratio_as_or in Python"}
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller decides once for all rows.

    Parameters
    ----------
    definition : str
        Named set of definitions: metafor-5, metafor-3.8 or borenstein.
    treat_ratio_as_or : bool
        Take hazard and rate ratios as odds ratios.
    pre_post_r : float
        Correlation assumed between before and after in the same people.
    """

    definition: str = "metafor-5"
    treat_ratio_as_or: bool = False
    pre_post_r: float = 0.5

    def formula_of(self, measure: str, function: Formula) -> Formula:
        """Choose the formula that a measure has under the definition: its own, unless they differ."""
        return defined(measure, function, self.definition)


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition on the rows of a route, and what is wrong where it does not hold."""

    holds: Callable[[Columns], Mask]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Route:
    """One way to yi and vi.

    Parameters
    ----------
    id : str
        Name, such as smd.means_sd; unique, stable, used in configs and in the results.
    measure : str
        The measure that it leads to.
    label : str
        For readers.
    needs : tuple of str
        Columns that must hold a number: printed ones, or made ones (`columns.MADE`).
    formula : str
        Estimate and variance in plain text.
    source : str
        Citation with equation numbers.
    why : str
        Why it stands where it stands in the order of preference.
    estimate : callable
        (Columns, Options) -> (yi, vi), on rows that have the needs and keep the rules.
    serves : tuple of Kind
        The kinds of rows that it serves.
    sign : Sign
        What is known of the sign without the coded direction.
    rules : tuple of Rule
        Conditions, checked in this order.
    flags : tuple of str
        Flags that each of its rows gets.
    notices : tuple of (str, callable)
        Flags that a row gets if the condition holds.
    option : str
        Name of the option that must be on for the route to be used; empty for none.
    limit : bool
        Whether the printed number is an effect, so that in a row marked as a bound it can itself be the limit.
    reads : tuple of str
        Columns that are read, too, in the rows in which they hold a number.
    by_sizes : bool
        Whether the variance follows from numbers of people, and effective numbers enter it; else it is a printed one.
    version : str
        Raised when the formula changes.
    """

    id: str
    measure: str
    label: str
    needs: tuple[str, ...]
    formula: str
    source: str
    why: str
    estimate: Callable[[Columns, Options], tuple[Floats, Floats]]
    serves: tuple[Kind, ...] = ("groups", "association")
    sign: Sign = "none"
    rules: tuple[Rule, ...] = ()
    flags: tuple[str, ...] = ()
    notices: tuple[tuple[str, Callable[[Columns], Mask]], ...] = ()
    option: str = ""
    limit: bool = False
    reads: tuple[str, ...] = ()
    by_sizes: bool = True
    version: str = "1"

    @property
    def only_p(self) -> bool:
        """Whether an exact p is the only statistic that the route reads."""
        return self.needs[0] == "exact_p"

    @property
    def compares(self) -> bool:
        """Whether the route compares two groups of people, of which the second may be a shared control."""
        return "paired" not in self.serves and self.serves != ("association",)

    def serving(self, kinds: NDArray[np.int8]) -> Mask:
        """Mark the rows whose kind the route serves."""
        return np.array([kind in self.serves for kind in KINDS])[kinds]

    def present(self, c: Columns) -> Mask:
        """Mark the rows in which every need holds a number."""
        return np.logical_and.reduce([~np.isnan(c[name]) for name in self.needs])
