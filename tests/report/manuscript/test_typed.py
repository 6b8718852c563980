"""A skeleton may hold no number that was typed by hand."""

import pytest
from metacircuit.report.manuscript.numbers import Number
from metacircuit.report.manuscript.typed import Typed, nearest_number, typed_numbers


def found(text: str) -> list[str]:
    return [typed.text for typed in typed_numbers(text)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("The mean was 0.31.", ["0.31"]),
        ("from −0.5 to 1,234 people", ["−0.5", "1,234"]),
        ("in 37.3% of them", ["37.3%"]),
        ("p < .05", [".05"]),
        ("p=0.05, n=30", ["0.05", "30"]),
        ("In 2020 the", ["2020"]),
        ("half (½) of them", ["½"]),
        ("a 3-month follow-up, 5-HT", ["3", "5"]),
        ("共33项研究", ["33"]),
        ("３ studies", ["３"]),
        ("three studies and two trials", ["three", "two"]),
        ("| 0.4 | x |", ["0.4"]),
        ("```\n12\n```", ["12"]),
        ("[0.31, see @Li2020]", ["0.31"]),
    ],
)
def test_numbers_are_found_wherever_a_reader_would_see_them(text, numbers):
    assert found(text) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "{{ neural.overall.natural }} and {{ literal 95 }}%",
        "as [@Li2020, pp. 12-14; @page2021] and @Li2020 say",
        "see https://doi.org/10.1000/182 or doi:10.1000/182 or [here](https://a.b/c3)",
        "DSM-5-TR, ICD-11, COVID-19, CR2, H2O and MeCP2",
        "## 2.1 Search strategy\n1. first\n2) second",
        "# Heading {#sec-2 .unnumbered}",
        "a note[^1]",
        "<!-- 12 studies\n34 of them -->text",
        "the four circuits, one of them",
    ],
)
def test_names_and_marks_are_no_numbers(text):
    assert found(text) == []


def test_lines_are_counted_across_comments():
    (typed,) = typed_numbers("a\n<!-- 1\n2 -->\nb 3\n")
    assert (typed.line, typed.text) == (4, "3")


def test_the_nearest_name_is_that_of_the_same_text_in_the_words_of_the_line():
    numbers = {
        "neural.overall.natural": Number("0.31", 0.3127),
        "treatment.overall.natural": Number("0.31", 0.3089),
        "treatment.overall.k": Number("22", 22),
    }
    assert nearest_number(Typed(1, "0.31", "The treatment gave 0.31"), numbers) == "treatment.overall.natural"
    assert nearest_number(Typed(1, "21", "21 effects"), numbers) == "treatment.overall.k"
    assert nearest_number(Typed(1, "21", "21 effects"), {}) == ""
