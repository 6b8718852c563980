"""The style that a config asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.figures.presets import style_for

if TYPE_CHECKING:
    from metacircuit.config import FigureSlice
    from metacircuit.figures.style import Style


def style_of(spec: FigureSlice) -> Style:
    """The style of all figures of an analysis."""
    look = spec.look
    return style_for(look.preset, width=look.width, theme=look.theme, palette=look.palette, dpi=look.dpi)
