"""`metacircuit new`: what it makes passes the check, explains itself, and never replaces anything."""

import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from metacircuit.cli.checking import check_review
from metacircuit.cli.new import command
from metacircuit.config import CheckSlice, FitSlice, HarmoniseSlice, UserError, parse_settings
from metacircuit.config.analysis import Measure
from metacircuit.effects.prepare import prepare
from metacircuit.models.analysis import fit_analysis
from metacircuit.sheets.template import as_workbook, layout
from metacircuit.sheets.vocabulary import read_vocabulary

ROOT = Path(__file__).parents[2]
BCG = (
    "--measure", "RR", "--factor", "allocation=random,alternate,systematic", "--moderator", "latitude",
    "--title", 'Vaccine: "BCG" # 1',
)  # fmt: skip
# REML of the two programs stops at slightly different places.
REML = 1e-6


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "Snakefile").touch()
    (tmp_path / "config").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*words, answers=None):
    return CliRunner().invoke(command, list(words), input=answers, catch_exceptions=True)


def settings_of(project, review):
    name = f"config/{review}.yaml"
    return parse_settings((project / name).read_text("utf-8"), source=name)


def check(project, review):
    settings = settings_of(project, review)
    words = {name: read_vocabulary(project / path) for name, path in settings.vocabulary.items()}
    return settings, words, check_review(project / settings.data, CheckSlice.of(settings), words, project)


def files_in(project):
    return {p.relative_to(project).as_posix(): p.read_bytes() for p in project.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("measure", "sheets"), [*((m, "csv") for m in Measure.__args__), ("SMD", "xlsx"), ("RR", "xlsx")]
)
def test_a_new_review_passes_the_check_and_its_example_is_excluded(project, measure, sheets):
    done = new("mine", "--measure", measure, "--sheets", sheets)
    assert done.exit_code == 0, done.output
    settings, _, checked = check(project, "mine")
    assert checked.problems.empty
    assert checked.effects["include"].tolist() == ["no"]
    rows = prepare(checked.studies, checked.effects, HarmoniseSlice.of(settings, "main"))
    assert rows["status"].tolist() == ["excluded"]


def test_the_example_row_is_one_that_would_be_analysed(project):
    for measure in Measure.__args__:
        effects, _ = layout(measure, {})
        cells = dict(zip((c.name for c in effects.columns), effects.example, strict=True))
        (project / "data").mkdir(exist_ok=True)
        included = cells | {"include": "yes", "exclude_reason": ""}
        pd.DataFrame([included]).to_csv(project / "data/effects.csv", index=False)
        raw = f"{{review: x, title: T, summary: S, data: data, analyses: {{main: {{title: A, measure: {measure}}}}}}}"
        settings = parse_settings(raw, source="config/x.yaml")
        checked = check_review(project / "data", CheckSlice.of(settings), {}, project)
        rows = prepare(checked.studies, checked.effects, HarmoniseSlice.of(settings, "main"))
        assert rows["status"].tolist() == ["analysed"], (measure, rows["reason"].tolist())


def test_from_the_table_of_a_paper_to_the_published_result(project):
    assert new("vaccine", *BCG).exit_code == 0
    path = project / "data/vaccine/vaccine.xlsx"
    book = openpyxl.load_workbook(path)
    trials = pd.read_csv(ROOT / "data/bcg/effects.csv").merge(pd.read_csv(ROOT / "data/bcg/studies.csv"), on="study_id")
    for name in ("effects", "studies"):
        page = book[name]
        header = [cell.value for cell in page[1]]
        for row, trial in enumerate(trials.to_dict("records"), start=2):
            for column, title in enumerate(header, start=1):
                page.cell(row, column).value = trial.get(title)
    book.save(path)
    settings, words, checked = check(project, "vaccine")
    assert set(checked.problems["severity"]) <= {"note"}
    rows = prepare(checked.studies, checked.effects, HarmoniseSlice.of(settings, "main"))
    found = fit_analysis(rows, FitSlice.of(settings, "main"), words).estimates.set_index("stratum").loc["overall"]
    # rma(yi, vi, data=escalc("RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg), test="knha"); metafor 3.8.1
    expected = [-0.714532348365, -1.10844372300, -0.320620973730, 0.313243325981]
    assert found[["estimate", "ci_lb", "ci_ub", "tau2"]].tolist() == pytest.approx(expected, abs=REML)


