"""A review made for the page, and a real browser to open it in."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.config import FitSlice, Settings
from metacircuit.diagnostics.battery.columns import COLUMNS
from metacircuit.models.analysis import fit_analysis
from metacircuit.models.estimates import SENSITIVITY
from metacircuit.report.page import build_page
from metacircuit.report.sources import Drawing, Sources

REQUIRED = "METACIRCUIT_REQUIRE_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NASTY = "<script>window.hacked = 1</script></script><img src=x onerror='window.hacked=1'> & sons"
SMALL, LARGE = 60, 500


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Debian's chromium, without a window; without one the test is skipped, or fails where one is required."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        said = f"there is no Chromium on the PATH (looked for {', '.join(NAMES)}): apt-get install chromium"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{REQUIRED}=1, but {said}")
        pytest.skip(said)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@dataclass
class Opened:
    """A page in the browser, with all that it said and asked for."""

    page: object
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def open_page(browser):
    """Open a file in a context of its own and wait until it is ready; options go to the context."""

    def go(path: Path, *, wait: bool = True, **options) -> Opened:
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        found = Opened(context.new_page())
        found.page.on("console", lambda message: found.said.append(f"{message.type}: {message.text}"))
        found.page.on("pageerror", lambda error: found.said.append(f"error: {error}"))
        found.page.on("request", lambda request: found.asked.append(request.url))
        found.page.goto(path.as_uri())
        if wait:
            found.page.wait_for_selector("html[data-ready=yes]")
        return found

    return go


@pytest.fixture
def opened(open_page):
    """The same for one test, which closes what it opened."""
    pages = []

    def go(path: Path, **options) -> Opened:
        pages.append(open_page(path, **options))
        return pages[-1]

    yield go
    for found in pages:
        found.page.context.close()


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Four questions, one a kind of model; two crossed factors."""
    where = {"take": {"where": {}}}
    analyses = {
        "dependent": {"title": "Many effects a study", "measure": "SMD", "groupings": ["disorder:circuit"], **where},
        "independent": {"title": "One effect a study", "measure": "OR", "groupings": ["disorder"], **where},
        "prevalence": {"title": "How common", "measure": "PLO", **where},
        "bounded": {"title": "Bounds", "measure": "SMD", "model": {"bounds": "censored"}, **where},
    }
    return Settings.model_validate(
        {
            "review": "made",
            "title": f"A review {NASTY}",
            "summary": "Made for the tests of the page.",
            "limits": ["Nothing in it is true."],
            "data": "data/made",
            "analyses": analyses,
        }
    )


def _effects(prefix: str, sizes: list[int], seed: int) -> pd.DataFrame:
    """Effects of studies of these sizes, with the columns that the stages before give them."""
    rng = np.random.default_rng(seed)
    study = np.repeat([f"{prefix}{j:03d}" for j in range(len(sizes))], sizes)
    k = len(study)
    between = np.repeat(rng.normal(0, 0.3, len(sizes)), sizes)
    vi = rng.uniform(0.02, 0.15, k)
    yi = 0.3 + between + rng.normal(0, 0.2, k) + rng.normal(0, np.sqrt(vi))
    half = 1.959963984540054 * np.sqrt(vi)
    words = {
        "disorder": ["depression", "borderline", "anxiety"],
        "circuit": ["reward", "pain", "control"],
        "modality": ["fmri", "eeg"],
    }
    people = rng.integers(20, 300, k)
    return pd.DataFrame(
        {
            "effect_id": [f"{s}.{i + 1}" for s, n in zip(dict.fromkeys(study), sizes, strict=True) for i in range(n)],
            "study_id": study,
            "sample_id": study,
            "study_label": [f"{s} et al." for s in study],
            "outcome": rng.choice(["activity", "thickness"], k),
            **{name: rng.choice(choices, k) for name, choices in words.items()},
            **{"yi": yi, "vi": vi, "ci_lb": yi - half, "ci_ub": yi + half, "participants": people.astype(float)},
            "events1": np.minimum(rng.binomial(people, 1 / (1 + np.exp(-yi))), people).astype(float),
            **{"route": "smd.t", "inputs": "t=2.5; n1=30; n2=30", "assumptions": "", "flags": "", "notes": ""},
            **{"lower": np.nan, "upper": np.nan, "status": "analysed", "reason": "", "source_section": "table 2"},
        }
    )


