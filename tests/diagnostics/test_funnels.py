import pandas as pd
import pytest
from metacircuit.diagnostics.funnels import COLUMNS, funnels

ITERATIVE = 1e-8
"""REML of both sides stops at differences far below this one."""


@pytest.fixture
def combined():
    table = pd.DataFrame({"study_label": list("ABCDEF"), "yi": [0.1, 0.2, 0.3, 0.9, 1.1, 1.4]})
    table = table.assign(vi=[0.02, 0.02, 0.03, 0.09, 0.1, 0.2], grouping="circuit", stratum="pain")
    two = table.iloc[:2].assign(stratum="reward")
    return pd.concat([table, two, table.assign(grouping="overall", stratum="overall")], ignore_index=True)


def test_the_mirror_images_are_metafors(combined):
    # 2 * rma(yi[1:4], vi[1:4], control = list(threshold = 1e-14, maxiter = 10000))$beta - yi[5:6], metafor 3.8-1: what
    # trimfill(rma(yi, vi)) adds, which itself stops at its threshold of 1e-5 and so has -0.56705 and -0.86705.
    found = funnels(combined, ["circuit"])
    added = found[found["filled"] == 1]
    assert added["yi"].tolist() == pytest.approx([-0.567125513858, -0.867125513858], rel=ITERATIVE)
    assert added["vi"].tolist() == [0.1, 0.2]
    assert added["study_label"].tolist() == ["Filled 1", "Filled 2"]


def test_a_stratum_with_two_studies_keeps_them_and_says_why_nothing_is_filled_in(combined):
    found = funnels(combined, ["circuit"])
    reward = found[found["stratum"] == "reward"]
    assert reward["filled"].tolist() == [0, 0]
    assert set(reward["status"]) == {"too_few"}


def test_only_the_wanted_groupings_are_there(combined):
    assert set(funnels(combined, ["circuit"])["grouping"]) == {"circuit"}
    assert list(funnels(combined, []).columns) == list(COLUMNS)
