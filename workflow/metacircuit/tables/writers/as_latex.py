"""A table as a LaTeX fragment: booktabs rules, siunitx columns, longtable where it runs over pages."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from metacircuit.tables.layout import headings_before, spanners
from metacircuit.tables.widths import divide, is_wide, text_width, wanted
from metacircuit.tables.writers.latex_columns import column_types, wrapped_heading
from metacircuit.tables.writers.latex_rows import cells_of
from metacircuit.tables.writers.latex_text import escape, needs_unicode_fonts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metacircuit.tables.table import Table

# Letters of \footnotesize on a line of the standard classes, upright and sideways.
_UPRIGHT, _SIDEWAYS, _GAP = 82.0, 142.0, 1.5
_LONG, _LONG_SIDEWAYS = 45, 26  # lines of a page that leave room for the header and the notes
_PACKAGES = ("array", "booktabs", "siunitx")


def as_latex(table: Table) -> bytes:
    r"""Write a table as a fragment for \input.

    The first lines say which packages it needs. Columns of numbers are siunitx columns whose format is taken from the
    numbers; text is escaped, so that no cell can run a command.

    Parameters
    ----------
    table : Table

    Returns
    -------
    bytes
    """
    wide = is_wide(table, _UPRIGHT, _GAP)
    capacity = _SIDEWAYS if wide else _UPRIGHT
    long = _length(table, divide(table, capacity, _GAP)) > (_LONG_SIDEWAYS if wide else _LONG)
    lines = [*_needs(table, wide=wide, long=long)]
    if wide:
        lines.append(r"\begin{landscape}")
    lines += _longtable(table, capacity) if long else _float(table, capacity)
    if wide:
        lines.append(r"\end{landscape}")
    return ("\n".join(lines) + "\n").encode("utf-8")


def _needs(table: Table, *, wide: bool, long: bool) -> Iterator[str]:
    packages = [*_PACKAGES, *(["longtable"] if long else []), *(["pdflscape"] if wide else [])]
    yield f"% \\usepackage{{{','.join(packages)}}}"
    texts = [table.title, table.note, *(f.text for f in table.footnotes)]
    texts += [c.heading + c.spanner for c in table.columns]
    texts += [t for row in table.rows for t in (*row.groups, row.message, *(cell.text for cell in row.cells))]
    if any(map(needs_unicode_fonts, texts)):
        yield "% Some letters need LuaLaTeX or XeLaTeX, with fonts that have them."


def _specification(table: Table, capacity: float) -> str:
    widths = divide(table, capacity, _GAP)
    return "@{}" + "".join(column_types(table, [w / capacity for w in widths], wanted(table), widths)) + "@{}"


def _float(table: Table, capacity: float) -> list[str]:
    return [
        r"\begin{table}[htbp]",
        r"\centering\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"\caption{{{escape(table.title)}}}\label{{tab:{table.name}}}",
        rf"\begin{{tabular}}{{{_specification(table, capacity)}}}",
        r"\toprule",
        *_head(table),
        r"\midrule",
        *_lines(table, divide(table, capacity, _GAP)),
        r"\bottomrule",
        r"\end{tabular}",
        *_notes(table),
        r"\end{table}",
    ]


def _longtable(table: Table, capacity: float) -> list[str]:
    head, n = list(_head(table)), table.width
    return [
        r"\begingroup\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"\begin{{longtable}}{{{_specification(table, capacity)}}}",
        rf"\caption{{{escape(table.title)}}}\label{{tab:{table.name}}}\\",
        r"\toprule",
        *head,
        r"\midrule",
        r"\endfirsthead",
        r"\toprule",
        *head,
        r"\midrule",
        r"\endhead",
        r"\midrule",
        rf"\multicolumn{{{n}}}{{r@{{}}}}{{\textit{{continued}}}}\\",
        r"\endfoot",
        r"\bottomrule",
        r"\endlastfoot",
        *_lines(table, divide(table, capacity, _GAP)),
        r"\end{longtable}",
        *_notes(table),
        r"\endgroup",
    ]


def _head(table: Table) -> Iterator[str]:
    above = spanners(table)
    if any(spanner for spanner, _ in above):
        place, rules, cells = 1, [], []
        for spanner, width in above:
            cells.append(rf"\multicolumn{{{width}}}{{c}}{{{escape(spanner)}}}" if spanner else "")
            if spanner:
                rules.append(rf"\cmidrule(lr){{{place}-{place + width - 1}}}")
            place += width
        yield " & ".join(cells) + r" \\"
        yield "".join(rules)
    widths = wanted(table)
    yield " & ".join(wrapped_heading(table.columns[i], w) for i, w in zip(table.shown, widths, strict=True)) + r" \\"


def _length(table: Table, widths: tuple[float, ...]) -> float:
    """How many lines the body takes, about."""
    return sum(
        1.4 * len(headings_before(table, r))
        + max(ceil(text_width(row.cells[i].text) / w) for i, w in zip(table.shown, widths, strict=True))
        for r, row in enumerate(table.rows)
    )


def _lines(table: Table, widths: tuple[float, ...]) -> Iterator[str]:
    for r, row in enumerate(table.rows):
        for level, word in headings_before(table, r):
            if r:
                yield r"\addlinespace"
            style = r"\textit" if level else r"\textbf"
            column = r"@{}l" if text_width(word) < _UPRIGHT else r"@{}>{\raggedright\arraybackslash}p{0.98\linewidth}"
            yield rf"\multicolumn{{{table.width}}}{{{column}}}{{{style}{{{escape(word)}}}}} \\*"
        yield " & ".join(cells_of(table, row, widths)) + r" \\"


def _notes(table: Table) -> Iterator[str]:
    if not (table.note or table.footnotes):
        return
    parts = [rf"\textit{{Note.}} {escape(table.note)}"] if table.note else []
    parts += [rf"\textsuperscript{{{escape(f.mark)}}}~{escape(f.text)}" for f in table.footnotes]
    yield r"\par\smallskip\noindent\begin{minipage}{\linewidth}\raggedright\footnotesize"
    yield "\\par\n".join(parts)
    yield r"\end{minipage}"
