"""Colours of the figures: three palettes, each on white and on dark paper.

No figure tells two things apart by colour alone (squares and diamonds, signs in the dots of a judgement, numbers in
the cells of a map). Colours that stand beside one another also differ in lightness, so that they stay apart on a grey
printer and for readers who do not see red or green.
"""

from types import MappingProxyType

LIGHT = MappingProxyType({})
"""The paper of `Style` itself."""

DARK = MappingProxyType(
    {
        "ink": "#eef1f5",
        "muted": "#aab4c0",
        "rule": "#c6ced8",
        "faint": "#46515e",
        "band": "#1d242d",
        "paper": "#12161c",
        "unpooled": "#8d959f",
    }
)

_BLUE_ON_DARK = {
    "study": "#acbfd2",
    "group": "#4f93cf",
    "overall": "#dcebfa",
    "prediction": "#345877",
    "low": "#4389cc",
    "middle": "#2a313a",
    "high": "#f0ab5e",
}
_OKABE_ITO = {
    "study": "#929292",
    "group": "#0072b2",
    "overall": "#000000",
    "prediction": "#8ccbed",
    "low": "#0072b2",
    "middle": "#f2f2f2",
    "high": "#e69f00",
    "fine": "#009e73",
    "doubtful": "#f0e442",
    "bad": "#d55e00",
    "worst": "#6d1d4d",
    "unknown": "#bdbdbd",
}
_OKABE_ITO_ON_DARK = _OKABE_ITO | {
    "study": "#8a8a8a",
    "group": "#56b4e9",
    "overall": "#ffffff",
    "prediction": "#1f5c80",
    "low": "#3d9bd6",
    "middle": "#2b2b2b",
    "high": "#f5c25b",
    "worst": "#a64d7f",
}
_GREY = {
    "study": "#8a8a8a",
    "group": "#545454",
    "overall": "#000000",
    "prediction": "#c4c4c4",
    "low": "#dedede",
    "middle": "#9c9c9c",
    "high": "#3a3a3a",
    "unpooled": "#9a9a9a",
    "fine": "#f2f2f2",
    "doubtful": "#c2c2c2",
    "bad": "#858585",
    "worst": "#3d3d3d",
    "unknown": "#ffffff",
    "ink": "#111111",
    "muted": "#555555",
    "rule": "#222222",
    "faint": "#cccccc",
    "band": "#f4f4f4",
}
_GREY_ON_DARK = _GREY | {
    "study": "#9c9c9c",
    "group": "#cccccc",
    "overall": "#ffffff",
    "prediction": "#555555",
    "low": "#4a4a4a",
    "middle": "#8c8c8c",
    "high": "#f0f0f0",
    "ink": "#f2f2f2",
    "muted": "#b0b0b0",
    "rule": "#cccccc",
    "faint": "#4a4a4a",
    "band": "#202020",
    "paper": "#141414",
    "unknown": "#2b2b2b",
}

PALETTES = MappingProxyType(
    {
        ("blue", "light"): LIGHT,
        ("blue", "dark"): MappingProxyType(DARK | _BLUE_ON_DARK),
        ("okabe_ito", "light"): MappingProxyType(_OKABE_ITO),
        ("okabe_ito", "dark"): MappingProxyType(DARK | _OKABE_ITO_ON_DARK),
        ("grey", "light"): MappingProxyType(_GREY),
        ("grey", "dark"): MappingProxyType(DARK | _GREY_ON_DARK),
    }
)
"""Palette and theme, and the colours of `Style` that they change.

okabe_ito: Okabe M, Ito K (2008), Color universal design; recommended by Wong B (2011), Nature Methods 8, 441.
"""
