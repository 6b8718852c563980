"""Influence in multilevel models: metafor's numbers, and those of the univariate model where the models are one."""

import json
from pathlib import Path

import numpy as np
import pytest
from metacircuit.diagnostics.influence_mv import influence_mv
from metacircuit.models.rma import rma
from metacircuit.models.rma_mv import rma_mv

CASES = json.loads((Path(__file__).parents[1] / "reference/rma_mv.json").read_text("utf-8"))["cases"]
DATA = {
    name: {column: np.array(values) for column, values in table.items()}
    for name, table in next(case for case in CASES if case["id"] == "datasets")["datasets"].items()
}
UNIVARIATE = json.loads((Path(__file__).parents[1] / "reference/diagnostics.json").read_text("utf-8"))["cases"]

# metafor's optimiser (nlminb) leaves sigma2 a few 1e-7 from the maximum; a deleted residual near zero feels that most.
OPTIMISER = {"rel": 3e-6, "abs": 1e-6}
# Two algorithms for the same closed form, both at the maximum.
SAME_MODEL = {"rel": 1e-6, "abs": 1e-7}

# metafor 3.8-1, R 4.2.2. three_level: fit <- rma.mv(yi, vi, random = ~ 1 | district/school,
# data = dat.konstantopoulos2011). che: V <- vcalc(vi, cluster = study, obs = esid, rho = 0.6, data = dat.assink2016);
# fit <- rma.mv(yi, V, random = ~ 1 | study/esid, data = dat.assink2016); che_x: the same with mods = ~ year.
# rstudent(fit, cluster = ...)$cluster$X2 and $obs$z; cooks.distance(fit, cluster = ...); dfbetas(fit, cluster = ...);
# hatvalues(fit); weights(fit); weights(fit, type = "rowsum"); the same without cluster for single effects; and the
# model refitted without the first three studies: sigma2, QE, det(vb) / det(vb of all).
METAFOR = {
    "three_level": {
        "X2": [1.923431675829, 4.027478431607, 0.657330827780, 4.649348219457, 0.994208437744, 3.649574392744,
               24.943237603472, 0.977533377353, 9.900420098158, 18.089928587033, 2.359486769879],
        "cook_d": [0.06937841418424, 0.01618806060037, 0.04198497587529, 0.11920894531133, 0.02135663699317,
                   0.10145069850353, 0.55851748584803, 0.06565006717909, 0.00374385171786, 0.05488397612923,
                   0.00034416465431],
        "dfbs": [[-0.2625015554772, -0.1212323771599, 0.1994116316038, 0.3484685790831, -0.1402537672776,
                  -0.3237186437515, 1.0825698389579, -0.2551536217833, 0.0575999709585, -0.2243256692682,
                  -0.0177107118219]],
        "z": [-0.8165761746060, -0.9009800823679, 0.0459755515218, -1.0127709866676, -0.1834449258589,
              -1.2761894187752, -0.0152705634160, 0.3359786059465, 0.7692969004754, 0.5401116023840],
        "hat": [0.0182464144231, 0.0182464144231, 0.0155621543564, 0.0155621543564, 0.0243059896998],
        "weight": [0.571407709246, 0.571407709246, 0.501621365897, 0.501621365897, 1.721071949889],
        "rowsum": [1.82464144231, 1.82464144231, 1.55621543564, 1.55621543564, 2.43059896998],
        "effect_rstudent": [-0.7818748168531, -0.8693946233708, 0.0987948722595, -0.9854164431326, -0.1542888762185],
        "effect_cook_d": [0.001965212246089, 0.002989768412586, 0.002638140186710, 0.003873368302838,
                          0.000195456245366],
        "effect_dfbs": [-0.0446540048004, -0.0552026722614, 0.0503776284485, -0.0629776569242, 0.0139417775515],
        "deleted": [[0.0654404959569, 0.0334302524874, 576.7583696269802, 1.0799825819336],
                    [0.0732266739343, 0.0314737346600, 567.1631190206828, 1.2136055400039],
                    [0.0689572059914, 0.0347455063267, 564.0712809327630, 1.1544711629978]],
    },
    "che": {
        "X2": [3.11247324429, 0.121460989019, 13.5011490838, 0.649379009214, 4.01855019732, 6.79046837437,
               7.62063603809, 1.99371371744e-07, 0.301474824725, 1.25049321190, 42.8612062578, 0.0999423223900,
               0.114544598748, 2.94195397493, 5.90726863923, 38.8120790721, 1.40839366614],
        "cook_d": [0.009338401065275, 0.000502393484668, 0.191901283312600, 0.026639544980767, 0.109840840351478,
                   0.035872872572658, 0.095007883094397, 0.000245184132572, 0.021933010615303, 0.036313768211520,
                   1.085920335992759, 0.017176932036897, 0.004490601128095, 0.098877292455852, 0.009720443011460,
                   0.019651699285183, 0.091659644366252],
        "dfbs": [[-0.0924062157961, 0.0214729598759, 0.4717290417114, -0.1612847625435, 0.3473579827822,
                  -0.1868820019066, 0.3161361993040, -0.0152907176240, -0.1440643550190, -0.1829045162355,
                  1.5716989819770, -0.1238409600736, -0.0646119993792, -0.3093916715289, -0.0975231737279,
                  -0.1453532976501, -0.2949744658459]],
        "z": [0.9105573976854, 0.0950712377211, -0.1953825527766, -0.3153983299957, -0.5951292567771,
              -0.7202335788091, 0.2784155566597, 0.2076714210343, -0.0215215101112, 2.6256117113553],
        "hat": [0.008268540766435, 0.012540374247792, 0.011333729551936, 0.015346833444136, 0.013628489464677],
        "weight": [0.962928627338, 1.061587600886, 1.038154224844, 1.101631658597, 1.079572990880],
        "rowsum": [0.8268540766435, 1.2540374247792, 1.1333729551936, 1.5346833444136, 1.3628489464677],
        "effect_rstudent": [0.9686058563654, 0.1170708533982, -0.1858541270065, -0.3117580576574, -0.6045602282958],
        "effect_cook_d": [4.02068434915e-03, 1.14767452693e-04, 1.55948266621e-04, 6.90771742689e-04,
                          2.17718325541e-03],
        "effect_dfbs": [0.06331300005951, 0.01066001827898, -0.01244082011390, -0.02616766282851, -0.04653977228169],
        "deleted": [[0.092845665163, 0.160399253949, 723.923139818750, 1.173225003049],
                    [0.0921289518349, 0.1608918417243, 730.9372561055862, 1.1676139106989],
                    [0.0609401945854, 0.1548226129211, 712.5201147752811, 0.8994859414565]],
    },
    "che_x": {
        "X2": [3.10602344488277, 0.22088423667218, 11.05433078844040, 2.58755995489137, 1.79281862315862,
               6.26835962700966, 9.45836199588351, 0.00877896386509, 0.02151763899903, 0.97038800604029,
               35.01892077066064, 0.09421481577551, 0.46952095324353, 5.49286150602928, 9.57451202972843,
               38.29051450124661, 0.74667597112431],
        "cook_d": [0.004987048700540, 0.007481630311427, 0.446660297407351, 0.273266082269094, 0.277323124384538,
                   0.014531681708955, 0.223875507243855, 0.000116020403749, 0.001743237540142, 0.004757658241447,
                   1.457825680369626, 0.007200922063413, 0.040281950120752, 0.472766618730364, 1.157681121047280,
                   0.058138409060120, 0.038811567678591],
        "dfbs": [[0.0448732212465, 0.0791658338934, 0.3978798118049, -0.3333762640810, 0.2664333036913,
                  -0.0467932062141, 0.4079878772064, 0.0103715857775, -0.0294626980195, -0.0566478988834,
                  1.0881318498489, 0.0382953372923, -0.1716236448972, -0.6972987431258, -0.5026251200870,
                  -0.0615160188206, -0.1433860926609],
                 [0.04492311553224, 0.01490813838779, -0.59041601116464, 0.45905272734158, -0.48103420337236,
                  -0.10112925016441, 0.25238032030119, -0.00307822951059, -0.02390795769233, -0.02552415528146,
                  -1.09755659919621, 0.06559883277060, 0.11560377543906, 0.43197617544339, 1.06491165675190,
                  -0.22971057993697, -0.10074673008521]],
        "z": [1.2918861822763, 0.4434945768124, 0.1266062184393, 0.0118323381566, -0.2947410719956,
              -0.4521519889495, 0.4035248265346, 0.3272733123142, 0.0763163065833, 2.2530469426862],
        "hat": [0.01291090437662, 0.01952717231967, 0.01765894706348, 0.02387081773061, 0.02121151660885],
        "weight": [0.952090757829, 1.059947301854, 1.033321089299, 1.109273442156, 1.081220836538],
        "effect_rstudent": [1.34407275473400, 0.44878035286327, 0.11516634526305, -0.00651531123971,
                            -0.32867937222552],
        "effect_cook_d": [0.009028274006568, 0.001163627604554, 0.000088684627820, 0.000409159598642,
                          0.003108391401865],
        "effect_dfbs": [0.07756434207463, 0.01840832489836, -0.00858799143389, -0.01876780820201, -0.04220611061250],
        "deleted": [[0.0493815326787, 0.1614334747741, 721.9404277516952, 1.3289049415178],
                    [0.0484727792136, 0.1618603126708, 728.3953162625771, 1.2596347201567],
                    [0.0379768825851, 0.1560184300978, 711.8288170815467, 1.0890823768740]],
    },
}  # fmt: skip


