"""The interval of the total heterogeneity beside R's likelihood, and where there is one variance only."""

import numpy as np
import pytest
from metacircuit.models.mv_total import total_interval
from metacircuit.models.rma_mv import rma_mv

# Two root searches, each to 1e-9 of its interval, on likelihoods that agree to 1e-10.
ROOTS = 1e-6
# metafor finds the limits by uniroot(), to .Machine$double.eps^0.25 of tau2 = 0.1.
UNIROOT = 2e-5
STUDY = list("aabbbcddeffghhijjkll")
Y = [.31, .52, -.10, .22, .05, .71, .44, .12, .63, -.21, .18, .95, .37, .29, .81, .08, .33, .57, -.05, .41]  # fmt: skip
V = [.04, .05, .03, .04, .05, .08, .02, .03, .06, .05, .04, .09, .03, .03, .07, .04, .05, .06, .02, .03]  # fmt: skip


def test_the_interval_is_where_the_profile_of_rs_likelihood_falls():
    """metafor 3.8-1: ll <- function(a, b) logLik(rma.mv(yi, V, random = ~ 1 | study/es, sigma2 = c(a, b))), maximised
    over the share of the first variance by optimise(), and uniroot() for the fall by qchisq(.95, 1) / 2."""
    fit = rma_mv(Y, V, study=STUDY, rho=0.6)
    assert total_interval(fit) == pytest.approx((0.008922089036, 0.164607933744), rel=ROOTS)


def test_one_variance_has_the_interval_that_confint_gives():
    """And metafor's: confint(rma.mv(yi, vi, random = ~ 1 | es)) is 0.0008432937, 0.1178778125."""
    fit = rma_mv(Y, V, study=np.arange(20), random="~ 1 | es", data={"es": np.arange(20)})
    mine = total_interval(fit)
    assert mine == pytest.approx(tuple(fit.confint()[["ci_lb", "ci_ub"]].iloc[0]), rel=1e-5)
    assert mine == pytest.approx((0.0008432936919, 0.1178778125254), abs=UNIROOT)


def test_homogeneous_effects_start_at_zero():
    fit = rma_mv([0.2] * 8, [0.1] * 8, study=list("aabbccdd"), rho=0.6)
    lower, upper = total_interval(fit)
    assert lower == 0.0
    assert 0 < upper < np.inf


def test_a_wider_level_is_a_wider_interval():
    fit = rma_mv(Y, V, study=STUDY, rho=0.6)
    narrow, wide = total_interval(fit, 80), total_interval(fit, 99)
    assert wide[0] < narrow[0] < fit.sigma2.sum() < narrow[1] < wide[1]


def test_other_random_effects_are_refused():
    data = {"o": list("pq") * 10, "t": STUDY}
    with pytest.raises(ValueError, match="one or two random intercepts"):
        total_interval(rma_mv(Y, V, random="~ o | t", struct="CS", data=data))
