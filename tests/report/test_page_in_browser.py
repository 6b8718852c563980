"""The page as readers meet it, in a real browser."""

import csv
import io
import json
import re

import pytest
from metacircuit.models.pooling.choose import recipe_for

# What the page promises.
AGREE = 1e-6
# Seconds of the browser's own work until the page can be used: others on this machine do not count.
OPENS_IN = 2.0
FIELDS = ("estimate", "se", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2")


def explorer(page, analysis):
    return page.locator(f".explorer[data-analysis={analysis}]")


def pooled_in(page, analysis):
    """The estimate that an explorer shows, in full."""
    explorer(page, analysis).scroll_into_view_if_needed()
    page.wait_for_selector(f".explorer[data-analysis={analysis}][data-pooled] .plot[data-ready=yes]")
    return json.loads(explorer(page, analysis).get_attribute("data-pooled"))


def choose(page, analysis, column, *labels):
    """Tick words of a column, as a reader does."""
    box = explorer(page, analysis).locator("details.list").filter(has=page.locator("legend", has_text=column))
    box.locator("summary").click()
    for label in labels:
        box.get_by_label(label, exact=False).check()
    page.keyboard.press("Escape")


@pytest.fixture(scope="module")
def once(open_page, report):
    """The page, opened once for all tests that only use it."""
    return open_page(report)


@pytest.fixture
def whole(once):
    """The page as it was when it was opened: nothing chosen, nothing open."""
    once.page.evaluate("document.querySelectorAll('.explorer details[open]').forEach((e) => (e.open = false))")
    for button in once.page.get_by_role("button", name="Show all").all():
        if button.is_enabled():
            button.click()
    for order in once.page.get_by_label("Order by").all():
        order.select_option("study")
    once.page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    return once


def python_estimate(settings, name, rows):
    analysis, model = settings.analyses[name], settings.model_of(name)
    recipe = recipe_for(rows, analysis.measure, model).without_intervals_of_components()
    return recipe.pool(recipe.rows(rows).reset_index(drop=True), model)


def agree(found, want):
    for field in FIELDS:
        assert found[field] == pytest.approx(getattr(want, field), rel=AGREE, abs=AGREE), field


def test_500_effects_open_quickly_without_a_word_and_without_a_network(opened, large_report):
    assert large_report.stat().st_size < 6_000_000
    found = opened(large_report, wait=False)
    session = found.page.context.new_cdp_session(found.page)
    found.page.wait_for_selector("html[data-ready=yes]")
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    spent = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    assert spent["TaskDuration"] < OPENS_IN
    for name in ("dependent", "independent", "prevalence"):
        assert pooled_in(found.page, name)["status"] == "ok"
    assert found.said == []
    assert [url for url in found.asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_all_rows_give_the_pipelines_estimate(whole, settings, sources):
    for name in ("independent", "prevalence"):
        row = sources.estimates[name].iloc[0]
        found = pooled_in(whole.page, name)
        for field in FIELDS:
            assert found[field] == pytest.approx(row[field], rel=AGREE, abs=AGREE), (name, field)


def test_filters_recalculate_what_python_computes(whole, settings, effects):
    page, rows = whole.page, effects["dependent"]
    agree(pooled_in(page, "dependent"), python_estimate(settings, "dependent", rows))
    choose(page, "dependent", "Disorder", "Borderline")
    one = rows[rows["disorder"] == "borderline"]
    agree(pooled_in(page, "dependent"), python_estimate(settings, "dependent", one))
    choose(page, "dependent", "Circuit", "Pain", "Reward")
    two = one[one["circuit"].isin(["pain", "reward"])]
    agree(pooled_in(page, "dependent"), python_estimate(settings, "dependent", two))
    assert f"Shown: {len(two)} effects" in explorer(page, "dependent").locator(".result").inner_text()
    assert len(page.evaluate("document.querySelector('[data-analysis=dependent] .plot').data[0].x")) == len(two)
    explorer(page, "dependent").get_by_role("button", name="Show all").click()
    choose(page, "dependent", "Disorder", "Rare")
    want = python_estimate(settings, "dependent", rows[rows["disorder"] == "rare"])
    assert "bootstrap" in want.note
    agree(pooled_in(page, "dependent"), want)
    choose(page, "independent", "Disorder", "Anxiety", "Depression")
    few = effects["independent"][effects["independent"]["disorder"] != "borderline"]
    agree(pooled_in(page, "independent"), python_estimate(settings, "independent", few))
    choose(page, "prevalence", "Modality", "Eeg")
    eeg = effects["prevalence"][effects["prevalence"]["modality"] == "eeg"]
    agree(pooled_in(page, "prevalence"), python_estimate(settings, "prevalence", eeg))


def test_years_and_search_filter_and_the_order_changes(whole, settings, sources, effects):
    page = whole.page
    box, rows = explorer(page, "independent"), effects["independent"]
    years = rows["study_id"].map(sources.studies.set_index("study_id")["year"])
    pooled_in(page, "independent")
    box.get_by_label("Year from").fill("2000")
    agree(pooled_in(page, "independent"), python_estimate(settings, "independent", rows[years >= 2000]))
    box.get_by_label("Year from").fill("")
    box.get_by_label("Order by").select_option("size")
    x = page.evaluate("document.querySelector('[data-analysis=independent] .plot').data[0].x")
    assert x == sorted(x, reverse=True)
    box.get_by_label("Search").fill("I003")
    assert pooled_in(page, "independent")["status"] == "too_few"
    assert "1 study; at least 3 are pooled" in box.locator(".result").inner_text()
    box.get_by_label("Search").fill("no such study")
    assert "No row passes these filters." in box.locator(".plot").inner_text()


def test_a_model_that_the_page_does_not_compute_is_named(whole):
    box = explorer(whole.page, "bounded")
    box.scroll_into_view_if_needed()
    box.locator(".plot[data-ready=yes]").wait_for()
    assert "not recalculated here: bounds enter its likelihood" in box.locator(".result").inner_text()


def test_a_cell_of_the_map_filters_and_lets_go(whole, settings, effects):
    page, rows = whole.page, effects["dependent"]
    box = explorer(page, "dependent")
    box.get_by_text("Evidence map").click()
    cell = box.get_by_role("button", name=re.compile("^Anxiety, Pain:"))
    cell.click()
    part = rows[(rows["disorder"] == "anxiety") & (rows["circuit"] == "pain")]
    want = python_estimate(settings, "dependent", part)
    agree(pooled_in(page, "dependent"), want)
    assert cell.get_attribute("aria-pressed") == "true"
    assert f"{want.estimate:.2f}" in cell.inner_text()
    cell.click()
    assert pooled_in(page, "dependent")["k"] == len(rows)


def test_pointer_and_keys_tell_where_a_number_comes_from(whole, effects):
    page = whole.page
    pooled_in(page, "independent")
    box = explorer(page, "independent")
    marks = box.locator(".scatterlayer .trace").first.locator(".point")
    middle = marks.nth(4).bounding_box()
    page.mouse.move(middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)
    label = box.locator(".hoverlayer .hovertext")
    label.wait_for()
    assert "effects.csv, row 7 (table 2)" in label.text_content()
    story = box.locator(".story").inner_text()
    for part in (
        "I004.1",
        "effects.csv, row 7",
        "t = 2.5; n1 = 30",
        "smd.t: yi = J d",
        "Hedges (1981)",
        "0123456789abcdef",
    ):
        assert part in story
    assert box.locator(".story a").get_attribute("href") == "https://doi.org/10.1000/x(1)"
    box.locator(".forest").focus()
    page.keyboard.press("Home")
    assert "I000.1" in box.locator(".story").inner_text()
    page.keyboard.press("ArrowDown")
    assert "I001.1" in box.locator(".story").inner_text()
    page.keyboard.press("End")
    assert "I029.1" in box.locator(".story").inner_text()
    assert box.locator(".forest").evaluate("e => e.scrollTop") > 0


def test_everything_can_be_reached_by_keyboard(whole):
    page = whole.page
    summary = explorer(page, "independent").locator("details.list summary").first
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert pooled_in(page, "independent")["k"] < 30
    page.keyboard.press("Escape")
    assert summary.evaluate("e => e === document.activeElement && !e.parentElement.open")


def test_text_from_the_data_is_text(whole, opened, report):
    page = whole.page
    explorer(page, "dependent").get_by_label("Search").fill("D000")
    pooled_in(page, "dependent")
    explorer(page, "dependent").locator(".forest").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert "<script>window.hacked = 1</script>" in explorer(page, "dependent").locator(".story").inner_text()
    assert "<script>" in explorer(page, "dependent").locator(".labels").inner_text()
    assert "<script>" in page.title()
    assert "<script>window.hacked = 1</script>" in page.locator("#problems td").nth(2).text_content()
    assert page.evaluate("window.hacked === undefined")
    assert page.locator("img[src=x]").count() == 0
    # And were a script to slip through, the page's policy would not let it run.
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.hacked = 1'}))")
    assert page.evaluate("window.hacked === undefined")


def downloaded(page, press) -> list[dict[str, str]]:
    with page.expect_download() as waiting:
        press()
    text = waiting.value.path().read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_tables_sort_and_download(whole, sources):
    page = whole.page
    table = page.locator("table[data-csv='estimates/independent']")
    rows = downloaded(page, lambda: page.locator("#independent .below button").nth(1).click())
    assert [row["stratum"] for row in rows] == sources.estimates["independent"]["stratum"].tolist()
    assert float(rows[0]["estimate"]) == sources.estimates["independent"]["estimate"].iloc[0]
    for way, sign in (("ascending", 1), ("descending", -1)):
        heading = table.get_by_role("button", name="Effects")
        heading.click()
        assert table.locator("th").nth(2).get_attribute("aria-sort") == way
        counts = [
            int(t) for t in table.locator("tbody").nth(1).locator("tr:not(.grouping) td:nth-child(3)").all_inner_texts()
        ]
        assert counts == sorted(counts, key=lambda n: sign * n)
    choose(page, "independent", "Disorder", "Anxiety")
    shown = downloaded(page, lambda: page.get_by_role("button", name="Download the rows shown").nth(1).click())
    assert len(shown) == pooled_in(page, "independent")["k"]
    assert {row["disorder"] for row in shown} == {"anxiety"}


def test_print_shows_the_static_figures(whole, sources, tmp_path):
    page = whole.page
    assert not page.locator("#independent .figures img").first.is_visible()
    page.emulate_media(media="print")
    assert page.locator("#independent .figures img").first.is_visible()
    assert not explorer(page, "independent").is_visible()
    page.emulate_media(media="null")
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    from pypdf import PdfReader

    text = " ".join(p.extract_text() for p in PdfReader(tmp_path / "page.pdf").pages)
    assert "One effect a study" in text
    assert "Show all" not in text


def test_packed_figures_are_shown(whole):
    page = whole.page
    page.get_by_role("button", name="Figures of influence").first.click()
    picture = page.get_by_alt_text("Funnel plot")
    assert picture.is_visible()
    assert picture.evaluate("e => [e.complete, e.naturalWidth > 0]") == [True, True]
    page.get_by_role("button", name="Figures of influence").first.click()


def test_it_fits_a_narrow_screen(opened, report):
    found = opened(report, viewport={"width": 400, "height": 800})
    assert pooled_in(found.page, "independent")["status"] == "ok"
    explorer(found.page, "dependent").get_by_text("Evidence map").click()
    choose(found.page, "independent", "Disorder", "Anxiety")
    assert found.page.evaluate("document.documentElement.scrollWidth") <= 400
    width = explorer(found.page, "independent").locator(".plot .main-svg").first.bounding_box()["width"]
    assert 200 < width < 400
    assert found.said == []


def test_dark_mode_and_reduced_motion_are_respected(opened, report):
    found = opened(report, color_scheme="dark", reduced_motion="reduce")
    pooled_in(found.page, "independent")
    text = explorer(found.page, "independent").locator(".xtick text").first
    assert text.evaluate("e => getComputedStyle(e).fill") == "rgb(231, 234, 238)"
    assert found.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    found.page.emulate_media(color_scheme="light")
    dark = "rgb(26, 29, 33)"
    explorer(found.page, "independent").locator(f".xtick text[style*='{dark}']").first.wait_for()


def test_without_scripts_everything_but_the_explorer_is_there(opened, report):
    page = opened(report, wait=False, java_script_enabled=False).page
    page.keyboard.press("Tab")
    assert page.locator(".skip:focus").count() == 1
    assert page.locator("#independent .figures img").first.is_visible()
    assert page.locator("table[data-csv='estimates/independent']").is_visible()
    assert not page.locator(".explorer").first.is_visible()
