"""The measures of `mc.escalc`, from their declarations and the docstrings of their formulas."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import partial
from itertools import zip_longest

from metacircuit.effects.measures.catalogue import ALIASES, MEASURES, Measure, associations, counts, means, single
from metacircuit.effects.measures.definitions import DIFFERENCES
from metacircuit.effects.routes import ROUTES

from facts.markdown import code, codes, section, table
from facts.routes import LEADING

FAMILIES = {"means": means, "counts": counts, "associations": associations, "single": single}
CODE_OF = {measure.function.__name__: measure.code for measure in reversed(MEASURES.values())}


def index() -> str:
    """List every code with its name, second codes beside the first."""
    second = {first: name for name, first in ALIASES.items()}
    rows = [
        (f"[{m.code}](#{m.code.lower()})" + (f", {second[m.code]}" if m.code in second else ""), m.label)
        for m in MEASURES.values()
    ]
    half = (len(rows) + 1) // 2
    pairs = zip_longest(rows[:half], rows[half:], fillvalue=("", ""))
    return table(("code", "measure", "code", "measure"), [(*left, *right) for left, right in pairs])


def family(name: str) -> str:
    """Write the entries of one family."""
    return "\n\n".join(entry(measure) for measure in FAMILIES[name].MEASURES)


def entry(measure: Measure) -> str:
    """Write what a user of one measure has to know."""
    facts = {
        "Takes": " or ".join(code(" ".join(columns)) for columns in measure.input_sets()),
        "May be left out": codes(measure.optional),
        "Variances": _variances(measure),
        "Correction": "`correct=False` leaves the small-sample correction out" if measure.corrects else "",
        "Zero counts": _zeros(measure),
        "Other definitions": "; ".join(f"{d.definition}: {d.what}" for d in DIFFERENCES if d.measure == measure.code),
        "Source": _in_codes(section(measure.function, "Source")),
        "In a review": _routes(measure.code),
    }
    lines = "\n".join(f"- {name}: {text}" for name, text in facts.items() if text)
    return f"### {measure.code}\n\n**{measure.label}**\n\n```text\n{_formula(measure)}\n```\n\n{lines}"


def _formula(measure: Measure) -> str:
    """The second paragraph of the docstring, estimate and variance on lines of their own."""
    paragraph = (inspect.getdoc(measure.function) or "").split("\n\n")[1]
    return "\n".join(re.split(r";\s+(?=vi)", " ".join(paragraph.split()))).replace("  ", " ")


def _variances(measure: Measure) -> str:
    if len(measure.vtypes) == 1:
        return ""
    told = re.search(r"vtype[\w, ]* : (.*?)(?: correct : .*)?$", section(measure.function, "Parameters"))
    return f"{codes(measure.vtypes)}; {_in_codes(told[1] if told else '')}"


def _zeros(measure: Measure) -> str:
    if measure.zeros is None:
        return ""
    if measure.zeros.add == 0:
        return "nothing is added"
    cells = measure.zeros.cells
    where = f"if one of them is 0: {codes(cells)}" if len(cells) > 1 else f"if it is 0: {codes(cells)}"
    return f"{measure.zeros.add:g} is added {where}"


def _routes(measure: str) -> str:
    if measure not in ROUTES:
        return ""
    return f"[routes to {measure}](routes.md#{measure.lower() if measure in LEADING else 'the-other-measures'})"


def _in_codes(text: str) -> str:
    """Name the measure where a docstring names its function."""
    return re.sub(r"`(?:\w+\.)?(\w+)`", lambda found: CODE_OF.get(found[1], found[0]), text)


BLOCKS: dict[str, Callable[[], str]] = {
    "measures-index": index,
    **{f"measures-{name}": partial(family, name) for name in FAMILIES},
}
