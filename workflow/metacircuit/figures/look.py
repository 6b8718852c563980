"""The style that a config asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.figures.presets import style_for

if TYPE_CHECKING:
    from metacircuit.config import FigureSlice
    from metacircuit.config.figures import Figures
    from metacircuit.figures.style import Style


def style_of(spec: FigureSlice) -> Style:
    """The style of all figures of an analysis."""
    return style_of_look(spec.look)


def style_of_look(look: Figures, *, width: str | float | None = None) -> Style:
    """The style that a look asks for; `width` instead of its own where a figure needs the room."""
    wide = look.width if width is None else width
    return style_for(look.preset, width=wide, theme=look.theme, palette=look.palette, dpi=look.dpi)
