"""The look of every figure, in one place: sizes, spacing, colours, and the drawing settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from matplotlib import rc_context, rcParamsDefault

MM = 72.0 / 25.4
"""Points in a millimetre. Figures are laid out in points (1/72 inch)."""

SMALLEST_TEXT = 6.0
"""Points. Journals refuse smaller text at print size."""

_SETTINGS_THAT_MATTER = ("axes.", "figure.", "font.", "grid.", "hatch.", "image.", "lines.", "mathtext.", "patch.")
_SETTINGS_THAT_MATTER += ("path.", "pdf.", "savefig.", "svg.", "text.", "xtick.", "ytick.")


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes in points (widths of the page in millimetres) and colours of the figures.

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
    study: str = "#51677f"
    group: str = "#2f6ea8"
    overall: str = "#14304d"
    prediction: str = "#9dbbd6"
    low: str = "#2c6aa6"
    middle: str = "#f0eee9"
    high: str = "#c2611f"
    unpooled: str = "#8d959f"

    def __post_init__(self) -> None:
        for name in ("title", "body", "small"):
            if getattr(self, name) < SMALLEST_TEXT:
                found = f"text of {getattr(self, name):g} pt ({name}) is too small to print"
                raise ValueError(f"{found}: {SMALLEST_TEXT:g} pt is the least")

    @property
    def width(self) -> float:
        """The width of a figure in points."""
        return self.width_mm * MM

    @property
    def page_height(self) -> float:
        """The greatest height of a page in points."""
        return self.page_height_mm * MM


DEFAULT = Style()
"""Double column (180 mm), sans serif, colours that survive colour blindness and a grey printer."""


@contextmanager
def isolated() -> Iterator[None]:
    """Draw with matplotlib's own defaults and ours, whatever the user's matplotlibrc says.

    Text stays text: TrueType in PDF (type 42), `<text>` in SVG.
    """
    settings = {key: value for key, value in rcParamsDefault.items() if key.startswith(_SETTINGS_THAT_MATTER)}
    ours = {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "metacircuit", "hatch.linewidth": 0.5}
    # Hinting shifts letters by fractions of a pixel; without it text is exactly as wide as it was measured.
    ours |= {"text.hinting": "no_hinting"}
    with rc_context(settings | ours):
        yield
