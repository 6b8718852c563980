"""Where the parts of an orchard plot stand: texts beside the rows, heights, the axis, and where its pages end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metacircuit.figures.forest_axis import Axis, Foot, foot
from metacircuit.figures.orchard_plan import Tree
from metacircuit.figures.result import Interval
from metacircuit.figures.scales import Scale
from metacircuit.figures.strip import ARROW, robust_axis
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import width, wrap

LARGEST = 6.4
"""Diameter in points of the most precise effect."""

BAR = 11.0
"""The height at the bottom of a row that belongs to the pooled estimate: no effect hides behind it."""

_LEAST_PLOT, _LEAST_NUMBERS = 130.0, 70.0
_AROUND = 5.0
_CROWD = 80


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text beside a row."""

    text: str
    size: float
    bold: bool = False
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows with what is written left and right of them, their heights, and the axis below.

    Parameters
    ----------
    right : left edge of the texts at the right
    largest : diameter of the most precise effect
    """

    trees: Sequence[Tree]
    left: Sequence[Sequence[Words]]
    beside: Sequence[Sequence[Words]]
    heights: Sequence[float]
    axis: Axis
    foot: Foot
    right: float
    largest: float

    def pages(self, room: float) -> list[range]:
        """The rows of each page."""
        starts, used = [0], 0.0
        for n, height in enumerate(self.heights):
            if used and used + height > room:
                starts.append(n)
                used = 0.0
            used += height
        return [range(a, b) for a, b in zip(starts, [*starts[1:], len(self.heights)], strict=True)]


def layout(trees: Sequence[Tree], scale: Scale, favours: tuple[str, str], style: Style) -> Layout:
    """Lay out an orchard plot; on a narrow page the estimates are written under the names."""
    names = max((width(tree.label, style.body, bold=True) for tree in trees), default=0.0)
    counts = max((width(tree.counted, style.small) for tree in trees), default=0.0)
    pooled = [tree for tree in trees if tree.estimate is not None]
    numbers = max((_width(words, style) for tree in pooled for words in _numbers(tree, 1e9, style)), default=0.0)
    left = min(max(names, counts), max(0.26 * style.width, 62.0))
    numbers = min(max(numbers, _LEAST_NUMBERS), 0.3 * style.width)
    beside = style.width - 2 * style.margin - left - numbers - 2 * style.gutter >= _LEAST_PLOT
    if not beside:
        left = min(max(left, numbers), 0.36 * style.width)
    right = style.width - style.margin - numbers * beside
    start = style.margin + left + style.gutter + ARROW
    end = right - ARROW - style.gutter * beside
    texts, others = [], []
    for tree in trees:
        own = [
            *(Words(s, style.body, bold=True) for s in _wrapped(tree.label, left, style.body, bold=True, lines=3)),
            *(Words(s, style.small, muted=True) for s in _wrapped(tree.counted, left, style.small)),
        ]
        written = _numbers(tree, numbers if beside else left, style)
        texts.append(own if beside else [*own, *written])
        others.append(written if beside else [])
    heights = [_height(tree, own, other) for tree, own, other in zip(trees, texts, others, strict=True)]
    bulk = [Interval(float(y), float(y), float(y)) for tree in trees for y in tree.yi]
    intervals = [i for tree in trees for i in (tree.estimate, tree.prediction) if i is not None]
    # Effects that are nearly equal say nothing about the width of the axis; the pooled intervals do.
    usual = float(np.median([i.upper - i.lower for i in intervals if i.drawable] or [0.0]))
    spread = max((i.estimate for i in bulk), default=0.0) - min((i.estimate for i in bulk), default=0.0)
    bulk += [i for i in intervals if spread < 0.1 * usual and i.drawable]
    axis = robust_axis(bulk, intervals, scale, (start, end), style)
    crowd = max((len(tree.yi) for tree in trees), default=0)
    largest = LARGEST if crowd <= _CROWD else max(3.2, LARGEST * (_CROWD / crowd) ** 0.35)
    return Layout(trees, texts, others, heights, axis, foot(axis, scale.label, favours, style), right, largest)


def _numbers(tree: Tree, room: float, style: Style) -> list[Words]:
    """The estimate in bold and the prediction interval below it; or why there is none."""
    room = min(room, 0.3 * style.width)
    if tree.estimate is None:
        return [Words(s, style.small, muted=True) for s in _wrapped(tree.written, room, style.small, lines=4)]
    estimate = [Words(s, style.body, bold=True) for s in _wrapped(tree.written, room, style.body, bold=True)]
    return [*estimate, *(Words(s, style.small, muted=True) for s in _wrapped(tree.predicted, room, style.small) if s)]


def _wrapped(text: str, room: float, size: float, *, bold: bool = False, lines: int | None = None) -> tuple[str, ...]:
    return wrap(text, room + 0.5, lambda s: width(s, size, bold=bold), lines)


def _width(words: Words, style: Style) -> float:
    return min(width(words.text, words.size, bold=words.bold), 0.3 * style.width)


def _height(tree: Tree, left: Sequence[Words], right: Sequence[Words]) -> float:
    """Room for the texts and for a crowd of points."""
    crowd = 10.0 + min(30.0, 0.5 * len(tree.yi)) + (BAR if tree.estimate is not None else 0.0)
    return max(crowd, text_height(left), text_height(right)) + _AROUND


def text_height(lines: Sequence[Words]) -> float:
    """The height of lines one below the other."""
    return sum(1.22 * words.size for words in lines)
