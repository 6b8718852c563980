"""Names beside the points of a plot, as many as have room: none touches another, a point or the edge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from metacircuit.figures.canvas import Canvas
from metacircuit.figures.panel import Box
from metacircuit.figures.style import Style
from metacircuit.figures.typeface import shorten, width

_LONGEST = 120.0
_CLEAR = 1.5

_ASCENT, _DESCENT = 0.80, 0.24


@dataclass(frozen=True, slots=True)
class PlacedName:
    """A name, where its baseline begins, and the number of its point."""

    text: str
    x: float
    baseline: float
    point: int


def place_names(
    points: np.ndarray, names: Sequence[str], order: Sequence[int], box: Box, style: Style, *, radius: float, most: int
) -> list[PlacedName]:
    """Give points a name in order of importance, and leave out a name that has no room.

    Parameters
    ----------
    points : (n, 2) positions on the page in points
    names : (n,) names; a long one is shortened
    order : numbers of the points worth a name, the most important first
    box : where names may stand
    radius : of the points, which names keep clear of
    most : how many names at most
    """
    placed: list[PlacedName] = []
    taken: list[np.ndarray] = []
    for n in order:
        if len(placed) == most:
            break
        text = shorten(" ".join(str(names[n]).split()), _LONGEST, lambda s: width(s, style.small))
        # Effects of one study at one place share a name.
        if any(text == other.text and np.hypot(*(points[n] - points[other.point])) < 2 * radius for other in placed):
            continue
        for x, baseline in _positions(points[n], width(text, style.small), radius, style):
            area = _area(text, x, baseline, style)
            if text and _inside(area, box) and not _covers(area, points, radius) and not _meets(area, taken):
                placed.append(PlacedName(text, x, baseline, int(n)))
                taken.append(area)
                break
    return placed


def draw_names(canvas: Canvas, placed: Sequence[PlacedName]) -> None:
    """Write the names."""
    for name in placed:
        canvas.text(name.x, name.baseline, name.text, size=canvas.style.small)


def _positions(point: np.ndarray, wide: float, radius: float, style: Style) -> Iterator[tuple[float, float]]:
    """Where a name may begin: right, left, above, below, then the corners."""
    x, y = float(point[0]), float(point[1])
    away, middle = radius + 2, y + 0.34 * style.small
    above, below = y - radius - 1 - _DESCENT * style.small, y + radius + 1 + _ASCENT * style.small
    yield x + away, middle
    yield x - away - wide, middle
    yield x - wide / 2, above
    yield x - wide / 2, below
    for baseline in (above, below):
        yield x + 1, baseline
        yield x - 1 - wide, baseline


def _area(text: str, x: float, baseline: float, style: Style) -> np.ndarray:
    """Left, top, right, bottom of a name."""
    size = style.small
    return np.array([x, baseline - _ASCENT * size, x + width(text, size), baseline + _DESCENT * size])


def _inside(area: np.ndarray, box: Box) -> bool:
    left, top, right, bottom = area
    return bool(left >= box.left + 1 and top >= box.top + 1 and right <= box.right - 1 and bottom <= box.bottom - 1)


def _covers(area: np.ndarray, points: np.ndarray, radius: float) -> bool:
    """Whether a point reaches into the area."""
    nearest = np.clip(points, area[:2], area[2:])
    return bool((np.hypot(*(points - nearest).T) < radius).any())


def _meets(area: np.ndarray, taken: Sequence[np.ndarray]) -> bool:
    others = np.array(taken).reshape(-1, 4)
    apart = (others[:, 0] > area[2] + _CLEAR) | (others[:, 2] < area[0] - _CLEAR)
    apart |= (others[:, 1] > area[3]) | (others[:, 3] < area[1])
    return not bool(apart.all())
