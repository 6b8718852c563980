"""escalc against metafor 5.1, its ways to take numbers, and what it says about wrong ones."""

import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from metacircuit.effects.escalc import escalc
from metacircuit.effects.measures.catalogue import MEASURES
from metacircuit.effects.measures.problems import (
    EscalcError,
    EscalcWarning,
    MissingInputWarning,
    ReplacedColumnWarning,
    ZeroVarianceWarning,
)

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "escalc.json").read_text(encoding="utf-8"))["cases"]
# Closed forms; the file holds 15 digits.
CLOSED_FORM = 1e-10
# The variance of RTET is R's second difference: rounding errors of 1e-14 divided by 4e-6.
SECOND_DIFFERENCE = 1e-8
# RTET with an empty cell: metafor prints the rounding error of a curvature that is zero (5.6e7, and 0.15 for a table
# of 13); no variance exists, and none is given.
NO_CURVATURE = {"RTET": [5, 6]}


def _array(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _name(case):
    return " ".join([case["measure"], *map(str, dict(case["options"]).items()), *case["data"]])


def test_all_reference_cases_are_there():
    assert len(REFERENCE) == 67


@pytest.mark.parametrize("case", REFERENCE, ids=_name)
def test_agrees_with_metafor(case):
    data = {name: _array(values) for name, values in case["data"].items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EscalcWarning)
        got = escalc(case["measure"], **data, **dict(case["options"]))
    expected = _array(case["vi"])
    expected[NO_CURVATURE.get(case["measure"], [])] = np.nan
    iterative = case["measure"] == "RTET"
    np.testing.assert_allclose(got["yi"], _array(case["yi"]), rtol=CLOSED_FORM, atol=1e-14)
    np.testing.assert_allclose(got["vi"], expected, rtol=SECOND_DIFFERENCE if iterative else CLOSED_FORM)


def test_every_code_of_the_standard_is_known():
    codes = """
    MD SMD SMDH SMD1 SMD1H ROM VR CVR CLES AUC RR OR RD AS PETO PHI ZPHI YUQ YUY RTET PBIT OR2DL OR2DN D2OR
    COR UCOR ZCOR PCOR ZPCOR SPCOR R2 PR PLN PLO PAS PFT IRR IRD IRSD IR IRLN IRS IRFT MN SMN MNLN SDLN CVLN
    MC SMCC SMCR SMCRH SMCRP SMCRPH ROMC VRC CVRC ARAW AHW ABT HR GEN ZSPCOR ZR2 RPB RBIS ZPB ZBIS PRZ
    """
    assert {*codes.split()} - {"D2OR"} <= set(MEASURES)
    assert escalc("D2OR", di=0.5, n1i=20, n2i=20).attrs["measure"] == "D2ORL"


GROUPS = {
    "m1i": [10.0, 12.0],
    "sd1i": [2.0, 3.0],
    "n1i": [20, 30],
    "m2i": [9.0, 12.5],
    "sd2i": [2.5, 3.0],
    "n2i": [22, 31],
}


class TestWaysToGiveNumbers:
    expected = escalc("SMD", **GROUPS)

    def test_names_of_columns(self):
        frame = pd.DataFrame(GROUPS).rename(columns={"m1i": "mean_a"}).assign(study=["A", "B"])
        names = {name: name for name in GROUPS} | {"m1i": "mean_a"}
        found = escalc("SMD", data=frame, **names)
        assert list(found.columns) == [*frame.columns, "yi", "vi"]
        assert "yi" not in frame.columns
        pd.testing.assert_frame_equal(found[["yi", "vi"]], self.expected)

    def test_series_keep_their_index(self):
        found = escalc("SMD", **{name: pd.Series(values, index=["A", "B"]) for name, values in GROUPS.items()})
        assert found.index.tolist() == ["A", "B"]
        np.testing.assert_array_equal(found, self.expected)

    def test_numbers_stretch_over_the_rows(self):
        found = escalc("ZCOR", ri=[0.1, 0.2, 0.3], ni=40)
        # 1/(40 - 3), by hand.
        np.testing.assert_allclose(found["vi"], 1 / 37)

    def test_integers_with_missing_values(self):
        with pytest.warns(MissingInputWarning, match=r"1 row \(1\)"):
            found = escalc("ZCOR", ri=[0.1, 0.2], ni=pd.Series([40, None], dtype="Int64"))
        assert found["yi"].isna().tolist() == [False, True]

    def test_rows_may_take_different_routes(self):
        nan = np.nan
        found = escalc("SMD", di=[0.5, nan, nan], ti=[nan, 2.0, nan], pi=[nan, nan, -0.04], n1i=20, n2i=25)
        alone = [escalc("SMD", n1i=20, n2i=25, **one) for one in ({"di": 0.5}, {"ti": 2.0}, {"pi": -0.04})]
        np.testing.assert_allclose(found, np.vstack(alone))
        assert found["yi"][2] < 0

    def test_one_variance_type_for_each_row(self):
        mixed = escalc("SMD", vtype=["UB", "AV"], **GROUPS)
        assert mixed["vi"][0] == escalc("SMD", vtype="UB", **GROUPS)["vi"][0]
        # The mean effect of "AV" is over all rows, those with another type included.
        assert mixed["vi"][1] == escalc("SMD", vtype="AV", **GROUPS)["vi"][1]

    def test_standard_errors_are_squared(self):
        assert escalc("HR", yi=[0.4], sei=[0.2])["vi"].tolist() == pytest.approx([0.04])

    def test_no_rows(self):
        assert escalc("ZCOR", ri=[], ni=[]).shape == (0, 2)

    def test_an_empty_frame_gives_an_empty_result(self):
        frame = pd.DataFrame({"r": [], "n": []})
        assert escalc("ZCOR", data=frame, ri="r", ni="n").shape == (0, 4)

    def test_other_names_for_the_result(self):
        assert list(escalc("SMD", var_names=("g", "var_g"), **GROUPS).columns) == ["g", "var_g"]

    def test_computing_twice_is_silent_and_overwriting_is_not(self):
        names = {name: name for name in GROUPS}
        once = escalc("SMD", data=pd.DataFrame(GROUPS), **names)
        pd.testing.assert_frame_equal(escalc("SMD", data=once, **names), once)
        with pytest.warns(ReplacedColumnWarning, match="var_names"):
            escalc("MD", data=once, **names)

    def test_the_result_remembers_what_it_is(self):
        assert self.expected.attrs == {"measure": "SMD", "vtype": "LS", "definition": "metafor-5"}


INCOMPLETE = {"ri": [0.1, np.nan], "ni": [40, 50]}


class TestMissingInputs:
    def test_error(self):
        with pytest.raises(EscalcError, match=r"row 1: ri is missing. ZCOR takes ri, ni; or ni, ti"):
            escalc("ZCOR", missing="error", **INCOMPLETE)

    def test_a_warning_names_the_columns_and_the_remedy(self):
        frame = pd.DataFrame({"cor": [0.1, np.nan, 0.2], "size": [40, 50, np.nan]})
        with pytest.warns(MissingInputWarning) as caught:
            escalc("ZCOR", data=frame, ri="cor", ni="size")
        said = str(caught[0].message)
        assert "ri is missing (ri is the column 'cor') in 1 row (1)" in said
        assert "ni is missing (ni is the column 'size') in 1 row (2)" in said
        assert "leave the rows out" in said
        assert "missing='error'" in said

    def test_the_way_that_was_begun_is_the_one_that_lacks_something(self):
        with pytest.warns(MissingInputWarning, match="SMD: sd1i is missing in 1 row"):
            escalc("SMD", **GROUPS | {"sd1i": [2.0, np.nan]})

    def test_an_empty_cell_of_a_column_of_text_is_missing(self):
        frame = pd.DataFrame({"r": ["0.2", "", " "], "n": ["30", "40", "50"]})
        found = escalc("ZCOR", data=frame, ri="r", ni="n", missing="keep")
        # atanh(0.2) and 1/27, by hand.
        np.testing.assert_allclose(found.loc[0, ["yi", "vi"]].astype(float), [0.202732554054, 1 / 27], rtol=1e-10)
        assert found["yi"].isna().tolist() == [False, True, True]

    def test_keep(self):
        assert escalc("ZCOR", missing="keep", **INCOMPLETE)["vi"].isna().tolist() == [False, True]

    def test_a_row_with_a_missing_value_equals_a_row_left_out(self):
        full = {name: np.array([*values, np.nan]) for name, values in GROUPS.items()}
        found = escalc("SMD", vtype="AV", missing="keep", **full)
        np.testing.assert_array_equal(found.iloc[:2], escalc("SMD", vtype="AV", **GROUPS))


def _wrong(measure, **call):
    with pytest.raises(EscalcError) as caught:
        escalc(measure, **call)
    return str(caught.value)


class TestWrongInput:
    def test_unknown_code_names_the_nearest(self):
        assert "Did you mean 'SMD'?" in _wrong("smd", di=1)
        assert "Did you mean 'ZCOR'?" in _wrong("ZCORR", ri=1)
        assert "Did you mean 'SMD'?" in _wrong("SDM", di=1)

    def test_a_code_of_metafor_that_is_not_offered_is_said_to_be_one(self):
        message = _wrong("MPOR", ai=1, bi=2, ci=3, di=4)
        assert "'MPOR' is a measure of metafor (matched pairs of counts) that is not offered here" in message
        assert "Did you mean" not in message

    def test_unknown_column_names_the_nearest(self):
        assert "SMD takes no 'sd1'" in _wrong("SMD", **GROUPS, sd1=[1, 2])
        assert "Did you mean 'sd1i'?" in _wrong("SMD", **GROUPS, sd1=[1, 2])

    def test_columns_that_do_not_give_the_measure_list_the_ways(self):
        message = _wrong("SMD", m1i=[1], n1i=[20], n2i=[20])
        assert "missing" in message
        assert "sd1i, m2i, sd2i are missing" in message
        assert "It takes di, n1i, n2i; or n1i, n2i, ti" in message

    def test_columns_of_other_measures_get_one_message_that_names_these(self):
        message = _wrong("OR", **GROUPS)
        assert "1 problem" in message
        assert "it takes no m1i, sd1i, m2i, sd2i. They give MD, SMD," in message
        assert "(D2ORL, D2ORN: log odds ratio by conversion); OR takes ai, bi, ci, di" in message
        assert "They give COR, UCOR, ZCOR" in _wrong("SMD", ri=0.3, ni=40)

    def test_unknown_variance_type_lists_what_the_measure_has(self):
        assert "SMD has LS, LS2, UB, AV, H0. Did you mean 'H0'?" in _wrong("SMD", vtype="HO", **GROUPS)
        assert "2 rows" in _wrong("SMD", vtype=["LS", "LS", "LS"], **GROUPS)

    def test_unknown_words_are_listed_together(self):
        message = _wrong("OR", ai=1, bi=1, ci=1, di=1, to="only", definition="metafor")
        assert "2 problems" in message
        assert "Did you mean 'only0'?" in message
        assert "Did you mean 'metafor-5'?" in message

    def test_everything_is_listed_with_its_row(self):
        message = _wrong("SMD", **GROUPS | {"sd1i": [-2.0, 3.0], "n2i": [22, 0]})
        assert "row 0: sd1i is -2, and must be above 0" in message
        assert "row 1: n2i is 0, and must be above 0" in message

    def test_labels_name_the_row(self):
        frame = pd.DataFrame({"r": [0.2, 1.0], "n": [30, 30]}, index=["Ahn 2019", "Berg 2020"])
        message = _wrong("ZCOR", data=frame, ri="r", ni="n")
        assert "row 'Berg 2020' (position 1): ri is 1, and must lie strictly between -1 and 1" in message
        assert "(ri is the column 'r')" in message

    def test_a_value_beyond_one_is_another_mistake_than_one(self):
        assert "Was it typed as a percentage" in _wrong("ZCOR", ri=1.2, ni=30)
        assert "Was it typed as a percentage" not in _wrong("ZCOR", ri=1, ni=30)

    @pytest.mark.parametrize(
        ("measure", "columns", "says"),
        [
            ("ZCOR", {"ri": 1.2, "ni": 30}, "ri is 1.2"),
            ("COR", {"ri": -1, "ni": 30}, "no sampling variance"),
            ("ZCOR", {"ri": 0.5, "ni": 3}, "ni is 3, and must be above 3"),
            ("UCOR", {"ri": 0.5, "ni": 4}, "must be above 4"),
            ("SMD", {"di": 0.5, "n1i": 1, "n2i": 2}, "too small for the small-sample correction"),
            ("VR", {"sd1i": 1, "n1i": 1, "sd2i": 1, "n2i": 5}, "n1i is 1"),
            ("OR", {"ai": -1, "bi": 3, "ci": 2, "di": 2}, "A count cannot be negative"),
            ("OR", {"ai": 12, "n1i": 10, "ci": 2, "n2i": 9}, "ai (12) is larger than n1i (10)"),
            ("OR", {"ai": 2, "bi": 3, "n1i": 10, "ci": 2, "n2i": 9}, "ai + bi (2 + 3) is not n1i (10)"),
            ("PLO", {"xi": 12, "ni": 10}, "xi (12) is larger than ni (10)"),
            ("IRR", {"x1i": 3, "t1i": 0, "x2i": 2, "t2i": 5}, "Person-time is above 0"),
            ("ROM", {"m1i": -1, "sd1i": 1, "n1i": 9, "m2i": 2, "sd2i": 1, "n2i": 9}, "not on the same side of 0"),
            ("CVR", {"m1i": -1, "sd1i": 1, "n1i": 9, "m2i": -2, "sd2i": 1, "n2i": 9}, "a mean above 0"),
            ("SMD", {"pi": 0, "n1i": 10, "n2i": 10}, "two-sided p above 0"),
            ("PCOR", {"ti": 2, "ni": 6, "mi": 5}, "no degree of freedom"),
            ("ABT", {"ai": 1, "mi": 5, "ni": 30}, "an alpha lies below 1"),
            ("SMCC", {"m1i": 1, "sd1i": 2, "m2i": 2, "sd2i": 2, "ri": 1, "ni": 9}, "the changes have no spread"),
            ("GEN", {"yi": 0.3, "vi": -1}, "A variance cannot be negative"),
            ("ZCOR", {"ri": [0.1, 0.2], "ni": [30, 40, 50]}, "ri has 2, ni has 3"),
            ("ZCOR", {"ri": ["0.1", "n.s."], "ni": 30}, "'n.s.' (row 1)"),
            ("ZCOR", {"ri": [0.1, np.inf], "ni": 30}, "infinite in row 1"),
            ("ZCOR", {"ri": "r", "ni": 30}, "there is no data"),
            ("ZCOR", {"ri": [[0.1, 0.2]], "ni": 30}, "a table of shape (1, 2)"),
            ("PETO", {"ai": 0, "bi": 9, "ci": 0, "di": 9, "to": "none"}, "A zero count is left as it is"),
            ("ZPHI", {"ai": 5, "bi": 0, "ci": 0, "di": 9}, "no finite estimate"),
            ("OR", {"ai": 5, "bi": 1, "ci": 1, "di": 9, "add": -1}, "cannot be added"),
        ],
    )
    def test_says_what_and_why(self, measure, columns, says):
        assert says in _wrong(measure, **columns)

    def test_without_the_correction_small_groups_are_allowed(self):
        assert np.isfinite(escalc("SMD", di=0.5, n1i=1, n2i=2, correct=False)).all(axis=None)

    def test_series_in_another_order_are_refused(self):
        r, n = pd.Series([0.1, 0.2], index=["A", "B"]), pd.Series([30, 40], index=["B", "A"])
        assert "the index of ni is not that of ri" in _wrong("ZCOR", ri=r, ni=n)

    def test_unknown_column_of_the_data(self):
        frame = pd.DataFrame({"cor": [0.1], "size": [30]})
        assert "Did you mean 'size'?" in _wrong("ZCOR", data=frame, ri="cor", ni="sizes")

    def test_two_columns_of_one_name(self):
        frame = pd.DataFrame([[0.1, 0.2, 30]], columns=["r", "r", "n"])
        assert "several columns named 'r'" in _wrong("ZCOR", data=frame, ri="r", ni="n")

    def test_data_that_is_no_frame(self):
        with pytest.raises(TypeError, match="DataFrame"):
            escalc("ZCOR", data={"r": [0.1]}, ri="r", ni=30)

    def test_a_long_list_is_cut_in_the_message_and_whole_in_the_error(self):
        with pytest.raises(EscalcError, match="and 30 more") as caught:
            escalc("ZCOR", ri=np.full(50, 2.0), ni=30)
        assert len(caught.value.problems) == 50

    def test_a_variance_of_zero_is_pointed_out(self):
        with pytest.warns(ZeroVarianceWarning, match=r"1 row \(0\)"):
            escalc("PR", xi=[0], ni=[20], to="none")

    def test_warnings_point_at_the_caller(self):
        with pytest.warns(MissingInputWarning) as caught:
            escalc("ZCOR", ri=[0.1, np.nan], ni=30)
        assert Path(caught[0].filename) == Path(__file__)


def test_a_million_rows_take_less_than_a_second():
    rng = np.random.default_rng(1)
    rows = 1_000_000
    columns = {
        "m1i": rng.normal(10, 2, rows),
        "sd1i": rng.uniform(1, 3, rows),
        "n1i": rng.integers(5, 200, rows),
        "m2i": rng.normal(10, 2, rows),
        "sd2i": rng.uniform(1, 3, rows),
        "n2i": rng.integers(5, 200, rows),
    }
    # Processor time, so that other work on the machine does not count.
    start = time.process_time()
    escalc("SMD", **columns)
    assert time.process_time() - start < 1
