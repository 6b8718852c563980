"""The pipeline as a user runs it: the shipped review, again, edited, and with mistakes in the sheet."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

REFERENCE = Path(__file__).parents[1] / "reference"
# R's optimisers, lme4's above all, stop this near to the optimum.
R_STOPS_SHORT = 2e-4


def rows_of(project, name: str) -> pd.DataFrame:
    return pd.read_csv(project / "results/nssi" / name)


def replace_in(path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_every_row_of_the_sheet_is_accounted_for(shipped):
    sheet = pd.read_csv(shipped / "data/nssi/effects.csv", dtype=str)
    rows = rows_of(shipped, "tables/rows.csv")
    assert sorted(rows["effect_id"]) == sorted(sheet["effect_id"])
    counts = json.loads((shipped / "results/nssi/numbers.json").read_text("utf-8"))["rows"]
    assert counts["read"] == len(sheet) == counts["analysed"] + counts["excluded"] + counts["problem"]
    left_out = sheet.loc[sheet["include"] == "no", "effect_id"]
    assert set(rows.set_index("effect_id").loc[left_out, "fate"]) == {"excluded"}


def test_all_five_analyses_are_pooled(shipped):
    for name in ("neural", "psychosocial", "severity", "prevalence", "treatment"):
        overall = rows_of(shipped, f"estimates/{name}.csv").iloc[0]
        assert (overall["grouping"], overall["status"]) == ("overall", "ok")
        assert overall["ci_lb"] < overall["estimate"] < overall["ci_ub"]
        assert overall["pi_lb"] <= overall["ci_lb"]


def test_bounds_are_kept_and_left_out_of_the_estimate(shipped):
    effects, overall = rows_of(shipped, "effects/neural.csv"), rows_of(shipped, "estimates/neural.csv").iloc[0]
    bounds = effects[effects["status"] == "bound"]
    assert len(bounds) > 10
    assert bounds["yi"].isna().all()
    assert bounds[["lower", "upper"]].notna().any(axis=1).mean() > 0.5
    assert overall["k"] == (effects["status"] == "analysed").sum()


def test_the_report_is_one_file_with_the_limits_first(shipped):
    page = (shipped / "results/nssi/report.html").read_text("utf-8")
    assert page.index("No conclusion for practice can rest on it.") < page.index("rows read")
    assert not re.search(r"""(src|href)=["']https?://""", page)
    assert page.count("<img") == len(list((shipped / "results/nssi/figures").rglob("*.svg")))
    assert all(alt.strip() for alt in re.findall(r'alt="([^"]*)"', page))


def test_a_second_run_finds_nothing_to_do(shipped, run_in):
    done = run_in(shipped, "run", "nssi")
    assert done.returncode == 0
    assert "nothing to do" in done.stdout


def test_two_clean_runs_give_the_same_bytes(shipped, project, run_in):
    """Two analyses, from the sheet to the figures; logs and benchmarks are not results."""
    targets = ("figures/treatment/forest_disorder.pdf", "figures/prevalence/forest_disorder.svg", "tables/rows.csv")
    assert run_in(project, "run", "nssi", *(f"results/nssi/{name}" for name in targets)).returncode == 0

    def outputs(of):
        root = of / "results/nssi"
        files = (p for p in root.rglob("*") if p.is_file())
        return {p.relative_to(root).as_posix(): p.read_bytes() for p in files}

    first, second = outputs(shipped), outputs(project)
    made = [name for name in second if not name.startswith(("logs/", "benchmarks/"))]
    assert len(made) > 30
    assert [name for name in made if first[name] != second[name]] == []


def test_an_edited_analysis_is_redone_and_no_other(shipped, run_in):
    config = shipped / "config/nssi.yaml"
    before = config.read_text("utf-8")
    replace_in(config, "groupings: [treatment_kind, disorder]", "groupings: [treatment_kind]")
    try:
        done = run_in(shipped, "run", "nssi", "--dry-run")
    finally:
        config.write_text(before, "utf-8")
    assert done.returncode == 0, done.stderr
    assert set(re.findall(r"Pooling (\w+)", done.stderr)) == {"treatment"}
    assert "Checking the sheets" not in done.stderr


