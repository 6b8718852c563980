"""The style that a config asks for, and a wider one for figures that have no room in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from metacircuit.figures.presets import WIDTHS, style_for
from metacircuit.figures.style import TooNarrowError

if TYPE_CHECKING:
    from metacircuit.config import FigureSlice
    from metacircuit.figures.style import Style

Result = TypeVar("Result")


def style_of(spec: FigureSlice) -> Style:
    """The style of all figures of an analysis."""
    look = spec.look
    return style_for(look.preset, width=look.width, theme=look.theme, palette=look.palette, dpi=look.dpi)


def with_room(spec: FigureSlice, draw: Callable[[FigureSlice], Result]) -> tuple[Result, str]:
    """Draw at the width that was asked for or, where a figure has no room in it, at the next of the journal's widths.

    Parameters
    ----------
    spec : the slice that says the width
    draw : draws the figure for a slice

    Returns
    -------
    result, message : what was drawn, and what was done about its width; an empty message where nothing was

    Raises
    ------
    TooNarrowError
        Where two columns of the journal are too narrow as well.
    """
    try:
        return draw(spec), ""
    except TooNarrowError as error:
        asked = style_of(spec).width_mm
        for width in WIDTHS:
            wider = spec.model_copy(update={"look": spec.look.model_copy(update={"width": width})})
            if (found := style_of(wider).width_mm) > asked:
                try:
                    return draw(wider), f"{error}. Drawn {found:g} mm wide instead"
                except TooNarrowError:
                    continue
        raise
