"""A small review: one analysis with three strata, of which one was not pooled. All numbers are made up."""

import pandas as pd
import pytest
from metacircuit.config import SentencesSlice, Settings, parse_settings
from metacircuit.report.manuscript.sources import Quoted

CONFIG = """
review: small
title: A small review
summary: Made up.
data: data/small
analyses:
  pain:
    title: Pain & reward
    question: Does it hurt?
    measure: SMD
    groupings: [disorder]
    axis: {left: less pain, right: more pain}
manuscript:
  authors:
    - {name: Ana Peña, affiliations: [Somewhere], email: ana@example.org, corresponding: true}
"""
NAN = float("nan")
POOLED = {
    "analysis": "pain",
    "measure": "SMD",
    "model": "CHE",
    "method": "REML",
    "test": "CR2, Satterthwaite t",
    "rho": 0.6,
    "level": 95.0,
    "status": "ok",
    "reason": "",
    "scale": "standardised mean difference",
}


def estimate(grouping: str, stratum: str, label: str, **more: object) -> dict[str, object]:
    values = {
        **{"k": 8.0, "studies": 5.0, "participants": 1234.0, "estimate": 0.456, "se": 0.1, "stat": 4.56, "df": 3.96},
        **{"pval": 0.0004, "ci_lb": 0.18, "ci_ub": 0.74, "pi_lb": -0.31, "pi_ub": 1.22, "tau2": 0.05},
        **{"sigma2_study": 0.04, "sigma2_study_lb": 0.0, "sigma2_study_ub": 0.2, "sigma2_effect": 0.01},
        **{"sigma2_effect_lb": 0.0, "sigma2_effect_ub": 0.05, "I2": 55.55, "H2": NAN, "QE": 12.345, "QE_df": 7.0},
        "QEp": 0.09,
    }
    row = POOLED | {"grouping": grouping, "stratum": stratum, "label": label} | values | more
    return row | {
        "natural": row["estimate"],
        "natural_lb": row["ci_lb"],
        "natural_ub": row["ci_ub"],
        "natural_pi_lb": row["pi_lb"],
        "natural_pi_ub": row["pi_ub"],
    }


def missing(label: str, stratum: str, reason: str) -> dict[str, object]:
    row = dict.fromkeys(estimate("disorder", stratum, label), NAN)
    return (
        row
        | POOLED
        | {
            **{"grouping": "disorder", "stratum": stratum, "label": label, "status": "too_few", "reason": reason},
            **{"model": "", "method": "", "test": "", "k": 1.0, "studies": 1.0},
        }
    )


def method(name: str, label: str, family: str, **more: object) -> dict[str, object]:
    row = dict.fromkeys(("estimate", "se", "stat", "df", "pval", "ci_lb", "ci_ub", "quantity"), NAN)
    row |= dict.fromkeys(("natural", "natural_lb", "natural_ub"), NAN)
    row |= {"grouping": "overall", "stratum": "overall", "label": "All studies", "k": 8.0, "studies": 5.0}
    row |= {"method": name, "method_label": label, "family": family, "quantity_is": "", "few": "yes", "note": ""}
    return row | {"status": "ok", "reason": ""} | more


@pytest.fixture
def settings() -> Settings:
    return parse_settings(CONFIG, source="config/small.yaml")


@pytest.fixture
def spec(settings) -> SentencesSlice:
    return SentencesSlice.of(settings)


@pytest.fixture
def sources() -> Quoted:
    estimates = [
        estimate("overall", "overall", "All studies"),
        estimate("disorder", "a", "Disorder A", k=1.0, studies=1.0, pval=0.0304),
        estimate("disorder", "b_2", "Disorder B", test="CR2, wild bootstrap", ci_lb=-0.2, reason="wild bootstrap"),
        missing("Disorder | C", "c", "1 study; at least 3 are pooled"),
    ]
    contrast = {
        **{"analysis": "pain", "grouping": "disorder", "model": "CHE, common variances", "groups": 2.0, "k": 7.0},
        **{"studies": 4.0, "QM": 2.5457, "df1": 1.0, "df2": 4.344, "pval": 0.1855, "tau2": 0.05, "R2": 14.07},
        **{"status": "ok", "reason": ""},
    }
    varied = [
        estimate("overall", "overall", "All studies", estimate=value, choice="rho", value=rho)
        for rho, value in (("0.2", 0.44), ("0.8", 0.47))
    ]
    effects = pd.DataFrame(
        {
            "study_id": ["Li 2020", "Li 2020", "Kaess2019", "Kaess2019"],
            "study_label": ["Li 2020", "Li 2020", "Kaess 2019", "Kaess 2019"],
            "participants": [100.0, 100.0, 1134.0, NAN],
            "status": ["analysed", "analysed", "analysed", "bound"],
            "route": ["smd.t", "smd.t", "smd.or_ci", "smd.p"],
            "flags": ["", "adjusted_estimate", "converted_or; adjusted_estimate", "p_bound"],
        }
    )
    corrections = [
        method("uncorrected", "Uncorrected", "reference", natural=0.456, natural_lb=0.18, natural_ub=0.74),
        method("trimfill_l0", "Trim and fill, L0", "correction", natural=0.3, natural_lb=0.1, natural_ub=0.5),
        method("egger", "Egger's regression", "test", stat=1.234, df=3.0, pval=0.306),
        method("peters", "Peters", "test", status="not_applicable", reason="needs counts."),
    ]
    return Quoted(
        rows=pd.DataFrame(
            {
                "study_id": ["Li 2020", "Li 2020", "Kaess2019", "Kaess2019", "Out2001"],
                "fate": ["analysed", "analysed", "analysed", "excluded", "excluded"],
                "reason": ["", "", "", "only a bound", "asked (see the config) twice"],
            }
        ),
        studies=pd.DataFrame(
            {
                "study_id": ["Kaess2019", "Li 2020", "Out2001"],
                "first_author": ["Kaess", "not shown", "X"],
                "year": [2019.0, 2020.0, 2001.0],
                "title": ["Pain {and} 50% of it", "", "Out"],
                "journal": ["J. of A & B", "", ""],
                "doi": ["10.1000/x_y(1)", "", ""],
                "url": ["", "https://example.org/a b", ""],
                "country": ["Germany", "China", ""],
            }
        ),
        effects={"pain": effects},
        estimates={"pain": pd.DataFrame(estimates)},
        contrasts={"pain": pd.DataFrame([contrast])},
        sensitivity={"pain": pd.DataFrame(varied)},
        influence={
            "pain": pd.DataFrame(
                {"grouping": "overall", "unit": ["Li 2020", "Kaess 2019"], "is_infl": ["no", "yes"], "status": "ok"}
            )
        },
        leave_one_out={
            "pain": pd.DataFrame(
                [
                    estimate("overall", "overall", "All studies", estimate=v, pval=p, by="study", unit=u)
                    for u, v, p in (("Li 2020", 0.4, 0.01), ("Kaess 2019", 0.5, 0.2))
                ]
            )
        },
        corrections={"pain": pd.DataFrame(corrections)},
        readings={"pain": pd.DataFrame({"grouping": ["overall"], "sentence": ["With 5 studies little can be told."]})},
        shares={"pain": pd.DataFrame({"choice": ["rho"], "text": ["12 specifications."]})},
        claims=pd.DataFrame(),
        published=pd.DataFrame(),
    )