def fitted(case):
    if case == "three_level":
        d = DATA["konstantopoulos2011"]
        return rma_mv(d["yi"], d["vi"], study=d["study"])
    d = DATA["assink2016"]
    return rma_mv(d["yi"], d["vi"], study=d["study"], rho=0.6, mods=d["x"] if case == "che_x" else None)


@pytest.fixture(scope="module", params=METAFOR, name="by_study")
def _by_study(request):
    model = fitted(request.param)
    return model, influence_mv(model), METAFOR[request.param]


@pytest.fixture(scope="module", params=METAFOR, name="by_effect")
def _by_effect(request):
    model = fitted(request.param)
    return model, influence_mv(model, by="effect"), METAFOR[request.param]


def test_by_study_as_metafor(by_study):
    _, got, wanted = by_study
    for name in ("X2", "cook_d"):
        assert getattr(got, name) == pytest.approx(wanted[name], **OPTIMISER), name
    assert got.dfbs.T.ravel() == pytest.approx(np.ravel(wanted["dfbs"]), **OPTIMISER)
    assert got.rstudent_effect[:10] == pytest.approx(wanted["z"], **OPTIMISER)
    assert set(got.status) == {"ok"}


def test_the_model_without_a_study_as_metafor(by_study):
    _, got, wanted = by_study
    for i, numbers in enumerate(wanted["deleted"]):
        assert got.sigma2_del[i] == pytest.approx(numbers[:2], **OPTIMISER)
        assert got.QE_del[i] == pytest.approx(numbers[2], rel=1e-10)
        assert got.cov_r[i] == pytest.approx(numbers[-1], **OPTIMISER)


