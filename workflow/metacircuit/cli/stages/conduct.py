"""The stage that judges the certainty of the evidence and fills the checklist of what is reported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, read_words, slice_option, words_option

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.certainty.judge import Tables
    from metacircuit.certainty.overrides import Override
    from metacircuit.config import CertaintyOf, CertaintySlice


@click.command()
@slice_option("CertaintySlice")
@words_option
@click.option("--results", type=FOLDER, required=True)
@click.option("--tools", type=FOLDER, required=True, help="The folder with the risk-of-bias tools.")
@click.option("--items", type=READ, required=True, help="The items of the checklist.")
def certainty(spec: CertaintySlice, words: tuple[str, ...], results: Path, tools: Path, items: Path) -> None:
    """Results, risk of bias and overrides in; certainty, summary of findings and the filled checklist out."""
    import pandas as pd

    from metacircuit.certainty import judge, prisma, rob
    from metacircuit.certainty.target import check_target
    from metacircuit.certainty.tools import parse_tool
    from metacircuit.sheets.conduct import read_small_sheet, read_tool_texts
    from metacircuit.sheets.files import write_text
    from metacircuit.sheets.store import read_table, write_table
    from metacircuit.tables.findings import findings, findings_page

    folder = Path(spec.data)
    known = [parse_tool(text, source=f"{tools}/{name}") for name, text in read_tool_texts(tools).items()]
    studies = read_table(results / "checked" / "studies.csv")["study_id"]
    sheet = read_small_sheet(folder / "rob.csv")
    judged = rob.judged(sheet, {t.tool: t for t in known}, set(studies), source=f"{spec.data}/rob.csv")
    write_table(judged, results / "rob.csv")

    tables = {name: _tables(results, own) for name, own in spec.analyses.items()}
    check_target(spec.analyses.values(), {n: t.effects for n, t in tables.items()}, read_words(words))
    overrides = _overrides(folder, {name: t.estimates for name, t in tables.items()})
    rows = [row for name, own in spec.analyses.items() for row in judge.judge(own, tables[name], judged, overrides)]
    table = pd.DataFrame(rows, columns=list(judge.COLUMNS))
    write_table(table, results / "certainty.csv")

    titles = {name: own.title for name, own in spec.analyses.items()}
    found = findings(table, {name: t.estimates for name, t in tables.items()}, titles)
    write_table(found, results / "tables" / "findings.csv")
    write_text(findings_page(spec.title, found), results / "tables" / "findings.html")

    present = {need for need, there in spec.reported.items() if there}
    present |= {"rob"} if len(judged) else set()
    present |= {"screening"} if (folder / "screening.csv").is_file() else set()
    asked = read_table(items, text=("item",))
    named = {place.split(" (")[0] for where in asked["where"] for place in prisma.places(where, spec.review)}
    filled = prisma.checklist(
        asked,
        review=spec.review,
        analyses=list(spec.analyses),
        present=present,
        absent={place for place in named if place.startswith("data/") and not Path(place).is_file()},
        answers=read_small_sheet(folder / "prisma.csv"),
        source=f"{spec.data}/prisma.csv",
    )
    write_table(filled, results / "prisma.csv")
    write_text(prisma.as_markdown(filled, spec.title), results / "prisma.md")


def _tables(results: Path, spec: CertaintyOf) -> Tables:
    """The result tables of one analysis."""
    from metacircuit.certainty.judge import Tables
    from metacircuit.sheets.store import read_table

    factors = {factor for grouping in spec.groupings for factor in grouping.split(":")}
    effects, combined, estimates = (
        read_table(results / kind / f"{spec.analysis}.csv", text={*factors, *spec.certainty.target})
        for kind in ("effects", "combined", "estimates")
    )
    corrections = results / "diagnostics" / spec.analysis / "corrections.csv"
    return Tables(effects, combined, estimates, read_table(corrections) if corrections.is_file() else None)


def _overrides(folder: Path, estimates: dict[str, pd.DataFrame]) -> tuple[Override, ...]:
    """What people decided otherwise, from certainty.yaml or certainty.csv beside the sheets."""
    from metacircuit.certainty.overrides import check_overrides, parse_yaml
    from metacircuit.config import UserError
    from metacircuit.sheets.conduct import read_small_sheet
    from metacircuit.sheets.files import read_text

    strata = [
        (str(row["analysis"]), str(row["grouping"]), str(row["stratum"]))
        for frame in estimates.values()
        for row in frame[frame["status"] == "ok"].to_dict("records")
    ]
    as_yaml, as_csv = folder / "certainty.yaml", folder / "certainty.csv"
    if as_yaml.is_file() and as_csv.is_file():
        raise UserError(f"{folder}: both certainty.yaml and certainty.csv hold overrides. Keep one of them.")
    if as_yaml.is_file():
        entries = parse_yaml(read_text(as_yaml), source=str(as_yaml))
        return check_overrides(entries, strata, source=str(as_yaml))
    sheet = read_small_sheet(as_csv)
    return check_overrides([] if sheet is None else sheet.to_dict("records"), strata, source=str(as_csv))
