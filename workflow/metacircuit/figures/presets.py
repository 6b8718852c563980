"""Journal looks: the sizes, widths and brackets that a publisher asks for, as a `Style`.

The numbers are those of the publishers' general guides to artwork; a journal of the house may ask for others, which
`width`, `dpi` and `palette` set. All of them take Arial and Helvetica; the letters of ours have the same widths.
"""

from dataclasses import dataclass, replace
from difflib import get_close_matches

from metacircuit.figures.palettes import PALETTES
from metacircuit.figures.style import DEFAULT, Style

WIDTHS = ("single", "middle", "double")
"""One column, one and a half, two columns of a journal's page."""

SQUARE, ROUND, SPELLED = ("[", ", ", "]"), ("(", ", ", ")"), ("(", " to ", ")")


@dataclass(frozen=True, slots=True)
class Preset:
    """One journal look.

    Parameters
    ----------
    widths : millimetres of one column, one and a half, and two columns
    style : sizes, brackets and resolution at the width of two columns
    palette : the palette that the look comes with
    source : where the numbers are from
    """

    widths: tuple[float, float, float]
    style: Style
    palette: str
    source: str


def _presets() -> dict[str, Preset]:
    nature = replace(
        DEFAULT, width_mm=183, page_height_mm=170, dpi=450, title=7, body=7, small=6, row=10, brackets=SPELLED
    )
    elsevier = replace(DEFAULT, width_mm=190, dpi=500, title=8, body=7, small=6.5, row=10.5)
    apa = replace(DEFAULT, width_mm=174, page_height_mm=228, dpi=600, title=9, body=8, small=8, row=12)
    springer = replace(DEFAULT, width_mm=174, page_height_mm=234, dpi=600, title=9, body=8, small=8, row=12)
    jama = replace(DEFAULT, width_mm=178, page_height_mm=228, dpi=600, title=8, body=7.5, small=6.5, brackets=SPELLED)
    jama = replace(jama, source="Source")
    return {
        "standard": Preset((88, 140, 180), DEFAULT, "blue", "widths that most journals take"),
        "nature": Preset(
            (89, 136, 183),
            nature,
            "okabe_ito",
            "Nature research figure guide: 89 and 183 mm, at most 170 mm high, 5–7 pt",
        ),
        "elsevier": Preset(
            (90, 140, 190),
            elsevier,
            "blue",
            "Elsevier artwork sizing: 90, 140 and 190 mm, 7 pt, 500 dpi (combinations)",
        ),
        "apa": Preset((82.5, 140, 174), apa, "grey", "APA Publication Manual, 7th ed., 7.22–7.36: sans serif, 8–14 pt"),
        "springer": Preset(
            (84, 129, 174), springer, "blue", "Springer artwork guidelines: 84, 129 and 174 mm, 234 mm high, 8–12 pt"
        ),
        "jama": Preset(
            (86, 132, 178),
            jama,
            "blue",
            "the look of its forest plots (AMA Manual of Style, 11th ed., 4.2); widths that most journals take",
        ),
    }


PRESETS = _presets()


def style_for(
    preset: str = "standard",
    *,
    width: str | float = "double",
    theme: str = "light",
    palette: str | None = None,
    dpi: float | None = None,
) -> Style:
    """The style of a journal look.

    Parameters
    ----------
    preset : standard, nature, elsevier, apa, springer or jama
    width : single, middle or double, or millimetres
    theme : light or dark paper
    palette : blue, okabe_ito or grey; by default that of the preset
    dpi : resolution of a PNG; by default that of the preset

    Returns
    -------
    Style

    Raises
    ------
    ValueError
        For an unknown word, with the nearest known one.

    Examples
    --------
    >>> style_for("nature", width="single").width_mm, style_for("apa").brackets, style_for(theme="dark").paper
    (89, ('[', ', ', ']'), '#12161c')
    >>> style_for("natur")
    Traceback (most recent call last):
    ...
    ValueError: unknown preset 'natur'; did you mean 'nature'? Allowed: standard, nature, elsevier, apa, springer, jama
    """
    look = PRESETS[_known("preset", preset, PRESETS)]
    width_mm = look.widths[WIDTHS.index(_known("width", width, WIDTHS))] if isinstance(width, str) else float(width)
    chosen = _known("palette", palette or look.palette, dict.fromkeys(name for name, _ in PALETTES))
    paper = _known("theme", theme, dict.fromkeys(name for _, name in PALETTES))
    resolution = look.style.dpi if dpi is None else float(dpi)
    return replace(look.style, width_mm=width_mm, dpi=resolution, **PALETTES[chosen, paper])


def _known(what: str, word: str, allowed: object) -> str:
    names = list(allowed)  # type: ignore[call-overload]
    if word in names:
        return word
    near = get_close_matches(word, names, n=1)
    hint = f" did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"unknown {what} {word!r};{hint} Allowed: {', '.join(names)}")
