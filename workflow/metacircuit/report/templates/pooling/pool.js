"use strict";
// The pooled estimate of some rows under the model of their analysis: what the pipeline would write for them.
const Pool = (() => {
  const ENOUGH_DF = 4;

  function che(rows, model, bootstrap) {
    const fit = CHE.fit(rows, model.rho, model.method);
    const pieces = Robust.sandwich(fit, model.rho);
    const [estimate, tau2] = [fit.at.mean, fit.sigma2[0] + fit.sigma2[1]];
    const known = pieces.variance > 1e-20 * pieces.bread && pieces.df > 0 && fit.studies.length > 1;
    const se = known ? Math.sqrt(pieces.variance) : NaN;
    const df = known ? pieces.df : NaN;
    const half = Distributions.critical(model.level, df) * se;
    const result = {
      ...{ estimate, se, df, pval: Distributions.twoSidedP(estimate / se, df), converged: fit.converged },
      ...{ ci_lb: estimate - half, ci_ub: estimate + half, tau2, sigma2: fit.sigma2, note: "" },
      I2: share(fit, model, rows.length, tau2),
    };
    if (!known) result.note = "no standard error: too few studies differ";
    else if (df < ENOUGH_DF) wild(result, pieces, model, bootstrap);
    // The critical values of the confidence interval, the bootstrap's included, so that no prediction is narrower.
    const wider = Math.sqrt(se * se + tau2) / se;
    result.pi_lb = estimate - wider * (estimate - result.ci_lb);
    result.pi_ub = estimate + wider * (result.ci_ub - estimate);
    return result;
  }

  function wild(result, pieces, model, bootstrap) {
    const weights = Robust.draw(pieces.clusters.length, bootstrap);
    result.pval = Robust.wildP(pieces, result.estimate, 0, weights);
    [result.ci_lb, result.ci_ub] = Robust.wildInterval(pieces, result.estimate, weights, model.level);
    const few = `${result.df.toFixed(2)} degrees of freedom, fewer than ${ENOUGH_DF}`;
    result.note = `wild cluster bootstrap, since there are ${few}`;
  }

  // I2 of all true effects: their variance against the sampling variance of a typical effect.
  function share(fit, model, k, tau2) {
    const alone = CHE.likelihood(fit.studies, model.rho, [0, 0], true);
    return 100 * (1 - (k - 1) / alone.trace / (tau2 + (k - 1) / alone.trace));
  }

  // rows: {study, yi, vi, events, people}; model: {kind, method, test, rho, level, min_studies}.
  function pool(rows, model, bootstrap) {
    const studies = new Set(rows.map((row) => row.study)).size;
    const counted = { k: rows.length, studies };
    if (studies < model.min_studies) {
      const said = `${studies} ${studies === 1 ? "study" : "studies"}; at least ${model.min_studies} are pooled`;
      return { ...counted, status: "too_few", reason: said };
    }
    const fit = { che, univariate: Univariate.pool, glmm: GLMM.pool }[model.kind](rows, model, bootstrap);
    const known = Number.isFinite(fit.estimate) && Number.isFinite(fit.se);
    const status = fit.converged ? (known ? "ok" : "not_estimable") : "not_converged";
    return { ...counted, ...fit, status, reason: fit.note };
  }

  return { pool };
})();
