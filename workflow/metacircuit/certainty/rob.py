"""Judgements of the risk of bias: checked against the tools, with the overall judgement that follows from them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.certainty.tools import OVERALL
from metacircuit.config.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from metacircuit.certainty.tools import Tool

ASKED = ("study_id", "tool", "domain", "judgement")
COLUMNS = ("study_id", "tool", "domain", "domain_label", "judgement", "level", "origin", "support", "status", "reason")


def judged(
    rows: pd.DataFrame | None, tools: Mapping[str, Tool], studies: Collection[str], *, source: str = "rob.csv"
) -> pd.DataFrame:
    """Check judgements and add the overall ones.

    Parameters
    ----------
    rows : DataFrame or None
        data/REVIEW/rob.csv: study_id, tool, domain, judgement, support, as text; its index is the row in the file.
        None without such a sheet.
    tools : mapping of str to Tool
        By their ids.
    studies : collection of str
        The review's studies.
    source : str
        The file's name, for messages.

    Returns
    -------
    DataFrame
        `COLUMNS`, sorted: a row a judgement, and one row `overall` a study and tool. origin is rated or computed; an
        overall judgement that people gave stays, with the computed one as its reason where the two differ.

    Raises
    ------
    UserError
        With one message for every problem: missing columns, unknown studies, tools, domains or judgements, and two
        judgements of one domain.
    """
    if rows is None or rows.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    missing = [column for column in ASKED if column not in rows]
    if missing:
        raise UserError(f"{source}: there is no column {', '.join(missing)}. It has the columns {', '.join(ASKED)}.")
    text = rows.astype(object).where(rows.notna(), "").map(lambda cell: str(cell).strip())
    known = {str(study) for study in studies}
    problems: list[str] = []
    found: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for number, row in zip(text.index, text.to_dict("records"), strict=True):
        where = f"{source}: row {number}"
        wrong = _problem(row, tools, known)
        if wrong:
            problems.append(f"{where}: {wrong}")
            continue
        tool = tools[row["tool"].lower()]
        of_study = found.setdefault((row["study_id"], tool.tool), {})
        domain = row["domain"].lower()
        if domain in of_study:
            problems.append(f"{where}: {row['study_id']} is judged twice on {domain}. Keep one row.")
        of_study[domain] = (row["judgement"].lower(), row.get("support", ""))
    if problems:
        raise UserError(*problems)
    out = [line for (study, tool), own in sorted(found.items()) for line in _lines(study, tools[tool], own)]
    return pd.DataFrame(out, columns=list(COLUMNS))


def _problem(row: Mapping[str, str], tools: Mapping[str, Tool], studies: Collection[str]) -> str:
    """What is wrong with a row; the first thing, since the others depend on it."""
    if row["study_id"] not in studies:
        return f"there is no study {row['study_id']!r} in studies.csv.{_near(row['study_id'], studies)}"
    tool = tools.get(row["tool"].lower())
    if tool is None:
        return f"there is no tool {row['tool']!r} in config/rob.{_near(row['tool'].lower(), tools)}"
    domains = [*(d.id for d in tool.domains), OVERALL]
    domain = row["domain"].lower()
    if domain not in domains:
        return f"{tool.tool} has no domain {row['domain']!r}.{_near(domain, domains)}"
    allowed = tool.allowed(domain)
    if row["judgement"].lower() not in allowed:
        return f"{row['judgement']!r} is no judgement of {domain} in {tool.tool}.{_near(row['judgement'], allowed)}"
    return ""


def _lines(study: str, tool: Tool, own: Mapping[str, tuple[str, str]]) -> Iterable[dict[str, str]]:
    """The rows of one study: its domains in the tool's order, then the overall judgement."""
    for domain in tool.domains:
        if domain.id in own:
            judgement, support = own[domain.id]
            yield _line(study, tool, domain.id, domain.label, judgement, support, "rated")
    computed = tool.overall_of({d: j for d, (j, _) in own.items() if d != OVERALL})
    if OVERALL in own:
        judgement, support = own[OVERALL]
        differs = f"the tool's rules give {computed}" if computed not in (None, judgement) else ""
        yield _line(study, tool, OVERALL, "Overall", judgement, support, "rated") | {"reason": differs}
    elif computed is not None:
        yield _line(study, tool, OVERALL, "Overall", computed, "", "computed")
    else:
        lacking = [d.id for d in tool.domains if d.id not in own]
        reason = (
            f"not judged: {', '.join(lacking)}" if lacking else f"{tool.tool} has no rule that holds; judge overall"
        )
        line = _line(study, tool, OVERALL, "Overall", "", "", "")
        yield line | {"status": "not_assessed", "reason": reason}


def _line(study: str, tool: Tool, domain: str, label: str, judgement: str, support: str, origin: str) -> dict[str, str]:
    return {
        "study_id": study,
        "tool": tool.tool,
        "domain": domain,
        "domain_label": label,
        "judgement": judgement,
        "level": tool.level(judgement) if judgement else "",
        "origin": origin,
        "support": support,
        "status": "ok",
        "reason": "",
    }


def _near(word: str, known: Iterable[str]) -> str:
    words = sorted(map(str, known))
    near = difflib.get_close_matches(word, words, n=1)
    listed = ", ".join(words[:12]) + (", …" if len(words) > 12 else "")
    return f"{f' Did you mean {near[0]!r}?' if near else ''} Known here: {listed}."
