"""The benchmarks run, and their pages are complete; what they measure is not tested."""

import importlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

# Standard errors of a mean that chance does not reach.
FAR = 4
# Tables of benchmarks have four digits.
WRITTEN = 1e-3
BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
OWN_JOBS = {
    "che",
    "reml_many",
    "dl_many",
    "pm_many",
    "reml",
    "smd",
    "influence",
    "gosh_reml",
    "gosh_dl",
    "permutation",
    "without_study",
    "without_study_v",
}
# R takes seconds to start and need not be there.
PEERS = {"PyMARE", "statsmodels"}


def run(script: str, *options: str) -> None:
    command = [sys.executable, str(BENCHMARKS / script), "--quick", *options]
    one_thread = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=one_thread)
    assert done.returncode == 0, done.stderr


def rows(page: str, section: str) -> list[list[str]]:
    """Cells of the first table after a heading or sentence."""
    lines = page[page.index(section) :].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| ---"))
    cells = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        cells.append([cell.strip() for cell in line.strip("|").split("|")])
    return cells


@pytest.fixture(scope="module")
def speed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("speed")
    page, table = folder / "page.md", folder / "results.csv"
    run("speed.py", "--beside", *sorted(PEERS), "--page", str(page), "--csv", str(table))
    return pd.read_csv(table), page.read_text("utf-8")


def test_every_job_of_metacircuit_is_measured(speed):
    own = speed[0].query("tool == 'metacircuit'")
    assert set(own.job) == OWN_JOBS
    assert (own.status == "measured").all()
    assert (own[["cpu_seconds", "wall_seconds"]] > 0).all(axis=None)


def test_every_other_tool_has_a_figure_or_a_reason(speed):
    frame, page = speed
    peers = frame[frame.tool != "metacircuit"]
    assert set(peers.tool) == PEERS
    measured = peers.status == "measured"
    assert peers[measured].cpu_ratio.gt(0).all()
    assert peers[~measured].status.str.contains("not installed").all()
    assert peers[~measured].cpu_seconds.isna().all()
    assert len(rows(page, "## Beside other tools")) == len(peers)


def test_the_page_has_all_rows_and_names_no_place(speed):
    frame, page = speed
    assert len(rows(page, "## metacircuit at every size")) == (frame.tool == "metacircuit").sum()
    assert len(rows(page, "## What the design allows")) == frame.goal_seconds.notna().sum()
    assert str(BENCHMARKS.parent) not in page
    assert str(Path.home()) not in page


def test_coverage_has_a_row_for_each_scenario_and_comes_out_the_same_again(tmp_path):
    for name in ("first.md", "again.md"):
        run("coverage.py", "--page", str(tmp_path / name))
    page = (tmp_path / "first.md").read_text("utf-8")
    assert page == (tmp_path / "again.md").read_text("utf-8")
    coverages, forms = rows(page, "With ten studies"), rows(page, "Coverages have")
    assert [r[:5] for r in coverages] == [r[:5] for r in forms]
    assert {r[0] for r in coverages} == {"5", "10", "20", "40"}
    assert {r[2] for r in coverages if r[0] == "10"} == {"0.2", "0.6", "0.8"}
    assert all("±" in cell for r in coverages for cell in r[6:])


def test_selection_has_all_models_in_each_scenario_and_comes_out_the_same_again(tmp_path, monkeypatch):
    page, table = tmp_path / "page.md", tmp_path / "table.csv"
    run("selection.py", "--small", "--workers", "2", "--page", str(page), "--csv", str(table))
    frame = pd.read_csv(table)
    models = frame.groupby("kind").method.unique().map(set).to_dict()
    assert models["independent"] == {"REML + KnHa", "3PSM"}
    resampled = {f"3PSM, {how}" for how in ("model-based", "cluster-robust", "cluster bootstrap")}
    assert models["dependent"] == {"CHE + CR2", *resampled}
    text = page.read_text("utf-8")
    assert len(rows(text, "## Independent")) == (frame.kind == "independent").sum()
    assert len(rows(text, "## Dependent")) == (frame.kind == "dependent").sum()
    # The same scenario by itself, in this process.
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    selection = importlib.import_module("selection")
    scenario = replace(selection.SCENARIOS[-1], replicates=2, bootstrapped=2)
    ((_, found),) = selection.simulate([scenario], workers=1)
    again = selection.summary(scenario, found)
    last = frame.tail(len(again))
    assert last.method.tolist() == again.method.tolist()
    for column in ("bias", "sd", "median_se", "delta_median"):
        assert last[column].to_numpy() == pytest.approx(again[column].to_numpy(), rel=WRITTEN, nan_ok=True)


def test_published_literatures_have_the_truth_they_say(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    publication = importlib.import_module("publication")
    # Without selection a literature is a sample of its model; with it, the missing effects are those not significant.
    for dependent in (False, True):
        scenario = publication.Literature(4000, 0.3, 0.04, 0.01 * dependent, 0.6 * dependent, 1.0, dependent)
        everything = publication.literature(scenario, 0)
        assert len(set(everything.study)) == 4000
        assert everything.y.mean() == pytest.approx(0.3, abs=FAR * (everything.y.var() / 4000) ** 0.5)
        assert everything.y.var() == pytest.approx(scenario.total_tau2 + everything.v.mean(), rel=0.1)
        published = publication.literature(replace(scenario, published=0.2), 0)
        counts = [(review.y > 1.959964 * review.v**0.5).mean() for review in (everything, published)]
        assert counts[1] == pytest.approx(counts[0] / (counts[0] + 0.2 * (1 - counts[0])), abs=0.03)
