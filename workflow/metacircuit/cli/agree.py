"""`metacircuit agree`: two extractors' sheets compared, and their decisions carried into one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ
from metacircuit.cli.project import find_project, read_settings
from metacircuit.config.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.config import Settings
    from metacircuit.extraction.agree import Agreement
    from metacircuit.sheets.review import Sheets
    from metacircuit.sheets.second import Second


@click.command()
@click.argument("review", required=False)
@click.argument("second", required=False, type=READ)
@click.option("--out", type=FOLDER, help="Where the tables go; default: results/REVIEW/agreement.")
@click.option("--decisions", type=READ, help="The worklist, filled in: writes the final sheet.")
@click.option("--variables", type=READ, help="Instead of two sheets: one file with a row a variable, columns A and R.")
def command(
    review: str | None, second: Path | None, out: Path | None, decisions: Path | None, variables: Path | None
) -> None:
    """Compare SECOND, another extractor's sheet of the same studies, with the sheet of REVIEW.

    Writes how far each column agrees, a worklist of every disagreement, and what each does to the pooled estimates.
    Fill in the worklist and give it as --decisions for the final sheet.
    """
    if variables is not None:
        if review or second or decisions:
            raise click.UsageError(
                "--variables takes one file with both codings: leave REVIEW, SECOND, --decisions out."
            )
        _by_variable(variables, out or variables.parent / "agreement")
    elif review is None or second is None:
        raise click.UsageError("Name the review and the second sheet: metacircuit agree REVIEW SECOND.csv.")
    else:
        _two_sheets(review, second, out, decisions)


def _by_variable(path: Path, out: Path) -> None:
    from metacircuit.extraction.variables import compare_variables
    from metacircuit.sheets.second import read_lines
    from metacircuit.sheets.store import write_table

    table, differences = compare_variables(read_lines(path))
    write_table(table, out / "variables.csv")
    write_table(differences, out / "differences.csv")
    for row in table.to_dict("records"):
        judged = f"; judged {row['judged_agree']} of {row['judged']}" if row["judged"] else ""
        click.echo(
            f"{row['variable']:<28.28} {row['agree']:>3} of {row['compared']:<3} {row['percent']:6.1f} %{judged}"
        )
    click.echo(f"\n{len(table)} variables, {len(differences)} differences. The tables are in {out}.")


def _two_sheets(review: str, second: Path, out: Path | None, decisions: Path | None) -> None:
    from metacircuit.extraction.agree import agree
    from metacircuit.sheets.review import load_review
    from metacircuit.sheets.second import read_second
    from metacircuit.sheets.store import write_table
    from metacircuit.sheets.vocabulary import read_vocabulary

    project = find_project()
    settings = read_settings(project, review)
    words = {name: read_vocabulary(project / path) for name, path in settings.vocabulary.items()}
    sheets = load_review(project / settings.data, vocabularies=words, source=settings.source, project=project)
    if sheets.effects.empty:
        raise UserError(f"{settings.data} has no effects that can be read. `metacircuit check {review}` says why.")
    other = read_second(second, words)
    found = agree(sheets.effects, other.effects, other.columns, words)
    folder = out or project / "results" / review / "agreement"
    if decisions is not None:
        _finish(sheets, found, other, decisions, folder)
        return
    _keep_decisions(folder / "worklist.csv")
    tables = {"pairs": found.pairs, "only_in_one": found.alone, "agreement": found.agreement}
    tables |= {"worklist": found.worklist, "problems_second": other.problems}
    tables["impact"] = _impact(sheets, found, settings, words)
    for name, table in tables.items():
        write_table(table, folder / f"{name}.csv")
    _tell(found, tables["impact"], other, folder)


def _keep_decisions(path: Path) -> None:
    """Refuse to write over a worklist that somebody has begun to fill in."""

    from metacircuit.sheets.second import read_worklist

    if not path.is_file():
        return
    cells = read_worklist(path)
    if any((cells[name].astype(str).str.strip() != "").any() for name in ("decision", "decided_by") if name in cells):
        raise UserError(
            f"{path} has decisions in it and is not written over. Give it as --decisions, or move it and run again."
        )


def _impact(sheets: Sheets, found: Agreement, settings: Settings, words: dict[str, pd.DataFrame]) -> pd.DataFrame:
    from metacircuit.config import FitSlice, HarmoniseSlice
    from metacircuit.extraction.impact import Question, Review

    questions = {n: Question(HarmoniseSlice.of(settings, n), FitSlice.of(settings, n)) for n in settings.analyses}
    return found.impact(sheets.effects, Review(sheets.studies, words, settings.derived, questions))


def _finish(sheets: Sheets, found: Agreement, other: Second, path: Path, folder: Path) -> None:
    from metacircuit.extraction.decide import Rules, final_sheet, read_decisions
    from metacircuit.sheets.columns import EFFECTS
    from metacircuit.sheets.second import read_worklist
    from metacircuit.sheets.store import write_table

    rules = Rules(found.kinds, other.words, {column.name: column for column in EFFECTS})
    made = read_decisions(found.worklist, read_worklist(path), rules)
    write_table(final_sheet(sheets.printed, sheets.effects, made), folder / "effects.csv")
    click.echo(f"{len(made)} decisions are in {folder / 'effects.csv'}; its column `decided` says whose they are.")
    if len(found.alone):
        click.echo(f"{len(found.alone)} rows stand in one sheet only: add or exclude them by hand (only_in_one.csv).")


def _tell(found: Agreement, impact: pd.DataFrame, other: Second, folder: Path) -> None:
    click.echo(f"{len(found.pairs)} rows are in both sheets, {len(found.alone)} in one only.\n")
    for row in found.agreement.to_dict("records"):
        if row["compared"]:
            extra = "".join(f"   {n} {row[n]:.3f}" for n in ("kappa", "icc") if row[n] == row[n])
            click.echo(f"{row['column']:<18} {row['agree']:>4} of {row['compared']:<4} {row['percent']:6.1f} %{extra}")
    other_status = impact["status_first"].fillna("").ne(impact["status_second"].fillna(""))
    moved = (impact["change"].abs().gt(0) | other_status) & impact["column"].ne("")
    cells = len(impact.loc[moved, ["effect_id", "column"]].drop_duplicates())
    click.echo(f"\n{len(found.worklist)} disagreements; {cells} of them move a pooled estimate (impact.csv).")
    unsure = int((found.pairs["ambiguous"] == "yes").sum())
    if unsure:
        click.echo(f"{unsure} pairs are uncertain (pairs.csv): write effect_id into the second sheet to fix them.")
    errors = int((other.problems["severity"] == "error").sum())
    if errors:
        click.echo(f"The second sheet has {errors} cells that cannot be read or are impossible (problems_second.csv).")
    if found.not_compared:
        click.echo(f"Only the second sheet has the columns {', '.join(found.not_compared)}; they are not compared.")
    click.echo(f"The tables are in {folder}. Fill in worklist.csv, and run again with --decisions.")
