"""`metacircuit explain`: the story of one number."""

from __future__ import annotations

import difflib
import json
from typing import Any

import click

from metacircuit.cli.project import find_project, read_settings
from metacircuit.config import UserError


@click.command()
@click.argument("review")
@click.argument("effect_id")
def command(review: str, effect_id: str) -> None:
    """Say how the effect EFFECT_ID of REVIEW was made, from the printed cells to yi and vi."""
    project = find_project()
    read_settings(project, review)
    path = project / "results" / review / "provenance.jsonl"
    if not path.is_file():
        raise UserError(f"{review} has no results yet. Run `metacircuit run {review}` first.")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    stories = [record for record in records if record["effect_id"] == effect_id]
    if not stories:
        known = sorted({record["effect_id"] for record in records})
        near = difflib.get_close_matches(effect_id, known, n=3)
        hint = f" Near it: {', '.join(near)}." if near else ""
        raise UserError(
            f"No analysis of {review} has a number for the effect {effect_id!r}.{hint}"
            f" results/{review}/tables/rows.csv says what became of every row."
        )
    click.echo("\n\n".join(tell(record) for record in stories))


def tell(record: dict[str, Any]) -> str:
    """Write one record in a dozen readable lines."""
    source, result = record["source"], record["result"]
    place = source["file"] + (f" [{source['sheet']}]" if source["sheet"] else "")
    lines = [
        f"{record['effect_id']} in the analysis {record['analysis']} ({record['measure']}, {record['definition']})",
        f"  read      {place}, row {source['row']}: "
        + ", ".join(f"{name} {text}" for name, text in source["cells"].items()),
    ]
    for step in record["steps"]:
        lines.append(f"  step      {step['id']} (version {step['version']})")
        lines += [f"            {clause.strip()}" for clause in step["formula"].split(";")]
        read = ", ".join(f"{name} = {value:g}" for name, value in step["inputs"].items())
        lines.append(f"            with {read or 'nothing else'}")
        lines.append(f"            source: {step['source']}")
        lines += [f"  assuming  {text}" for text in step["assumptions"]]
    if result["status"] == "analysed":
        lines.append(f"  result    yi = {result['yi']:.6g}, vi = {result['vi']:.6g}")
    else:
        limits = " to ".join(
            str(result[name]) if isinstance(result[name], str) else f"{result[name]:.6g}" for name in ("lower", "upper")
        )
        lines.append(f"  result    a bound: yi lies in {limits}; kept, and treated as the config says")
    return "\n".join([*lines, f"  record    {record['hash']}"])
