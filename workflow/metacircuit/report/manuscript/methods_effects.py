"""How the methods section tells the way from printed statistics to effects on one measure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metacircuit.effects.natural import natural_scale
from metacircuit.effects.routes import FLAGS, route
from metacircuit.report.manuscript.markup import listed, markdown
from metacircuit.wording import count, plural

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.config import SentencesSlice
    from metacircuit.effects.routes.flags import Flag
    from metacircuit.report.manuscript.sources import Quoted

MEASURES = {
    "SMD": "standardised mean difference with the exact correction for small samples (Hedges’ g) [@hedges1981]",
    "SMDH": "standardised mean difference with unequal variances [@bonett2008]",
    "MD": "mean difference",
    "ROM": "log ratio of means [@hedges1999]",
    "VR": "log ratio of standard deviations [@nakagawa2015]",
    "CVR": "log ratio of coefficients of variation [@nakagawa2015]",
    "OR": "log odds ratio",
    "RR": "log risk ratio",
    "RD": "risk difference",
    "AS": "difference of arcsine-transformed risks",
    "PETO": "log odds ratio by Peto’s method [@yusuf1985]",
    "HR": "log hazard ratio",
    "IRR": "log incidence rate ratio",
    "ZCOR": "correlation, transformed by Fisher’s z",
    "COR": "correlation",
    "PLO": "proportion on the logit scale",
    "PR": "proportion",
    "PLN": "log proportion",
    "PAS": "arcsine-transformed proportion",
    "PFT": "double-arcsine-transformed proportion [@freeman1950]",
}
# Sources of what a flag or a route means, beside those of the measure.
_CITED = {"converted_or": "chinn2000", "converted_smd": "chinn2000", "beta_as_r": "peterson2005"}
_YEAR = re.compile(r" \(\d{4}\)")
_QUANTILES = ("sd_from_quantiles", "moments_from_quantiles")
_DEFINITIONS = {
    "metafor-5": "of metafor, version 5 [@viechtbauer2010]",
    "metafor-3.8": "of metafor, version 3.8 [@viechtbauer2010]",
    "borenstein": "of Borenstein and colleagues’ textbook",
}


def effect_sizes(spec: SentencesSlice, sources: Quoted) -> str:
    """Write what each analysis measures, by which routes, and under which assumptions.

    Parameters
    ----------
    spec : SentencesSlice
        The analyses.
    sources : Quoted
        Their effects, with route and flags.

    Returns
    -------
    str
        Paragraphs of Markdown.
    """
    definitions = sorted({_DEFINITIONS[a.conversion.definition] for a in spec.analyses.values()})
    opening = (
        "Papers print the same effect in many forms. Each result was brought to the measure of its analysis by"
        " the first"
        " usable route of a fixed order of preference, which prefers the numbers that define the measure to test"
        " statistics, those to effects computed by authors, and conversions last. Definitions of estimates and sampling"
        f" variances are those {listed(definitions)}. Effects were oriented alike, by the coded direction of"
        f" each result"
        " and of its scale."
    )
    paragraphs = [opening]
    paragraphs += [_analysis(spec, name, sources.effects[name]) for name in spec.analyses]
    return "\n\n".join([*paragraphs, _assumptions(spec, sources)]).strip()


def _analysis(spec: SentencesSlice, name: str, effects: pd.DataFrame) -> str:
    analysis = spec.analyses[name]
    used = effects[effects["status"] == "analysed"]
    measure = MEASURES.get(analysis.measure, natural_scale(analysis.measure).name)
    told = f"*{markdown(analysis.title)}.* The measure is the {measure}."
    if used.empty:
        return f"{told} No result could be used."
    counts = sorted(((int(n), r) for r, n in used["route"].value_counts().items()), key=lambda x: (-x[0], x[1]))
    routes = [f"{_route(name)} ({count(n)})" for n, name in counts]
    ends = analysis.axis
    sign = f" Effects above the null: {markdown(ends.right)}; below it: {markdown(ends.left)}." if ends.right else ""
    few = "The route was" if len(routes) == 1 else "The routes were, with the number of results:"
    return f"{told} {plural(len(used), 'result')} could be used. {few} {'; '.join(routes)}.{sign}"


def _route(name: str) -> str:
    try:
        return markdown(route(name).label)
    except ValueError:
        return markdown(name)


def _assumptions(spec: SentencesSlice, sources: Quoted) -> str:
    """How often each assumption stands behind an analysed result; a result of two analyses counts in both."""
    codes: dict[str, int] = {}
    for frame in sources.effects.values():
        for cell in frame.loc[frame["status"] == "analysed", "flags"]:
            for code in filter(None, str(cell).split("; ")):
                codes[code] = codes.get(code, 0) + 1
    correlations = sorted({f"{a.conversion.pre_post_r:g}" for a in spec.analyses.values()})
    told = [
        f"- {_sentence(flag, correlations)} ({plural(codes[flag.code], 'result')})."
        for flag in FLAGS
        if codes.get(flag.code)
    ]
    return "What had to be assumed, or must be known, of analysed results:\n\n" + "\n".join(told) if told else ""


def _sentence(flag: Flag, correlations: list[str]) -> str:
    """The sentence of a flag without its full stop; a year in it becomes a citation."""
    text = markdown(flag.sentence.replace("{pre_post_r:g}", listed(correlations, "or"))).rstrip(".")
    key = "luo2018; @wan2014" if flag.code in _QUANTILES else _CITED.get(flag.code)
    return f"{_YEAR.sub('', text)} [@{key}]" if key else text
