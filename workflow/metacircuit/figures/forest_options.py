"""The config's section on forest plots as the arguments of `metacircuit.figures.forest.forest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.figures.forest_columns import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metacircuit.config.figures import Forest, ForestColumn


def forest_options(section: Forest) -> dict[str, object]:
    """The arguments that a section of the config stands for.

    Examples
    --------
    >>> from metacircuit.config.figures import Forest
    >>> forest_options(Forest(left=["year"], sort="-year"))["left"]
    (Column(name='year', heading='', show='auto', template=''),)
    """
    return {
        "left": _columns(section.left),
        "right": _columns(section.right),
        "sort": section.sort,
        "group": section.group,
        "strata_only": section.rows == "strata",
        "most_rows": section.most_rows,
    }


def _columns(chosen: Sequence[ForestColumn] | None) -> tuple[Column, ...] | None:
    if chosen is None:
        return None
    return tuple(
        Column(column.text or column.column or "", column.heading, column.show, column.text or "") for column in chosen
    )