@pytest.mark.parametrize(
    ("sheet", "old", "new", "code"),
    [
        ("effects.csv", "Gardner2021.1,Gardner2021,", "Gardner2021.1,Gardener2021,", "unknown-study"),
        ("effects.csv", "function,none,function:intrapersonal", "function,nine,function:intrapersonal", "unknown-word"),
    ],
)
def test_an_error_in_the_sheet_stops_the_run_with_the_list(project, sheet, old, new, code, run_in):
    replace_in(project / "data/nssi" / sheet, old, new)
    done = run_in(project, "run", "nssi")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "results/nssi/problems.csv" in done.stderr
    assert code in done.stderr
    problems = rows_of(project, "problems.csv")
    assert code in set(problems.loc[problems["severity"] == "error", "code"])
    assert not list((project / "results/nssi").glob("estimates/*"))


@pytest.mark.parametrize(
    ("words", "code", "parts"),
    [
        (["run", "nsi"], 1, ["There is no review `nsi`", "Did you mean `nssi`?"]),
        (["check", "nsi"], 1, ["Did you mean `nssi`?"]),
        (["rum"], 2, ["No such command"]),
        (["run", "nssi", "--cores", "0"], 2, ["--cores"]),
    ],
)
def test_a_wrong_call_is_a_message_and_an_exit_code(project, words, code, parts, run_in):
    done = run_in(project, *words)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr


def test_outside_a_project_the_command_says_where_to_go(tmp_path, run_in):
    done = run_in(tmp_path, "run")
    assert done.returncode == 1
    assert "is not inside a metacircuit project" in done.stderr


def test_a_mistake_in_the_config_is_named(project, run_in):
    replace_in(project / "config/nssi.yaml", "measure: PLO", "measur: PLO")
    done = run_in(project, "run")
    assert done.returncode == 1
    assert "config/nssi.yaml: analyses.prevalence.measur: there is no such key. Did you mean `measure`?" in done.stderr


def test_words_in_braces_stay_words(project, run_in):
    config = project / "config/nssi.yaml"
    text = config.read_text("utf-8").replace("title: Neural and", "title: Neural {n1} and")
    look = 'figures: {forest: {left: [{text: "{n1}/{n2}", heading: n}]}}'
    config.write_text(f"{text}\n{look}\n", "utf-8")
    done = run_in(project, "run", "nssi", "--dry-run")
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_lists_problems_without_running(project, run_in):
    done = run_in(project, "check", "nssi")
    assert done.returncode == 0, done.stderr
    assert "481 rows read from data/nssi" in done.stdout
    assert not (project / "results/nssi/report.html").exists()


def test_a_wrong_route_in_the_config_is_named(project, run_in):
    replace_in(project / "config/nssi.yaml", "measure: PLO", "measure: PLO\n    routes: [plo.count]")
    done = run_in(project, "check")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "analyses.prevalence" in done.stderr
    assert "plo.counts" in done.stderr


def test_the_story_of_one_number_is_told(shipped, run_in):
    done = run_in(shipped, "explain", "nssi", "Meyer2016.1")
    assert done.returncode == 0
    assert "effects.csv, row" in done.stdout
    assert "yi =" in done.stdout
    assert "Hedges" in done.stdout
    assert 3 < len(done.stdout.splitlines()) < 20
    wrong = run_in(shipped, "explain", "nssi", "Meyer2016.9")
    assert wrong.returncode == 1
    assert "Near it: Meyer2016.1" in wrong.stderr


def test_the_five_analyses_are_what_metafor_gives_on_the_same_effects(shipped):
    """tests/reference/nssi_shipped.R, run on results/nssi/effects."""
    reference = json.loads((REFERENCE / "nssi_shipped.json").read_text("utf-8"))["expected"]
    assert sorted(reference) == ["neural", "prevalence", "psychosocial", "severity", "treatment"]
    for name, want in reference.items():
        row = rows_of(shipped, f"estimates/{name}.csv").iloc[0]
        assert row["k"] == want["k"]
        for column, value in want.items():
            assert row[column] == pytest.approx(value, rel=R_STOPS_SHORT, abs=1e-7), (name, column)
