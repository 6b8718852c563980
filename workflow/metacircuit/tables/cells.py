"""Cells: a value for machines and the same value as people read it, never the one without the other."""

from __future__ import annotations

import math
from dataclasses import replace

from metacircuit.tables.clean import clean
from metacircuit.tables.table import Cell
from metacircuit.wording import MINUS, NO_VALUE, count, degrees, number, p_number, variance

EMPTY = Cell(None, "")
MISSING = Cell(None, NO_VALUE)

_LONGEST = 1e6
_SHORT = "0.0E+0"
_P_FORMAT = '[<0.001]"< .001";[>0.999]"> .999";.000'


def blank(*cells: Cell) -> tuple[Cell, ...]:
    """The cells, empty where a method does not give the number: a dash would say that it failed to.

    >>> [cell.text for cell in blank(MISSING, whole(3))]
    ['', '3']
    """
    return tuple(EMPTY if cell == MISSING else cell for cell in cells)


def text(value: object, *, marks: tuple[str, ...] = ()) -> Cell:
    """A cell of text from the data; None, NaN and "" make an empty one.

    >>> text(" two\\nwords").text, text(float("nan")) == EMPTY, text(2.0).text
    ('two words', True, '2')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return EMPTY
    cleaned = clean(spelled(value))
    return Cell(cleaned, cleaned, marks=marks) if cleaned else EMPTY


def spelled(value: object) -> str:
    """A value as the sheet has it: a word that was read as a number is no 2.0.

    >>> spelled(2.0), spelled("x")
    ('2', 'x')
    """
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def whole(value: float, *, grouped: bool = True, marks: tuple[str, ...] = ()) -> Cell:
    """A count, with thousands separated; `grouped=False` for years.

    >>> whole(12345.0).text, whole(2021, grouped=False).text, whole(float("nan")).text
    ('12,345', '2021', '–')
    """
    if not math.isfinite(value):
        return MISSING
    shown = count(value) if grouped else f"{value:.0f}"
    return Cell(round(value), shown.replace("-", MINUS), "#,##0" if grouped else "0", marks)


def decimal(value: float, decimals: int, *, percent: bool = False, marks: tuple[str, ...] = ()) -> Cell:
    """A number with a fixed count of decimals, a real minus sign and never a negative zero.

    Parameters
    ----------
    value : float
        NaN makes a cell without a value; an infinite one is text.
    decimals : int
        Of the number as it is shown.
    percent : bool
        Show a share such as 0.373 as 37.3%.
    marks : tuple of str
        Of footnotes.

    Returns
    -------
    Cell

    Examples
    --------
    >>> decimal(-0.3126, 2).text, decimal(-0.001, 2).text, decimal(0.3733, 1, percent=True).text
    ('−0.31', '0.00', '37.3%')
    >>> decimal(-0.3126, 2).number_format, decimal(-0.001, 2).number_format
    ('#,##0.00;"−"#,##0.00', '#,##0.00;#,##0.00')
    """
    if math.isnan(value):
        return replace(MISSING, marks=marks)
    if math.isinf(value):
        return Cell(None, number(value, decimals), marks=marks)
    shown = number(value * (100 if percent else 1), decimals, longest=_LONGEST) + ("%" if percent else "")
    if abs(value) >= _LONGEST:
        pattern = _SHORT
    else:
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + ("%" if percent else "")
    minus = f'"{MINUS}"' if shown.startswith(MINUS) else ""
    # The second section is for negative numbers; without a sign of its own it would show none.
    own = f";{minus}{pattern}" if value < 0 else f';"{MINUS}"{pattern}'
    return Cell(value, shown, pattern + own, marks)


def p(value: float, *, marks: tuple[str, ...] = ()) -> Cell:
    """A p-value: three decimals, "< .001" below that, never zero; a spreadsheet keeps the number and shows the same.

    >>> p(0.0304).text, p(3e-9).text, p(3e-9).value
    ('.030', '< .001', 3e-09)
    """
    return Cell(value, p_number(value), _P_FORMAT, marks) if math.isfinite(value) else MISSING


def variance_cell(value: float) -> Cell:
    """A variance such as tau squared: two decimals, or two significant digits where it is small.

    >>> variance_cell(0.1234).text, variance_cell(0.00456).text, variance_cell(0.0).text
    ('0.12', '0.0046', '0.00')
    """
    if not math.isfinite(value):
        return decimal(value, 2)
    if 0 < value < 1e-4:
        return Cell(value, variance(value), "0.0E+0")
    shown = variance(value)
    return decimal(value, len(shown.partition(".")[2]))


def degrees_cell(value: float) -> Cell:
    """Degrees of freedom: whole where they are, one decimal where they are not.

    >>> degrees_cell(3.0).text, degrees_cell(21.66).text
    ('3', '21.7')
    """
    return decimal(value, len(degrees(value).partition(".")[2])) if math.isfinite(value) else decimal(value, 0)
