"""Printed numbers: what they are, and how exact they are printed."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metacircuit.sheets.parse import decimal_mark, read_numbers, split_inequality


def one(word, **how):
    read = read_numbers([word], **how)
    return read.numbers[0], read.halves[0], read.odd.get(0)


@pytest.mark.parametrize(
    ("word", "number", "half"),
    [("0.35", 0.35, 0.005), (".05", 0.05, 0.005), ("12", 12, 0.5), ("5.", 5, 0.5), ("-2.30", -2.3, 0.005),
     ("+1", 1, 0.5), ("1.2e-05", 1.2e-5, 5e-7), ("−2.30", -2.3, 0.005), (" 0.1\u00a0", 0.1, 0.05),
     ("– 1.5", -1.5, 0.05)],
)  # fmt: skip
def test_plain_numbers(word, number, half):
    value, unit, odd = one(word)
    assert value == number
    assert unit == pytest.approx(half, rel=1e-12)
    assert odd is None


@pytest.mark.parametrize(
    ("word", "decimal", "whole", "number", "code"),
    [
        ("1,234", ".", True, 1234, "rewritten-number"), ("1.234", ",", True, 1234, "rewritten-number"),
        ("1,234", ".", False, None, "ambiguous-number"), ("1.234", ",", False, None, "ambiguous-number"),
        ("1,234", ",", False, 1.234, None), ("1.234", ".", False, 1.234, None),
        ("0,05", ".", False, 0.05, "rewritten-number"), ("0.05", ",", False, 0.05, "rewritten-number"),
        ("1,234,567", ".", False, 1234567, "rewritten-number"), ("1.234,5", ".", False, 1234.5, "rewritten-number"),
        ("12 345", ".", True, 12345, "rewritten-number"), ("12’345.5", ".", False, 12345.5, "rewritten-number"),
        ("１２", ".", True, 12, "rewritten-number"), ("৩.৫", ".", False, 3.5, "rewritten-number"),
        ("10²", ".", False, None, "not-a-number"), ("0x1F", ".", False, None, "not-a-number"),
        ("1_000", ".", False, None, "not-a-number"), ("nan", ".", False, None, "no-value-word"),
        ("9" * 1000, ".", False, None, "not-a-number"),
    ],
)  # fmt: skip
def test_separators_and_digits(word, decimal, whole, number, code):
    value, _, odd = one(word, decimal=decimal, whole=whole)
    assert (odd.code.slug if odd else None) == code
    assert math.isnan(value) if number is None else value == number


@given(st.decimals(-10_000, 10_000, places=3))
@settings(deadline=None)
def test_a_decimal_comma_is_a_decimal_point(number):
    text = f"{number:.3f}"
    assert one(text.replace(".", ","), decimal=",")[0] == one(text)[0] == float(text)


@given(st.lists(st.text(max_size=80)), st.sampled_from([".", ","]), st.booleans())
@settings(deadline=None)
def test_any_text_is_read_or_explained(words, decimal, whole):
    read = read_numbers(words, decimal=decimal, whole=whole)
    for i, word in enumerate(words):
        assert not math.isinf(read.numbers[i])
        assert math.isfinite(read.numbers[i]) or not word.strip() or read.odd[i].problem
    decimal_mark(words, ";")


@pytest.mark.parametrize(
    ("words", "delimiter", "mark"),
    [(["0,5", "1,25"], ",", ","), (["0.5", "1,250"], ",", "."), (["1,250"], ",", "."), (["1,250"], ";", ","),
     (["12"], ";", "."), ([], ";", "."), (["0,123"], ",", ",")],
)  # fmt: skip
def test_the_decimal_mark_of_a_sheet(words, delimiter, mark):
    assert decimal_mark(words, delimiter) == mark


@pytest.mark.parametrize(
    ("word", "parts"),
    [("<.001", ("<", ".001")), ("p ≤ 0.05", ("<=", "0.05")), ("P=.03", ("=", ".03")), ("0.03", None), ("p", None)],
)
def test_inequalities_are_cut(word, parts):
    assert split_inequality(word) == parts