def test_by_effect_as_metafor(by_effect):
    _, got, wanted = by_effect
    assert got.rstudent[:5] == pytest.approx(wanted["effect_rstudent"], **OPTIMISER)
    assert got.cook_d[:5] == pytest.approx(wanted["effect_cook_d"], **OPTIMISER)
    assert got.dfbs[:5, 0] == pytest.approx(wanted["effect_dfbs"], **OPTIMISER)
    assert got.hat[:5] == pytest.approx(wanted["hat"], **OPTIMISER)
    assert got.weight[:5] == pytest.approx(wanted["weight"], **OPTIMISER)
    if "rowsum" in wanted:
        assert got.weight_rowsum[:5] == pytest.approx(wanted["rowsum"], **OPTIMISER)
    else:
        assert got.weight_rowsum is None


def test_leverages_and_weights_add_up(by_study):
    model, got, _ = by_study
    assert [got.hat.sum(), got.weight.sum()] == pytest.approx([model.p, 100], rel=1e-9)


@pytest.mark.parametrize("case", UNIVARIATE, ids=lambda case: case["id"])
def test_one_effect_a_study_is_the_univariate_model(case):
    y, v = (np.array(case["data"][key], float) for key in ("yi", "vi"))
    wanted = rma(y, v, precision="exact").influence()
    got = influence_mv(rma_mv(y, v, random="~ 1 | id", data={"id": np.arange(y.size)}), by="effect")
    for name in ("rstudent", "dffits", "cook_d", "cov_r", "QE_del", "hat", "weight"):
        assert getattr(got, name) == pytest.approx(getattr(wanted, name), **SAME_MODEL), name
    assert got.dfbs.ravel() == pytest.approx(wanted.dfbs.ravel(), **SAME_MODEL)
    assert got.sigma2_del[:, 0] == pytest.approx(wanted.tau2_del, rel=1e-5, abs=1e-7)
    assert got.is_infl.tolist() == wanted.is_infl.tolist()


