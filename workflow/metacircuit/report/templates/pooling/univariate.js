"use strict";
// Independent effects with one mean. Iterations take the path of metafor's defaults and stop where they stop, as the
// pipeline's tables do. Sources: Viechtbauer (2005) JEBS 30, 261-293; DerSimonian and Laird (1986); Hedges and Olkin
// (1985); Hunter and Schmidt (2004); Sidik and Jonkman (2005); Paule and Mandel (1982); Knapp and Hartung (2003).
const Univariate = (() => {
  const THRESHOLD = 1e-5;
  const ROOT_TOLERANCE = (2 ** -52) ** 0.25;
  const METHODS = ["EE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM"];
  const CLOSED = ["DL", "HE", "HS", "HSk", "SJ"];

  const sum = (x) => x.reduce((total, value) => total + value, 0);

  // The weighted mean with what the estimators need of P = W - W1(1'W1)^-1 1'W.
  function project(y, w) {
    const weight = sum(w);
    const mean = sum(y.map((value, i) => w[i] * value)) / weight;
    const pulled = y.map((value, i) => w[i] * (value - mean));
    const [w2, w3] = [sum(w.map((x) => x ** 2)), sum(w.map((x) => x ** 3))];
    const cubic = sum(pulled.map((x, i) => w[i] * x * x)) - sum(pulled.map((x, i) => w[i] * x)) ** 2 / weight;
    return {
      ...{ weight, mean, w2, rss: sum(pulled.map((x, i) => (x * x) / w[i])) },
      ...{ yPPy: sum(pulled.map((x) => x * x)), yPPPy: cubic },
      ...{ trP: weight - w2 / weight, trPP: w2 - (2 * w3) / weight + (w2 / weight) ** 2 },
    };
  }

  const weightsAt = (v, tau2) => v.map((value) => 1 / (value + tau2));

  function closed(y, v, method) {
    const k = y.length;
    const flat = project(y, y.map(() => 1));
    if (method === "HE") return Math.max(0, (flat.rss - (1 - 1 / k) * sum(v)) / (k - 1));
    if (method === "SJ") {
      const crude = flat.rss / k;
      return crude > 0 ? (crude * project(y, weightsAt(v, crude)).rss) / (k - 1) : 0;
    }
    const P = project(y, weightsAt(v, 0));
    if (method === "DL") return Math.max(0, (P.rss - (k - 1)) / P.trP);
    return Math.max(0, ((method === "HSk" ? k / (k - 1) : 1) * P.rss - k) / P.weight);
  }

  // Twice the profile log-likelihood, up to a constant.
  function profile(y, v, tau2, restricted) {
    const P = project(y, weightsAt(v, tau2));
    return -(sum(v.map((value) => Math.log(value + tau2))) + P.rss + (restricted ? Math.log(P.weight) : 0));
  }

  function score(y, v, tau2, method) {
    const P = project(y, weightsAt(v, tau2));
    const k = y.length;
    if (method === "REML") return [P.yPPy - P.trP, P.trPP];
    if (method === "ML") return [P.yPPy - P.weight, P.w2];
    return [(P.rss * k) / (k - 1) - k, P.weight];
  }

  function fisherScoring(y, v, method) {
    let tau2 = closed(y, v, "HE");
    let converged = false;
    for (let i = 0; i < 100 && !converged; i++) {
      const [slope, information] = score(y, v, tau2, method);
      let step = slope / information;
      while (tau2 + step < 0) step /= 2;
      tau2 += step;
      converged = Math.abs(step) <= THRESHOLD;
    }
    if (method !== "EB") {
      const lost = (profile(y, v, 0, method === "REML") - profile(y, v, tau2, method === "REML")) / 2;
      if (lost > ROOT_TOLERANCE && tau2 > THRESHOLD) tau2 = 0;
    }
    return { tau2, converged };
  }

  // Halving between two points of different sign, to the last digit.
  function bisect(f, low, high) {
    for (let i = 0; i < 300 && high - low > 1e-15 * high; i++) {
      const middle = low > 0 && high > 16 * low ? Math.sqrt(low * high) : (low + high) / 2;
      if (f(middle) > 0) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  function exact(y, v, method) {
    const k = y.length;
    const flat = project(y, y.map(() => 1)).rss;
    if (method !== "ML" && method !== "REML") {
      const excess = (t) => project(y, weightsAt(v, t)).rss - (k - 1);
      return excess(0) > 0 ? bisect(excess, 0, (1.001 * flat) / (k - 1)) : 0;
    }
    const slope = (t) => score(y, v, t, method)[0];
    const low = 0.1 * Math.min(...v);
    const high = 1.01 * Math.max(...v, (2 * flat) / (k - 1));
    const points = Math.min(96, Math.max(4, Math.ceil(4 * Math.log10(high / low))));
    const grid = [0, ...Array.from({ length: points }, (_, j) => low * (high / low) ** (j / points)), high];
    const heights = grid.map((t) => profile(y, v, t, method === "REML"));
    const best = heights.indexOf(Math.max(...heights));
    if (slope(grid[best]) > 0) return bisect(slope, grid[best], grid[Math.min(best + 1, points + 1)]);
    return best === 0 ? 0 : bisect(slope, grid[best - 1], grid[best]);
  }

  // The stopping rule of metafor is given up where it ends far from the solution.
  function tooEarly(y, v, found, method) {
    const solution = exact(y, v, method);
    if (method === "ML" || method === "REML") {
      const heights = [found, solution].map((t) => profile(y, v, t, method === "REML") / 2);
      if (heights[1] - heights[0] > 0.01) return solution;
    }
    const typical = (y.length - 1) / project(y, weightsAt(v, 0)).trP;
    return Math.abs(found - solution) > 0.01 * (typical + solution) ? solution : null;
  }

  function betweenStudies(y, v, method) {
    if (method === "EE" || y.length < 2) return { tau2: 0, converged: true };
    if (CLOSED.includes(method)) return { tau2: closed(y, v, method), converged: true };
    const found = method === "PM" ? Brent.pauleMandel(y, v, project, ROOT_TOLERANCE) : fisherScoring(y, v, method);
    const better = tooEarly(y, v, found.tau2, method);
    return better === null ? found : { tau2: better, converged: true };
  }

  function pool(rows, model) {
    const [y, v] = [rows.map((row) => row.yi), rows.map((row) => row.vi)];
    const [k, test] = [y.length, y.length === 1 ? "z" : model.test];
    const { tau2, converged } = betweenStudies(y, v, model.method);
    const P = project(y, weightsAt(v, tau2));
    let scale = 1;
    if (test === "knha" || test === "adhoc") {
      scale = P.rss <= 2 ** -52 ? 0 : P.rss / (k - 1);
      if (test === "adhoc") scale = Math.max(1, scale);
    }
    const se = Math.sqrt(scale / P.weight);
    const df = test === "z" ? Infinity : k - 1;
    const half = Distributions.critical(model.level, df);
    const typical = k > 1 ? (k - 1) / project(y, weightsAt(v, 0)).trP : NaN;
    const Q = project(y, weightsAt(v, 0)).rss;
    const share = model.method === "EE" ? Math.max(0, 1 - (k - 1) / Q) : tau2 / (tau2 + typical);
    const reach = model.method === "EE" || k < 2 ? NaN : half * Math.sqrt(tau2 + se * se);
    return {
      ...{ estimate: P.mean, se, df, pval: Distributions.twoSidedP(P.mean / se, df), converged },
      ...{ ci_lb: P.mean - half * se, ci_ub: P.mean + half * se, pi_lb: P.mean - reach, pi_ub: P.mean + reach },
      ...{ tau2, I2: 100 * (Q > 0 ? share : 0), note: "" },
    };
  }

  return { pool, METHODS };
})();
