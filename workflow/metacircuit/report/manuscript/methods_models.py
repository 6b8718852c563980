"""How the methods section tells the models: those that fitted, with the settings under which they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metacircuit.models.robust_result import ENOUGH_DF
from metacircuit.report.manuscript.markup import listed, markdown

if TYPE_CHECKING:
    import pandas as pd

    from metacircuit.config import SentencesSlice
    from metacircuit.config.analysis import Model
    from metacircuit.report.manuscript.sources import Quoted

_TAU2 = {
    "REML": "restricted maximum likelihood [@viechtbauer2005]",
    "ML": "maximum likelihood [@viechtbauer2005]",
    "DL": "the method of DerSimonian and Laird [@dersimonian1986]",
    "PM": "the method of Paule and Mandel [@veroniki2016]",
    "PMM": "the median-unbiased version of the method of Paule and Mandel [@veroniki2016]",
    "HE": "the method of Hedges [@veroniki2016]",
    "HS": "the method of Hunter and Schmidt [@veroniki2016]",
    "HSk": "the method of Hunter and Schmidt, corrected for small samples [@veroniki2016]",
    "SJ": "the method of Sidik and Jonkman [@veroniki2016]",
    "EB": "the empirical Bayes method [@veroniki2016]",
}
_TESTS = {
    "knha": "Tests and intervals use the method of Knapp and Hartung [@knapp2003].",
    "adhoc": "Tests and intervals use the method of Knapp and Hartung [@knapp2003], never narrower than those"
    " of the normal"
    " distribution.",
    "t": "Tests and intervals use the t distribution.",
    "z": "Tests and intervals use the normal distribution.",
}


def models(spec: SentencesSlice, sources: Quoted) -> str:
    """Write which model pooled which analysis.

    Parameters
    ----------
    spec : SentencesSlice
        The settings of each analysis.
    sources : Quoted
        The estimates, which say which model was used.

    Returns
    -------
    str
        A paragraph for each distinct model, and one for what they share.
    """
    told: dict[str, list[str]] = {}
    for name, analysis in spec.analyses.items():
        text = _model(sources.estimates[name], analysis.model)
        told.setdefault(text, []).append(markdown(analysis.title))
    paragraphs = [f"*{listed(titles)}.* {text}" for text, titles in told.items()]
    return "\n\n".join([*paragraphs, _shared(spec, sources)])


def _model(estimates: pd.DataFrame, model: Model) -> str:
    pooled = estimates[estimates["status"] == "ok"]
    if pooled.empty:
        return "Nothing could be pooled."
    first = pooled.iloc[0]
    used, method, test = str(first["model"]), str(first["method"]), str(first["test"])
    if used == "CHE":
        return _che(pooled, model, method)
    if "GLMM" in used:
        return (
            "Counts were pooled with a binomial–normal generalised linear mixed model, fitted by maximum likelihood"
            " [@stijnen2010]. It needs no correction for zero events."
            f" Tests and intervals use the {'t' if test == 't' else 'normal'} distribution."
        )
    if "censored" in used:
        return (
            "Estimates and bounds were pooled by maximum likelihood: bounds are censored observations"
            " [@tobin1958], and the"
            " study effects are integrated out."
        )
    if used == "equal effects":
        return f"Effects were pooled with an equal-effects model by inverse-variance weights. {_TESTS[model.test]}"
    return (
        "Effects were pooled with a random-effects model by inverse-variance weights; the variance between studies (τ²)"
        f" was estimated by {_TAU2.get(method, method)}, its interval by the Q-profile method [@viechtbauer2007]."
        f" {_TESTS[model.test]}"
    )


def _che(pooled: pd.DataFrame, model: Model, method: str) -> str:
    bootstrap = pooled["test"].str.contains("bootstrap").any()
    wild = (
        f" Where fewer than {ENOUGH_DF:g} degrees of freedom are left, test and interval are those of a cluster"
        f" wild bootstrap"
        " [@joshi2022]."
        if bootstrap
        else ""
    )
    return (
        "Several effects of one study are dependent. They were pooled with a correlated-and-hierarchical-effects model"
        f" [@pustejovsky2022], fitted by {_TAU2.get(method, method)}: random effects for study and for effect, and an"
        f" assumed correlation of {model.rho:g} between the sampling errors of one study’s effects. Standard errors are"
        " cluster-robust [@hedges2010] with the small-sample correction CR2 [@pustejovsky2018]; tests and intervals use"
        f" the t distribution with Satterthwaite degrees of freedom.{wild}"
    )


def _shared(spec: SentencesSlice, sources: Quoted) -> str:
    levels = listed(sorted({f"{a.model.level:g}" for a in spec.analyses.values()}), "or")
    profiled = any(
        frame[column].notna().any()
        for frame in sources.estimates.values()
        for column in ("sigma2_study_lb", "sigma2_effect_lb")
        if column in frame
    )
    profile = (
        " The intervals of the variances of the multilevel models are profile-likelihood intervals." if profiled else ""
    )
    return (
        f"Confidence and prediction intervals are at {levels}%. A prediction interval holds the true effect of"
        f" a comparable"
        " new study [@higgins2009]. Heterogeneity is described by Cochran’s Q [@cochran1954], by I²"
        " [@higgins2002] and by"
        f" τ², the variance of true effects.{profile}"
    )
