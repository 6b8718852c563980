"""How the methods section tells the sensitivity analyses, the influence diagnostics and the small-study methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from metacircuit.report.manuscript.markup import listed, markdown, sentence

if TYPE_CHECKING:
    from metacircuit.config import SentencesSlice
    from metacircuit.report.manuscript.sources import Quoted

_BOUNDS = {"leave_out": "left out", "at_bound": "taken at the bound", "censored": "entered as censored observations"}
# How the name of a small-study method begins: its source. Longer beginnings first.
_SOURCES = {
    "egger_modified": "pustejovsky2019",
    "egger": "egger1997",
    "rank": "begg1994",
    "peters": "peters2006",
    "harbord": "harbord2006",
    "trimfill": "duval2000",
    "pet": "stanley2014",
    "peese": "stanley2014",
    "3psm": "vevea1995",
    "4psm": "vevea1995",
    "beta": "citkowicz2017",
    "negexp": "preston2004",
    "limit": "rucker2011",
    "hc": "henmi2010",
    "pcurve": "simonsohn2014",
    "puniform": "vanaert2023",
    "worst_case": "mathur2020",
    "s_estimate": "mathur2020",
    "s_interval": "mathur2020",
    "tes": "ioannidis2007",
    "fsn_orwin": "orwin1983",
    "fsn_rosenberg": "rosenberg2005",
    "fsn": "rosenthal1979",
}


def checks(spec: SentencesSlice, sources: Quoted) -> str:
    """Write which assumptions were varied, which studies were left out in turn, and which small-study methods ran.

    Parameters
    ----------
    spec : SentencesSlice
        The analyses.
    sources : Quoted
        Sensitivity, influence, leave-one-out and corrections, where an analysis has them.

    Returns
    -------
    str
        Paragraphs of Markdown; empty if nothing was varied.
    """
    return "\n\n".join(filter(None, (_varied(spec, sources), _influence(sources), _small_studies(sources))))


def _varied(spec: SentencesSlice, sources: Quoted) -> str:
    every = pd.concat([sources.sensitivity[name] for name in spec.analyses], ignore_index=True)
    rhos = sorted({str(v) for v in every.loc[every["choice"] == "rho", "value"]}, key=float)
    bounds = [b for b in _BOUNDS if (every.loc[every["choice"] == "bounds", "value"] == b).any()]
    told = []
    if rhos:
        told.append(f"an assumed correlation within studies of {listed(rhos, 'or')}")
    if bounds:
        told.append(f"results with a bound only {listed([_BOUNDS[b] for b in bounds], 'or')}")
    return f"The estimates were repeated with {'; with '.join(told)}." if told else ""


def _influence(sources: Quoted) -> str:
    told = []
    if any((frame["status"] == "ok").any() for frame in sources.influence.values()):
        told.append("influential studies were sought by deletion diagnostics [@viechtbauer2010influence]")
    if any((frame["status"] == "ok").any() for frame in sources.leave_one_out.values()):
        told.append("each study was left out in turn")
    if any(len(frame) for frame in sources.shares.values()):
        told.append(
            "the overall estimate was repeated under every combination of the choices that could have been made"
            " otherwise"
            " [@steegen2016]"
        )
    return sentence("; ".join(told))


def _small_studies(sources: Quoted) -> str:
    used = pd.concat(list(sources.corrections.values()), ignore_index=True)
    used = used[(used["status"] == "ok") & used["family"].isin(("test", "correction"))].drop_duplicates("method")
    if used.empty:
        return "Small-study effects could not be assessed in any analysis."
    named: dict[str, list[str]] = {}
    for row in used.to_dict("records"):
        named.setdefault(source(row["method"]), []).append(markdown(row["method_label"]))
    told = [f"{listed(labels)}{key}" for key, labels in named.items()]
    return (
        f"Small-study effects and selective reporting were assessed by these tests and corrections: {'; '.join(told)}."
        " With dependent effects such methods are approximate [@rodgers2021]; none of them can tell selective reporting"
        " from other reasons for which small studies differ."
    )


def source(method: str) -> str:
    """The citation of a small-study method, by how its name begins.

    >>> source("trimfill_l0"), source("mine")
    (' [@duval2000]', '')
    """
    found = next((key for beginning, key in _SOURCES.items() if str(method).startswith(beginning)), "")
    return f" [@{found}]" if found else ""