def _evidence(k: int) -> dict[str, pd.DataFrame]:
    """The effects of each analysis, k in the first; one study has a name that is a script, one row is a bound."""
    sizes = [3, 4, 3, *[4] * ((k - 10) // 4), *[1] * ((k - 10) % 4)]
    frames = {
        "dependent": _effects("D", sizes, 1),
        "independent": _effects("I", [1] * 30, 2),
        "prevalence": _effects("P", [1] * 40, 3),
        "bounded": _effects("B", [2] * 8, 4),
    }
    frames["dependent"].loc[0, ["study_label", "outcome"]] = NASTY
    # Three studies of a disorder of their own: too few degrees of freedom for t.
    frames["dependent"].loc[:9, "disorder"] = "rare"
    frames["bounded"].loc[3, ["yi", "ci_lb", "ci_ub"]] = np.nan
    frames["bounded"].loc[3, ["lower", "status"]] = [0.1, "bound"]
    return frames


@pytest.fixture(scope="session")
def effects() -> dict[str, pd.DataFrame]:
    """The effects of each analysis."""
    return _evidence(SMALL)


@pytest.fixture(scope="session")
def tables(settings, effects) -> dict:
    """What the fit stage would have written; of the crossed strata, which take long, nothing is asked."""
    slices = {name: FitSlice.of(settings, name) for name in effects}
    slices["dependent"] = slices["dependent"].model_copy(update={"groupings": ()})
    return {name: fit_analysis(frame, slices[name], {}) for name, frame in effects.items()}


@pytest.fixture(scope="session")
def sources(effects, tables) -> Sources:
    """What the page is written from."""
    return _sources(effects, tables)


def _sources(effects: dict[str, pd.DataFrame], tables: dict) -> Sources:
    ids = pd.concat(effects.values(), ignore_index=True)
    studies = pd.DataFrame({"study_id": ids["study_id"].unique()})
    studies["year"] = 1990.0 + np.arange(len(studies)) % 30
    studies["title"] = [NASTY, *(f"Study {i}" for i in range(1, len(studies)))]
    studies = studies.assign(first_author="A. Author", journal="A Journal", doi="10.1000/x(1)", country="")
    step = {
        "id": "smd.t",
        "version": "1",
        "formula": "yi = J d",
        "source": "Hedges (1981)",
        "inputs": {},
        "assumptions": [],
    }
    source = {"file": "effects.csv", "sheet": "", "row": 7, "cells": {"t": "2.5", "n1": "30"}}
    records = {
        (name, effect): {"source": source, "steps": [step], "hash": "0123456789abcdef"}
        for name, frame in effects.items()
        for effect in frame.loc[frame["status"] == "analysed", "effect_id"]
    }
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#888"/></svg>'
    )
    drawings = tuple(Drawing(name, "forest_overall", svg, f"Forest plot of {name}") for name in effects)
    # Too large to be carried as it is, and small when compressed.
    large = svg.replace(b"<rect", b" " * 4_000_000 + b"<rect")
    problem = {"severity": "warning", "file": "effects.csv", "row": 3.0, "column": "t", "value": NASTY}
    return Sources(
        problems=pd.DataFrame([problem | {"problem": "It is odd.", "remedy": "Look it up."}]),
        rows=pd.DataFrame({"effect_id": ids["effect_id"], "fate": "analysed", "reason": ""}),
        studies=studies,
        effects=effects,
        estimates={name: t.estimates for name, t in tables.items()},
        contrasts={name: t.contrasts for name, t in tables.items()},
        sensitivity={name: pd.DataFrame(columns=list(SENSITIVITY)) for name in effects},
        readings={name: pd.DataFrame({"sentence": ["The tests find nothing."]}) for name in effects},
        shares={name: pd.DataFrame({"text": ["No choice matters."]}) for name in effects},
        corrections={name: pd.DataFrame(columns=list(COLUMNS["corrections"])) for name in effects},
        drawings=(*drawings, Drawing("dependent", "funnel", large, "Funnel plot")),
        records=records,
        csv={f"estimates/{name}": t.estimates.to_csv(index=False) for name, t in tables.items()},
    )


@pytest.fixture(scope="session")
def report(settings, sources, tmp_path_factory) -> Path:
    """The page on disk."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(build_page(settings, sources), encoding="utf-8", newline="\n")
    return path


@pytest.fixture(scope="session")
def large_report(settings, tables, tmp_path_factory) -> Path:
    """The page with 500 effects in its first analysis; the tables beside them are those of the small one."""
    path = tmp_path_factory.mktemp("page") / "large.html"
    path.write_text(build_page(settings, _sources(_evidence(LARGE), tables)), encoding="utf-8", newline="\n")
    return path
