"""Text in LaTeX: every character stands for itself, whatever it means to TeX."""

from __future__ import annotations

import re

_GREEK_NAMES = """
    alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma varsigma tau upsilon varphi
    chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
"""
_GREEK = dict(zip("αβγδεζηθικλμνξπρσςτυφχψωΓΔΘΛΞΠΣΦΨΩ", _GREEK_NAMES.split(), strict=True))
_MATH = {letter: f"\\{name}" for letter, name in _GREEK.items()} | {
    "−": "-",
    "×": r"\times",
    "±": r"\pm",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≈": r"\approx",
    "∞": r"\infty",
    "√": r"\surd",
    "·": r"\cdot",
    "→": r"\rightarrow",
    "⊕": r"\oplus",
    "◯": r"\bigcirc",
    "○": r"\circ",
}
_CHARACTERS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"\char34{}",
    # After the end of a row, these would be its arguments.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "\u00a0": "~",
    "\u00ad": "",
    "\ufffd": "{?}",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "…": r"\ldots{}",
    "²": r"\textsuperscript{2}",
    "³": r"\textsuperscript{3}",
} | {letter: rf"\ensuremath{{{name}}}" for letter, name in _MATH.items()}

_LIGATURES = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=,)(?=,)|(?<=[!?])(?=`)")
# Words of this length have no place to break in a narrow column; a URL has one behind every sign.
_LONG_WORD = re.compile(r"\S{25,}")
_STEP = 8
_BEYOND = re.compile(r"[^\x00-\u024f\u2010-\u2027\u20ac]")

BREAK = "\u200b"


def escape(text: str) -> str:
    r"""Write a text so that TeX prints it and runs nothing; very long words may break.

    Greek letters and signs become commands that every engine knows; other scripts stay as they are.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> print(escape(r"50% of \input{x} & y_1"))
    50\% of \textbackslash{}input\{x\} \& y\_1
    >>> print(escape("τ² − 1"), escape("--"))
    \ensuremath{\tau}\textsuperscript{2} \ensuremath{-} 1 -\kern0pt{}-
    """
    broken = _LONG_WORD.sub(lambda word: _with_breaks(word[0]), text.replace(BREAK, ""))
    parts = _LIGATURES.sub("\u0000", broken)
    return "".join(
        r"\kern0pt{}"
        if letter == "\u0000"
        else r"\allowbreak{}"
        if letter == BREAK
        else _CHARACTERS.get(letter, letter)
        for letter in parts
    )


def needs_unicode_fonts(text: str) -> bool:
    """Whether a text has letters that only an engine with Unicode fonts prints.

    >>> needs_unicode_fonts("Müller τ² − 1"), needs_unicode_fonts("情绪")
    (False, True)
    """
    return any(letter not in _CHARACTERS for letter in _BEYOND.findall(text))


def _with_breaks(word: str) -> str:
    return BREAK.join(word[i : i + _STEP] for i in range(0, len(word), _STEP))
