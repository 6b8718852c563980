"""`metacircuit new`: the folder, the sheets and the config of a review that does not exist yet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

import click

from metacircuit.cli.project import find_project
from metacircuit.config import UserError, parse_settings
from metacircuit.config.analysis import Measure
from metacircuit.config.starter import starter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_MEASURES = get_args(Measure)


class Factor(NamedTuple):
    """A coded column that the analysis groups by: its words with labels, and the file that they stand in."""

    name: str
    words: dict[str, str]
    file: str = ""
    made: bool = False


@click.command()
@click.argument("review")
@click.option("--title", default="", help="The title of the review; default: its name.")
@click.option("--measure", default="SMD", show_default=True, help="What effects are brought to, by metafor's code.")
@click.option(
    "--factor",
    "factors",
    multiple=True,
    metavar="COLUMN[=WORDS]",
    help="A column to group by, with its words (a,b,c) or a CSV of them in the project; may be repeated.",
)
@click.option(
    "--moderator", "moderators", multiple=True, metavar="COLUMN", help="A number of each study to plot effects against."
)
@click.option(
    "--sheets",
    type=click.Choice(["xlsx", "csv"]),
    default="xlsx",
    show_default=True,
    help="What you want to type into.",
)
@click.option("--ask", is_flag=True, help="Ask for what is not given.")
@click.pass_context
def command(
    ctx: click.Context,
    review: str,
    title: str,
    measure: str,
    factors: tuple[str, ...],
    moderators: tuple[str, ...],
    sheets: str,
    ask: bool,
) -> None:
    """Start REVIEW: sheets to fill in, a config to adapt, and what to do next. Nothing is ever overwritten."""
    project = find_project()
    _refuse(_wrong_names(review, project))
    if ask:
        given = {
            name for name in ctx.params if ctx.get_parameter_source(name) == click.core.ParameterSource.COMMANDLINE
        }
        if "title" not in given:
            title = click.prompt("Title of the review", default=review)
        if "measure" not in given:
            measure = click.prompt(f"Measure ({' '.join(_MEASURES)})", default=measure)
        if "factors" not in given:
            factors = tuple(_answers("Columns to group by, as name=word,word; several with spaces; or none"))
        if "moderators" not in given:
            moderators = tuple(_answers("Numbers of each study to plot effects against, with spaces; or none"))
        if "sheets" not in given:
            sheets = click.prompt("Type into", type=click.Choice(["xlsx", "csv"]), default=sheets)
    measure = measure.upper()
    wrong = [] if measure in _MEASURES else [f"--measure {measure} is not known. Allowed: {', '.join(_MEASURES)}."]
    wrong += [f"--moderator {m} is not a column name. {_NAMES}" for m in moderators if not _COLUMN.fullmatch(m)]
    read: list[Factor] = []
    for text in factors:
        try:
            read.append(_factor(text, review, project))
        except UserError as error:
            wrong += error.messages
    names = [factor.name for factor in read]
    wrong += [f"{n} is given twice; name each column once." for n in dict.fromkeys([*names, *moderators])
              if [*names, *moderators].count(n) > 1]  # fmt: skip
    _refuse(wrong)
    files = _files(review, title.strip() or review, measure, read, moderators, sheets)
    _refuse(f"{path} exists already, and nothing is overwritten. Choose another name, or move it away."
            for path in files if (project / path).exists())  # fmt: skip
    _write(project, files)
    click.echo(_next(review, sheets, files))


_NAMES = "Allowed: letters, digits and _, the first a letter."


def _answers(question: str) -> list[str]:
    return [part for part in click.prompt(question, default="none").split() if part != "none"]


def _refuse(messages: Iterable[str]) -> None:
    found = list(messages)
    if found:
        raise UserError(*found)


def _wrong_names(review: str, project: Path) -> Iterator[str]:
    """Why a review cannot have this name."""
    if not _SLUG.fullmatch(review):
        near = re.sub(r"[^a-z0-9]+", "-", review.casefold()).strip("-")[:60].strip("-")
        hint = f" Try: metacircuit new {near}" if near else ""
        yield (
            f"{review!r} cannot name a review: it becomes the name of folders and files. Allowed: small letters,"
            f" digits, - and _, the first no - or _, at most 60.{hint}"
        )
        return
    for path in (f"config/{review}.yaml", f"data/{review}"):
        if (project / path).exists():
            yield f"{path} exists already, and nothing is overwritten. Choose another name, or move it away."


def _factor(text: str, review: str, project: Path) -> Factor:
    """Read COLUMN, COLUMN=a,b,c or COLUMN=path.csv."""
    from metacircuit.config.section import inside_project
    from metacircuit.sheets.columns import EFFECTS
    from metacircuit.sheets.vocabulary import read_vocabulary

    name, _, rest = (part.strip() for part in text.partition("="))
    if not _COLUMN.fullmatch(name):
        raise UserError(f"--factor {name!r} is not a column name. {_NAMES}")
    standard = {column.name: column for column in EFFECTS}.get(name)
    if standard is not None and (standard.numeric or standard.allowed or standard.kind == "id"):
        raise UserError(
            f"--factor {name}: this column holds something else ({standard.description}). Choose another name."
        )
    if not rest:
        return Factor(name, {})
    if rest.endswith(".csv"):
        try:
            inside_project(rest)
        except ValueError as error:
            raise UserError(f"--factor {name}: {rest}: {error}.") from None
        if not (project / rest).is_file():
            raise UserError(f"--factor {name}: there is no file {rest}.")
        known = read_vocabulary(project / rest)
        return Factor(name, dict(zip(known["id"], known["label"], strict=True)), rest)
    words = [word.strip() for word in rest.split(",") if word.strip()]
    odd = [word for word in words if not _WORD.fullmatch(word)]
    if odd or len(set(words)) < len(words):
        what = f"{', '.join(map(repr, odd))} cannot be coded words" if odd else "a word stands twice"
        raise UserError(
            f"--factor {name}: {what}. Write words of letters, digits, _ and -, each once: {name}=low,very_high"
        )
    labels = {word: word[:1].upper() + word[1:].replace("_", " ") for word in words}
    return Factor(name, labels, f"data/{review}/words/{name}.csv", made=True)


def _files(
    review: str, title: str, measure: str, factors: list[Factor], moderators: tuple[str, ...], sheets: str
) -> dict[str, bytes]:
    """Every file of the new review, by its path in the project."""
    from metacircuit.sheets.template import as_csv, as_workbook, layout

    names = [factor.name for factor in factors]
    vocabulary = {factor.name: factor.file for factor in factors if factor.file}
    config = starter(review, title, measure, vocabulary, names, moderators)
    parse_settings(config, source=f"config/{review}.yaml")
    templates = layout(measure, {factor.name: list(factor.words) for factor in factors}, moderators)
    here, spare = f"data/{review}", f"data/{review}/templates"
    book = as_workbook(templates, {factor.name: factor.words for factor in factors if factor.words})
    files = {f"{here if sheets == 'xlsx' else spare}/{review}.xlsx": book}
    for sheet in templates:
        files[f"{here if sheets == 'csv' else spare}/{sheet.name}.csv"] = as_csv(sheet).encode()
    for factor in factors:
        if factor.made:
            rows = [f"{word},{label},{10 * i}" for i, (word, label) in enumerate(factor.words.items(), start=1)]
            files[factor.file] = "\n".join(["id,label,order", *rows, ""]).encode()
    return files | {f"config/{review}.yaml": config.encode()}


def _write(project: Path, files: dict[str, bytes]) -> None:
    """Write the files; the config comes last, so that a review that has one is whole."""
    for path, data in files.items():
        target = project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("xb") as file:
                file.write(data)
        except OSError as error:
            raise UserError(
                f"{path} cannot be written: {error.strerror}. Mend that, and remove data of the attempt."
            ) from None


def _next(review: str, sheets: str, files: dict[str, bytes]) -> str:
    typed = f"data/{review}/{review}.xlsx" if sheets == "xlsx" else f"data/{review}/effects.csv and studies.csv"
    made = "\n".join(f"  {path}" for path in files)
    return (
        f"Made:\n{made}\n\nNext:\n"
        f"  1. Type what each paper prints into {typed}, a row a result, over the grey example row\n"
        "     (include: no keeps that row out of every analysis). Papers go into studies, one row each.\n"
        f"  2. Say in config/{review}.yaml what is asked; its comments tell how.\n"
        f"  3. metacircuit check {review}\n"
        f"  4. metacircuit run {review}\n"
        "docs/start.md goes through these steps with a published table."
    )
