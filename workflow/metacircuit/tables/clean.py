"""Text from the data on its way into a table: whatever a sheet holds, no format may break on it."""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"

# Control characters, lone surrogates and non-characters: XML has no way to write them.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Without a glyph of their own they turn the order of letters, also of those outside the cell.
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029 ]+")

# What a spreadsheet takes for the start of a formula, also in its full-width form.
_FORMULA = "=+@\uff1d\uff0b\uff0d\uff20-"
_AT_START = re.compile(rf"^\s*[{_FORMULA}]")
# A spreadsheet of a country that writes 0,5 splits a line at semicolons, whatever quotation marks say.
_AFTER_SEMICOLON = re.compile(rf";(?=[\s\"]*[{_FORMULA}])")


def clean(text: str) -> str:
    """One line of writable characters: white space as single spaces, what XML cannot hold as U+FFFD.

    Invisible marks that override the direction of writing go; letters keep the direction that they have themselves.

    Parameters
    ----------
    text : str
        As it stands in a sheet.

    Returns
    -------
    str

    Examples
    --------
    >>> clean("  two\\n lines\\x00 "), clean("a\\u202eb")
    ('two lines\ufffd', 'ab')
    """
    return _UNWRITABLE.sub(REPLACEMENT, _DIRECTION.sub("", _SPACE.sub(" ", text))).strip()


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula.

    >>> [looks_like_formula(t) for t in ("=1+1", " @x", "-", "a=b", "−0.3")]
    [True, True, True, False, False]
    """
    return _AT_START.match(text) is not None


def without_formula(text: str) -> str:
    """The text for a CSV: an apostrophe before what a spreadsheet would compute, as people type it there.

    Parameters
    ----------
    text : str
        Cleaned text; numbers never come here.

    Returns
    -------
    str

    Source
    ------
    OWASP, CSV Injection: = + - @ at the start of a cell, and separators that begin a new one.

    Examples
    --------
    >>> without_formula('=HYPERLINK("x")'), without_formula("a;=1+1"), without_formula("p=0.03; n1=10")
    ('\\'=HYPERLINK("x")', "a;'=1+1", 'p=0.03; n1=10')
    """
    return ("'" if looks_like_formula(text) else "") + _AFTER_SEMICOLON.sub(";'", text)