def test_the_workbook_offers_words_and_explains_every_column(project):
    new("vaccine", *BCG)
    book = openpyxl.load_workbook(project / "data/vaccine/vaccine.xlsx")
    assert book.sheetnames == ["effects", "studies", "words", "columns"]
    for name in ("effects", "studies"):
        assert all(cell.comment.text.strip() for cell in book[name][1])
    page = book["effects"]
    letters = {cell.value: cell.column_letter for cell in page[1]}
    lists = {str(v.sqref)[0]: v for v in page.data_validations.dataValidation if v.type == "list"}
    for column, allowed in (("allocation", ["random", "alternate", "systematic"]), ("include", ["yes", "no"])):
        sheet, cells = lists[letters[column]].formula1.lstrip("=").replace("$", "").split("!")
        assert [row[0].value for row in book[sheet][cells]] == allowed


def test_a_vocabulary_of_the_project_gives_its_words(project):
    (project / "config/words.csv").write_text("id,label\nb,Beta\na,Alpha\n", encoding="utf-8")
    assert new("mine", "--factor", "setting=config/words.csv").exit_code == 0
    settings, words, checked = check(project, "mine")
    assert settings.vocabulary == {"setting": "config/words.csv"}
    assert words["setting"]["id"].tolist() == ["b", "a"]
    assert checked.effects["setting"].tolist() == ["b"]


def test_a_title_is_only_a_title(project):
    new("vaccine", *BCG)
    assert settings_of(project, "vaccine").title == 'Vaccine: "BCG" # 1'


def test_nothing_is_overwritten(project):
    assert new("mine").exit_code == 0
    before = files_in(project)
    again = new("mine", "--measure", "OR")
    assert isinstance(again.exception, UserError)
    assert all(path in str(again.exception) for path in ("config/mine.yaml", "data/mine"))
    assert files_in(project) == before


def test_a_folder_that_is_there_is_left_alone(project):
    (project / "data/mine").mkdir(parents=True)
    (project / "data/mine/effects.csv").write_text("mine")
    assert isinstance(new("mine").exception, UserError)
    assert set(files_in(project)) == {"Snakefile", "data/mine/effects.csv"}


@pytest.mark.parametrize("name", ["My Review!", "../up", "a/b", "-x", "", "a" * 61, "Ünïcode", "con\0"])
def test_names_that_cannot_be_a_folder_are_refused(project, name):
    done = new("--", name)
    assert isinstance(done.exception, UserError)
    assert "small letters" in str(done.exception)
    assert set(files_in(project)) == {"Snakefile"}


def test_a_near_name_is_offered(project):
    assert "metacircuit new my-review" in str(new("My Review!").exception)


def test_every_mistake_is_told_at_once_and_nothing_is_made(project):
    wrong = ("--measure", "XX", "--factor", "n1", "--factor", "a b", "--factor", "s=x,x", "--factor", "place=no.csv",
             "--factor", "u=../x.csv", "--moderator", "9", "--factor", "v", "--moderator", "v")  # fmt: skip
    messages = new("mine", *wrong).exception.messages
    for word in ("XX", "n1", "'a b'", "s: a word stands twice", "no.csv", "../x.csv", "9", "v is given twice"):
        assert any(word in message for message in messages), word
    assert set(files_in(project)) == {"Snakefile"}


def test_it_asks_for_what_is_not_given(project):
    done = new("mine", "--ask", "--measure", "rr", answers="Knees\nsetting=home,ward\nage\ncsv\n")
    assert done.exit_code == 0, done.output
    settings, _, checked = check(project, "mine")
    main = settings.analyses["main"]
    assert (settings.title, main.measure, main.groupings, main.figures.moderators) == (
        "Knees",
        "RR",
        ("setting",),
        ("age",),
    )
    assert checked.effects["setting"].tolist() == ["home"]


def test_it_says_what_to_do_next(project):
    said = new("mine").output
    assert all(words in said for words in ("data/mine/mine.xlsx", "metacircuit check mine", "metacircuit run mine"))


def test_the_same_template_is_the_same_bytes():
    first, second = (as_workbook(layout("RR", {"a": ["x"]}), {"a": {"x": "X"}}) for _ in range(2))
    assert first == second
    assert openpyxl.load_workbook(io.BytesIO(first))
