"""A table that holds everything a hostile or careless sheet may hold."""

import pytest
from metacircuit.tables.cells import MISSING, decimal, p, text, whole
from metacircuit.tables.table import Column, Footnote, Row, Table

HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://example.org","click")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\uff1d1+1",
    "a;=1+1",
    r"\input{/etc/passwd} \write18{ls}",
    "&%$#_{}~^\\",
    "情绪调节与疼痛",
    "תסמינים של דיכאון",
    "مرحبا Smith 2020",
    "x" * 300,
    "a word and " * 30,
    "nul\x00 and bell\x07 and \ud800 and \uffff",
    "overridden \u202eorder",
    "[h] * -- ,, ''",
    "</td></tr></table><!--",
    "]]>",
    "{{ 7 * 7 }} {% raw %}",
)


@pytest.fixture(scope="session")
def hostile() -> Table:
    columns = (
        Column("hidden", "hidden", shown=False),
        Column("study", "Study & <b>more</b>"),
        Column("k", "k", "count", italic=True),
        Column("yi", "Estimate", "number"),
        Column("ci_lb", "LL", "number", "95% CI"),
        Column("ci_ub", "UL", "number", "95% CI"),
        Column("pval", "p", "p", italic=True),
        Column("notes", "=Notes"),
    )
    rows = [
        Row(
            (
                text(word),
                text(word, marks=("a",)),
                whole(1000 + i),
                decimal(-i / 7, 1 + i % 3),
                decimal(-1234.5, 1),
                decimal(0.25, 2),
                p(10.0**-i),
                text(word),
            ),
            groups=(word if i % 5 == 0 else HOSTILE[i - i % 5], ""),
        )
        for i, word in enumerate(HOSTILE)
    ]
    empty = (text("last"), text("last"), whole(2), MISSING, MISSING, MISSING, MISSING, text("note"))
    rows.append(Row(empty, groups=("Z", "By x_y"), message=HOSTILE[1]))
    return Table(
        name="hostile",
        title="All of <it> & 100% \\input{x}",
        columns=columns,
        rows=tuple(rows),
        groups=(Column("group", "Group"), Column("by", "By")),
        note=HOSTILE[0] + " " + HOSTILE[9],
        footnotes=(Footnote("a", HOSTILE[10]),),
    )