def test_crossed_factors_have_weights():
    rng = np.random.default_rng(3)
    k, y = 20, rng.normal(0.3, 0.4, 20)
    data = {"a": np.arange(k) % 4, "b": np.arange(k) % 5, "c": np.arange(k)}
    model = rma_mv(y, np.full(k, 0.04), random=["~ 1 | a", "~ 1 | b", "~ 1 | c"], data=data)
    got = influence_mv(model, by="effect")
    M = np.diag(np.full(k, 0.04))
    for name, s2 in zip("abc", model.sigma2, strict=True):
        M += s2 * (data[name][:, None] == data[name])
    W = np.linalg.inv(M)
    assert got.weight == pytest.approx(100 * np.diag(W) / np.trace(W), rel=1e-9)
    assert got.weight_rowsum == pytest.approx(100 * W.sum(axis=1) / W.sum(), rel=1e-9)


def test_a_study_alone_at_its_level_gives_a_row_with_the_reason():
    y, v = [0.1, 0.3, 0.5, 0.2, 0.7], [0.02, 0.03, 0.02, 0.04, 0.03]
    table = influence_mv(rma_mv(y, v, study=["a", "a", "b", "c", "d"], mods=[0.0, 0, 0, 0, 1], rho=0.5)).to_frame()
    last = table[table["study"] == "d"].iloc[0]
    assert last["status"] == "not_estimable"
    assert "mods: it is zero in all rows" in last["reason"]
    assert np.isnan(last["rstudent"])
    assert last["hat"] == pytest.approx(1.0)


@pytest.mark.parametrize(("y", "study"), [([0.4], ["a"]), ([0.4, 0.1], ["a", "b"]), ([0.4, 0.1, 0.3], ["a"] * 3)])
def test_too_little_data_is_said(y, study):
    table = influence_mv(rma_mv(y, np.full(len(y), 0.05), study=study, rho=0.5)).to_frame()
    assert set(table["status"]) == {"too_few"}
    assert table["reason"].str.len().gt(10).all()


def test_labels_and_wrong_use():
    d = DATA["assink2016"]
    model = rma_mv(d["yi"], d["vi"], study=[f"S{s}" for s in d["study"]], rho=0.6)
    assert influence_mv(model).label[:2] == ("S1", "S2")
    with pytest.raises(ValueError, match="Did you mean 'study'"):
        influence_mv(model, by="studie")
    with pytest.raises(ValueError, match="cluster has 3 values and the model 100 effects"):
        influence_mv(model, cluster=[1, 2, 3])
    with pytest.raises(TypeError, match="takes a model from rma_mv; got RMA"):
        influence_mv(rma(d["yi"], d["vi"]))
