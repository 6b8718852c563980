"""The look of every figure, in one place: sizes, spacing, colours, and the drawing settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from matplotlib import rc_context, rcParamsDefault

MM = 72.0 / 25.4
"""Points in a millimetre. Figures are laid out in points (1/72 inch)."""

SMALLEST_TEXT = 6.0
"""Points. Journals refuse smaller text at print size."""

LEAST_MM = 30.0
"""A page that is narrower or lower holds no figure."""

_SETTINGS_THAT_MATTER = ("agg.", "axes.", "boxplot.", "contour.", "errorbar.", "figure.", "font.", "grid.", "hatch.")
_SETTINGS_THAT_MATTER += ("hist.", "image.", "legend.", "lines.", "markers.", "mathtext.", "patch.", "path.", "pcolor")
_SETTINGS_THAT_MATTER += ("pdf.", "polaraxes.", "savefig.", "scatter.", "svg.", "text.", "xtick.", "ytick.")


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes in points (widths of the page in millimetres) and colours of the figures.

    Parameters
    ----------
    width_mm, page_height_mm : the width of every figure, and the greatest height of a page
    dpi : resolution of a PNG
    title, body, small : sizes of text; `leading` is the distance of lines in multiples of them
    row, margin, gutter, indent : the height of a row of a forest plot, and distances
    hairline, thin, line : weights of lines
    ink … paper : text and rules on the paper; `muted`, `faint` and `band` are the quieter ones
    study, group, overall, prediction : squares, the diamonds of strata and of all studies, prediction intervals
    low, middle, high : the ends and the middle of a diverging scale; `unpooled` is what has no estimate
    fine, doubtful, bad, worst, unknown : judgements of the risk of bias, from low to critical, and none
    brackets : what stands before, between and behind the two limits of an interval
    source : heading above the names of the studies

    Examples
    --------
    >>> Style().width == 180 * MM
    True
    >>> Style(small=5)
    Traceback (most recent call last):
    ...
    ValueError: text of 5 pt (small) is too small to print: 6 pt is the least
    """

    width_mm: float = 180.0
    page_height_mm: float = 240.0
    dpi: float = 300.0

    title: float = 9.0
    body: float = 7.5
    small: float = 6.5
    leading: float = 1.2

    row: float = 11.0
    margin: float = 6.0
    gutter: float = 9.0
    indent: float = 7.0

    hairline: float = 0.4
    thin: float = 0.6
    line: float = 0.8

    ink: str = "#1a1f26"
    muted: str = "#59626e"
    rule: str = "#2b323b"
    faint: str = "#c9ced5"
    band: str = "#f4f6f8"
    paper: str = "#ffffff"
    study: str = "#7a90a8"
    group: str = "#2f6ea8"
    overall: str = "#14304d"
    prediction: str = "#9dbbd6"
    low: str = "#1f5a94"
    middle: str = "#f0eee9"
    high: str = "#db8433"
    unpooled: str = "#8d959f"
    fine: str = "#2f9e8f"
    doubtful: str = "#f0c545"
    bad: str = "#cf5a1f"
    worst: str = "#7d1f3f"
    unknown: str = "#b4bac2"

    brackets: tuple[str, str, str] = ("[", ", ", "]")
    source: str = "Study"

    def __post_init__(self) -> None:
        for name in ("title", "body", "small"):
            if getattr(self, name) < SMALLEST_TEXT:
                found = f"text of {getattr(self, name):g} pt ({name}) is too small to print"
                raise ValueError(f"{found}: {SMALLEST_TEXT:g} pt is the least")
        if min(self.width_mm, self.page_height_mm) < LEAST_MM:
            raise ValueError(f"a page of {self.width_mm:g} by {self.page_height_mm:g} mm is too small for a figure")

    @property
    def width(self) -> float:
        """The width of a figure in points."""
        return self.width_mm * MM

    @property
    def page_height(self) -> float:
        """The greatest height of a page in points."""
        return self.page_height_mm * MM


DEFAULT = Style()
"""Double column (180 mm), sans serif; `metacircuit.figures.presets` has others."""


class TooNarrowError(ValueError):
    """The page has no room for what was asked for."""


@contextmanager
def isolated() -> Iterator[None]:
    """Draw with matplotlib's own defaults and ours, whatever the user's matplotlibrc says.

    Text stays text: TrueType in PDF (type 42), `<text>` in SVG (see `metacircuit.figures.svg_fonts`).
    """
    settings = {key: value for key, value in rcParamsDefault.items() if key.startswith(_SETTINGS_THAT_MATTER)}
    ours = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "metacircuit", "hatch.linewidth": 0.5}
    # Hinting shifts letters by fractions of a pixel; without it text is exactly as wide as it was measured.
    ours |= {"text.hinting": "no_hinting"}
    with rc_context(settings | ours):
        yield
