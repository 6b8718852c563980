"""metacircuit: meta-analysis for psychiatric neuroscience, exact, for dependent effects, and fast.

    import metacircuit as mc
    es = mc.escalc("SMD", m1i=…, sd1i=…, n1i=…, m2i=…, sd2i=…, n2i=…)
    fit = mc.rma(es.yi, es.vi, test="knha")

The functions keep metafor's names and are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "aggregate": "metacircuit.models.aggregate",
    "baujat": "metacircuit.diagnostics.baujat",
    "bayes": "metacircuit.models.bayes",
    "contrasts": "metacircuit.models.contrasts",
    "cumul": "metacircuit.diagnostics.cumulative",
    "egger_mv": "metacircuit.diagnostics.dependent",
    "escalc": "metacircuit.effects.escalc",
    "fsn": "metacircuit.diagnostics.fsn",
    "gosh": "metacircuit.models.gosh",
    "gosh_clusters": "metacircuit.diagnostics.gosh_clusters",
    "harbord": "metacircuit.diagnostics.two_by_two",
    "hc": "metacircuit.diagnostics.hc",
    "influence_mv": "metacircuit.diagnostics.influence_mv",
    "leave_out": "metacircuit.diagnostics.leave_out",
    "limitmeta": "metacircuit.diagnostics.limitmeta",
    "marginal_means": "metacircuit.models.contrasts",
    "multiverse": "metacircuit.diagnostics.multiverse",
    "outliers": "metacircuit.diagnostics.outliers",
    "pairwise": "metacircuit.models.contrasts",
    "pcurve": "metacircuit.diagnostics.p_values",
    "permutest": "metacircuit.models.permutest",
    "pet_peese": "metacircuit.diagnostics.pet_peese",
    "peters": "metacircuit.diagnostics.two_by_two",
    "puniform": "metacircuit.diagnostics.p_values",
    "ranktest": "metacircuit.diagnostics.ranktest",
    "regtest": "metacircuit.diagnostics.regtest",
    "rma": "metacircuit.models.rma",
    "rma_censored": "metacircuit.models.censored",
    "rma_glmm": "metacircuit.models.counts",
    "rma_mh": "metacircuit.models.counts",
    "rma_mv": "metacircuit.models.rma_mv",
    "rma_peto": "metacircuit.models.counts",
    "robust": "metacircuit.models.robust",
    "selmodel": "metacircuit.diagnostics.selmodel",
    "subgroups": "metacircuit.models.subgroups",
    "svalue": "metacircuit.diagnostics.svalue",
    "tes": "metacircuit.diagnostics.tes",
    "trimfill": "metacircuit.diagnostics.trimfill",
    "vcalc": "metacircuit.stats.vcalc",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the one list of public names


def __getattr__(name: str) -> Any:
    """Load a public function on first use: the whole library would cost two seconds at import."""
    if name not in _HOME:
        raise AttributeError(f"module 'metacircuit' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
