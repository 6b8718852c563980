"""Placeholders are replaced by what they name; everything that is wrong is said at once, with the nearest name."""

import pytest
from metacircuit.config import UserError
from metacircuit.report.manuscript.numbers import Number
from metacircuit.report.manuscript.skeleton import Parts, fill

PARTS = Parts(
    numbers={
        "neural.overall.effect": Number("0.31 [0.02, 0.61]"),
        "neural.overall.k": Number("66", 66),
        "neural.disorder.autism.natural": Number(None, None, "1 study; at least 3 are pooled"),
    },
    texts={"methods": "the methods", "results": "all results", "results neural": "neural results"},
    figures=["neural/forest_disorder", "neural/funnel", "pain/forest_overall"],
    tables=["all/summary", "neural/disorder"],
    keys=["page2021"],
    main={"neural/forest_disorder", "pain/forest_overall", "all/summary", "neural/disorder"},
)


def problems(text: str) -> list[str]:
    with pytest.raises(UserError) as error:
        fill(text, PARTS, source="m.md")
    return list(error.value.messages)


def test_numbers_and_constants_are_put_in_their_places():
    document = fill(
        "Effect {{neural.overall.effect}} of {{ neural.overall.k }}, at {{ literal 95 % }}.", PARTS, source="m.md"
    )
    assert document.blocks == [r"Effect 0.31 \[0.02, 0.61\] of 66, at 95 %."]


def test_texts_are_included_by_name_with_and_without_their_ending():
    document = fill(
        "{{ include methods.md }}\n{{ include results.md neural }}\n{{ include results }}", PARTS, source="m.md"
    )
    assert document.blocks == ["the methods", "neural results", "all results"]


def test_figures_are_numbered_as_they_stand_and_references_know_it():
    text = "See {{ ref figure pain/forest_overall }}.\n\n{{ figure neural/funnel }}\n\n{{ figures }}"
    document = fill(text, PARTS, source="m.md")
    assert document.figures == ["neural/funnel", "neural/forest_disorder", "pain/forest_overall"]
    assert document.blocks[0] == "See Figure\u00a03."


def test_a_list_passes_over_what_stands_elsewhere():
    document = fill("{{ tables }}\n\n{{ table all/summary }}", PARTS, source="m.md")
    assert [block for block in document.blocks if isinstance(block, tuple)] == [
        ("table", "neural/disorder"),
        ("table", "all/summary"),
    ]


def test_a_list_of_one_analysis_has_all_of_its_figures():
    assert fill("{{ figures neural }}", PARTS, source="m.md").figures == ["neural/forest_disorder", "neural/funnel"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "In 66 effects",
            ["m.md, line 1: the number 66 is typed by hand", "{{ neural.overall.k }}", "{{ literal 66 }}"],
        ),
        ("{{ neural.overal.k }}", ["no number 'neural.overal.k'", "neural.overall.k"]),
        ("{{ neural.disorder.autism.natural }}", ["has no value now: 1 study; at least 3 are pooled"]),
        ("{{ figure neural/forest_circuit }}", ["no figure 'neural/forest_circuit'", "neural/forest_disorder"]),
        ("{{ include result.md }}", ["no text to include 'result.md'", "results"]),
        ("{{ table neural/x }}", ["no table 'neural/x'", "neural/disorder"]),
        ("see {{ include methods }} here", ["stands on a line of its own"]),
        ("{{ ref figure neural/funnel }}", ["no figure of the manuscript 'neural/funnel'"]),
        ("{{ ref chapter x }}", ["{{ ref figure NAME }}"]),
        ("{{ neural.overall.k", ["is not closed"]),
        ("as [@page2012] says", ["@page2012 is in no bibliography", "@page2021"]),
        ("![x](a.png)", ["pictures come from the results"]),
        ('```{=typst}\n#read("/etc/passwd")\n```', ["raw text for one format"]),
        ("a <b>bold</b> word", ["<b> is HTML or TeX"]),
        (r"a \textbf{x}", [r"\textbf{ is HTML or TeX"]),
        ("---\ntitle: x\n---\n", ["takes its title and authors from `manuscript:`"]),
    ],
)
def test_mistakes_are_named_with_what_is_allowed(text, parts):
    (message,) = problems(text)
    for part in parts:
        assert part in message


def test_all_mistakes_come_at_once_each_with_its_line():
    messages = problems("In 12 and\n{{ nothing }} and\n{{ neural.overall.k }} [@none]\n")
    assert [message.split(":")[0] for message in messages] == ["m.md, line 1", "m.md, line 2", "m.md, line 3"]


@pytest.mark.parametrize("words", ["().__class__", "neural.overall.k.__class__", "7*7", "neural['overall']", "config"])
def test_nothing_is_evaluated(words):
    assert "there is no number" in problems(f"{{{{ {words} }}}}")[-1]
