"""Stages that answer the claims and draw the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metacircuit.cli.options import FOLDER, READ, WRITE, read_words, slice_option, words_option

if TYPE_CHECKING:
    from metacircuit.config import ClaimFiguresSlice, ClaimsSlice


@click.command("claims")
@slice_option("ClaimsSlice")
@words_option
@click.option("--results", type=FOLDER, required=True, help="Where the tables of the analyses are.")
@click.option("--certainty", type=READ, help="Ratings of certainty: analysis, grouping, stratum, certainty.")
@click.option("--claims", type=WRITE, required=True)
@click.option("--differences", type=WRITE, required=True)
@click.option("--published", type=WRITE, required=True)
def answer_claims(
    spec: ClaimsSlice,
    words: tuple[str, ...],
    results: Path,
    certainty: Path | None,
    claims: Path,
    differences: Path,
    published: Path,
) -> None:
    """Result tables of all analyses in; a verdict on every claim, and published estimates beside ours, out."""
    from metacircuit.claims.answer import answers
    from metacircuit.claims.certainty import ratings, unrated
    from metacircuit.claims.load import load_claims
    from metacircuit.claims.published import compare, no_comparison
    from metacircuit.claims.rows import Results
    from metacircuit.claims.table import claims_table, differences_table
    from metacircuit.config import UserError
    from metacircuit.sheets.files import read_text
    from metacircuit.sheets.published import read_published
    from metacircuit.sheets.store import read_table, write_table

    vocabularies = read_words(words)
    rated = ratings(read_table(certainty)) if certainty else unrated()
    found = {}
    for name, fit in spec.analyses.items():
        factors = {factor for grouping in fit.groupings for factor in grouping.split(":")}
        effects = read_table(results / "effects" / f"{name}.csv", text=factors)
        tables = (read_table(results / kind / f"{name}.csv") for kind in ("estimates", "contrasts"))
        found[name] = Results(fit, effects, *tables, vocabularies, rated)
    # Names were held against the config when it was read; here they are held against nothing but the tables.
    cited = load_claims({path: read_text(Path(path)) for path in spec.claims}, spec.analyses, {}) if spec.claims else ()
    answered = answers(cited, found)
    write_table(claims_table(answered), claims)
    write_table(differences_table(answered), differences)
    sheet = read_published(Path(spec.data), vocabularies) if spec.published else None
    if sheet is None and spec.published:
        raise UserError(f"published: there is no sheet `published` in {spec.data}. Put it there, or remove the key.")
    write_table(no_comparison() if sheet is None else compare(sheet, spec.published, found), published)


@click.command("claim-figures")
@slice_option("ClaimFiguresSlice")
@click.option("--claims", type=READ, required=True)
@click.option("--published", type=READ, required=True)
@click.option("--folder", type=FOLDER, required=True)
def claim_figures(spec: ClaimFiguresSlice, claims: Path, published: Path, folder: Path) -> None:
    """The verdicts and the comparisons with published estimates as PDF, SVG, PNG and alternative text."""
    from metacircuit.figures.draw_claims import draw_claims
    from metacircuit.sheets.files import write_bytes, write_text
    from metacircuit.sheets.store import read_table

    for name, drawn in draw_claims(spec, read_table(claims), read_table(published)).items():
        for extension in ("pdf", "svg", "png"):
            write_bytes(getattr(drawn, extension), folder / f"{name}.{extension}")
        write_text(drawn.alt + "\n", folder / f"{name}.txt")
