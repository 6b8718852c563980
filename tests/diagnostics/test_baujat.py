"""Baujat's coordinates: metafor's for univariate models, sums and refits by hand for multilevel ones."""

import json
from pathlib import Path

import numpy as np
import pytest
from metacircuit.diagnostics.baujat import baujat
from metacircuit.diagnostics.leave_out import leave_out
from metacircuit.models.rma import rma
from metacircuit.models.rma_mv import rma_mv

REFERENCE = Path(__file__).parents[1] / "reference"
UNIVARIATE = json.loads((REFERENCE / "diagnostics.json").read_text("utf-8"))["cases"]
BCG = next(case["data"] for case in UNIVARIATE if case["id"] == "bcg")
DATASETS = json.loads((REFERENCE / "rma_mv.json").read_text("utf-8"))["cases"][0]["datasets"]
ASSINK = {column: np.array(values) for column, values in DATASETS["assink2016"].items()}

# metafor iterates tau2 to steps below 1e-5, and so does the default here: the same stops up to rounding along the way.
SAME_STOPS = 1e-6
CLOSED = 1e-9
# Two searches for the same maximum; the square of a small shift loses half of its digits.
SAME_MAXIMUM = {"rel": 1e-6, "abs": 1e-8}

# metafor 3.8-1: baujat(rma(yi, vi, data = b)), with method = "EE", with mods = ~ ablat, with test = "knha"; b the log
# risk ratios of dat.bcg.
ABLAT = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
METAFOR = {
    "REML": (
        {},
        [0.0478183320721, 1.4934111867875, 0.5508752745771, 1.5860497234914, 0.6777109218995, 0.0160055498336,
         1.5319028477970, 1.6638456222975, 0.1625233076132, 1.1168475452701, 0.4322210214811, 1.5922384344099,
         1.2637879713967],
        [0.001537501940577, 0.112107095545737, 0.024349037368339, 0.237773320050604, 0.066985818131785,
         0.000333271536546, 0.107909507966588, 0.198964614242499, 0.018381613230846, 0.111389571758925,
         0.048970625778590, 0.061834543543001, 0.115312850558173],
    ),
    "EE": (
        {"method": "EE"},
        [0.6471587360257, 6.8571096271727, 2.0279242863942, 51.1073136255054, 0.8837578017084, 18.3351122200536,
         6.3562772563152, 49.3676862704565, 0.0271351610359, 12.1272954277502, 0.6660857178975, 1.4417192428418,
         2.3884327092162],
        [0.00327659923900, 0.05829078499175, 0.00803933802646, 4.56309948547637, 0.02924134954406, 5.71123117941320,
         0.04709268099282, 34.87951031283187, 0.00081223590621, 0.27863933782141, 0.10141785652880, 0.00445429838936,
         0.05615154772269],
    ),
    "moderator": (
        {"mods": ABLAT},
        [0.0485530290053, 0.2060249718551, 0.2894536223754, 0.3352114028142, 0.0644744963810, 0.7085861760142,
         5.8151677336826, 0.2399029830102, 0.0316833401348, 1.0739878934416, 0.0505604216469, 2.1902751104757,
         3.2368722198902],
        [0.003682901025738, 0.035897983859487, 0.009499130926007, 0.147149894285096, 0.003962165042858,
         0.220654632200009, 0.542951271129787, 0.139113039541540, 0.014149918135576, 0.155121860667195,
         0.000331652905268, 0.040139267219420, 0.181950977124958],
    ),
    "knha": (
        {"test": "knha"},
        None,
        [0.001474106816498, 0.111247753730360, 0.023583719925719, 0.224075654946941, 0.066875231945651,
         0.000334966830388, 0.107518371717049, 0.193722702808192, 0.018335688378924, 0.108518511743500,
         0.049130376447988, 0.064061747847153, 0.115307007962912],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", METAFOR)
def test_as_metafor(name):
    options, x, y = METAFOR[name]
    got = baujat(rma(BCG["yi"], BCG["vi"], **options))
    assert got.y == pytest.approx(y, rel=SAME_STOPS)
    if x is not None:
        assert got.x == pytest.approx(x, rel=SAME_STOPS)


@pytest.mark.parametrize("by", ["study", "effect"])
def test_contributions_add_up_to_q(by):
    model = rma_mv(ASSINK["yi"], ASSINK["vi"], study=ASSINK["study"], rho=0.6)
    assert baujat(model, by=by).Q.sum() == pytest.approx(model.QE, rel=CLOSED)
    single = rma(ASSINK["yi"], ASSINK["vi"])
    assert baujat(single).Q.sum() == pytest.approx(single.QE, rel=CLOSED)


def test_influence_of_a_study_is_its_squared_shift_in_standard_errors():
    model = rma_mv(ASSINK["yi"], ASSINK["vi"], study=ASSINK["study"], rho=0.6)
    without = leave_out(model, inference="model")
    wanted = ((model.beta[0] - without.estimate[:, 0]) / without.se[:, 0]) ** 2
    assert baujat(model).y == pytest.approx(wanted, rel=CLOSED)


def test_one_effect_a_study_is_the_univariate_plot():
    v = np.array(BCG["vi"])
    got = baujat(rma_mv(BCG["yi"], v, random="~ 1 | id", data={"id": np.arange(13)}))
    wanted = baujat(rma(BCG["yi"], v, precision="exact"))
    assert [*got.x, *got.y, *got.Q] == pytest.approx([*wanted.x, *wanted.y, *wanted.Q], **SAME_MAXIMUM)


@pytest.mark.parametrize(("y", "study"), [([0.4], ["a"]), ([0.4, 0.1], ["a", "b"]), ([0.4, 0.1, 0.3], ["a"] * 3)])
def test_too_little_data_is_said(y, study):
    v = np.full(len(y), 0.05)
    for model in (rma_mv(y, v, study=study, rho=0.5), rma(y[:2], v[:2]), rma(y[:1], v[:1], test="knha")):
        table = baujat(model).to_frame()
        assert set(table["status"]) == {"too_few"}
        assert table["reason"].str.len().gt(10).all()


def test_wrong_use():
    with pytest.raises(TypeError, match="rma or rma_mv; got str"):
        baujat("fit")
