"use strict";
// Correlated and hierarchical effects with one mean:
// y_ij = mu + u_j + w_ij + e_ij, cov(e_ij, e_hj) = rho sqrt(v_ij v_hj).
// The covariance of a study is a diagonal plus rank two, so that the likelihood costs as much as there are effects.
// Source: Pustejovsky and Tipton (2022), Prevention Science 23, 425-438, eq. 6; Harville (1977) for the slopes.
const CHE = (() => {
  const NEWTON_STEPS = 60;
  // The predicted gain in log-likelihood that counts as none.
  const GAIN = 1e-15;

  function studiesOf(rows) {
    const found = new Map();
    for (const row of rows) {
      if (!found.has(row.study)) found.set(row.study, { study: row.study, y: [], v: [] });
      const one = found.get(row.study);
      one.y.push(row.yi);
      one.v.push(row.vi);
    }
    return [...found.values()];
  }

  // What M = D + U K U' of one study gives at these variances, with D = (1 - rho) v + within and U = [sqrt(v), 1].
  function factor(study, rho, between, within) {
    const n = study.v.length;
    const inverse = new Float64Array(n);
    const root = study.v.map(Math.sqrt);
    let [ss, s1, oo, logDet] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const d = (1 - rho) * study.v[i] + within;
      inverse[i] = 1 / d;
      logDet += Math.log(d);
      ss += study.v[i] / d;
      s1 += root[i] / d;
      oo += 1 / d;
    }
    // A = (I + K G)^-1 K, symmetric, with G = U' D^-1 U.
    const [a, b, c, d] = [1 + rho * ss, rho * s1, between * s1, 1 + between * oo];
    const det = a * d - b * c;
    const A = [(d * rho) / det, (-b * between) / det, (a * between) / det];
    return { inverse, root, A, logDet: logDet + Math.log(det) };
  }

  // M^-1 x.
  function solve(at, x) {
    let [s, o] = [0, 0];
    for (let i = 0; i < x.length; i++) {
      s += at.root[i] * at.inverse[i] * x[i];
      o += at.inverse[i] * x[i];
    }
    const [p, q] = [at.A[0] * s + at.A[1] * o, at.A[1] * s + at.A[2] * o];
    return x.map((value, i) => at.inverse[i] * (value - at.root[i] * p - q));
  }

  function traceOfInverse(at) {
    let [trace, ss, s1, oo] = [0, 0, 0, 0];
    for (let i = 0; i < at.inverse.length; i++) {
      const d = at.inverse[i];
      trace += d;
      ss += (at.root[i] * d) ** 2;
      s1 += at.root[i] * d * d;
      oo += d * d;
    }
    return trace - (at.A[0] * ss + 2 * at.A[1] * s1 + at.A[2] * oo);
  }

  const sum = (x) => x.reduce((total, value) => total + value, 0);
  const sumOfSquares = (x) => x.reduce((total, value) => total + value * value, 0);

  // Twice the log-likelihood (up to a constant), its slopes by the two variances, the mean and its weight.
  function likelihood(studies, rho, [between, within], restricted) {
    const parts = studies.map((study) => {
      const at = factor(study, rho, between, within);
      return { at, ones: solve(at, study.y.map(() => 1)), direct: solve(at, study.y) };
    });
    const weights = parts.map((part) => sum(part.ones));
    const weight = sum(weights);
    const mean = sum(parts.map((part) => sum(part.direct))) / weight;
    let [value, ofBetween, ofWithin, trace] = [restricted ? -Math.log(weight) : 0, 0, 0, 0];
    parts.forEach((part, j) => {
      const pulled = part.direct.map((x, i) => x - mean * part.ones[i]);
      const residual = studies[j].y.map((y) => y - mean);
      value -= part.at.logDet + sum(residual.map((r, i) => r * pulled[i]));
      const taken = restricted ? 1 / weight : 0;
      const own = traceOfInverse(part.at) - taken * sumOfSquares(part.ones);
      trace += own;
      ofBetween += sum(pulled) ** 2 - weights[j] + taken * weights[j] ** 2;
      ofWithin += sumOfSquares(pulled) - own;
    });
    return { value, slope: [ofBetween, ofWithin], mean, weight, weights, parts, trace };
  }

  // Newton's method on the slopes, within variances of zero and more; the curvature by central differences.
  function climb(look, start, free) {
    let x = [...start];
    let at = look(x);
    for (let step = 0; step < NEWTON_STEPS; step++) {
      const moving = free.filter((i) => x[i] > 0 || at.slope[i] > 0);
      if (!moving.length) return { x, at, converged: true };
      const move = newtonStep(look, x, at, moving);
      const gain = sum(moving.map((i) => move[i] * at.slope[i]));
      let share = 1;
      let next = null;
      for (; share > 1e-12; share /= 3) {
        const trial = x.map((value, i) => Math.max(0, value + share * move[i]));
        const seen = look(trial);
        if (seen.value > at.value) {
          next = { x: trial, at: seen };
          break;
        }
      }
      if (!next) return { x, at, converged: gain < 1e-8 * (1 + Math.abs(at.value)) };
      ({ x, at } = next);
      if (gain < GAIN * (1 + Math.abs(at.value))) return { x, at, converged: true };
    }
    return { x, at, converged: false };
  }

  function newtonStep(look, x, at, moving) {
    const H = moving.map((i) => {
      const h = 1e-5 * Math.max(x[i], 1e-3 * (x[0] + x[1]), 1e-9);
      const [up, down] = [1, -1].map((sign) => look(x.map((value, j) => value + (j === i ? sign * h : 0))));
      return moving.map((j) => (up.slope[j] - down.slope[j]) / (2 * h));
    });
    const move = [0, 0];
    const g = moving.map((i) => at.slope[i]);
    if (moving.length === 1) {
      move[moving[0]] = g[0] / Math.max(Math.abs(H[0][0]), 1e-12);
      return move;
    }
    // Along each principal direction uphill, also where the likelihood is not concave.
    const off = (H[0][1] + H[1][0]) / 2;
    const angle = 0.5 * Math.atan2(2 * off, H[0][0] - H[1][1]);
    for (const turn of [angle, angle + Math.PI / 2]) {
      const [c, s] = [Math.cos(turn), Math.sin(turn)];
      const curvature = Math.abs(H[0][0] * c * c + 2 * off * c * s + H[1][1] * s * s);
      const size = (g[0] * c + g[1] * s) / Math.max(curvature, 1e-12);
      move[moving[0]] += size * c;
      move[moving[1]] += size * s;
    }
    return move;
  }

  // The variances of highest likelihood: the best points of a coarse grid, each climbed from.
  function fit(rows, rho, method) {
    const studies = studiesOf(rows);
    const look = (x) => likelihood(studies, rho, x, method !== "ML");
    const y = rows.map((row) => row.yi);
    const centre = sum(y) / y.length;
    const spread = sumOfSquares(y.map((value) => value - centre)) / Math.max(1, y.length - 1);
    const several = studies.length < rows.length;
    const free = several ? [0, 1] : [0];
    const shares = [0, 0.02, 0.15, 0.5, 1.2];
    const grid = shares.flatMap((a) => (several ? shares : [0]).map((b) => [a * spread, b * spread]));
    const seen = grid.map((x) => ({ x, value: look(x).value })).sort((a, b) => b.value - a.value);
    const ends = seen.slice(0, 4).map((start) => climb(look, start.x, free));
    const best = ends.reduce((a, b) => (b.at.value > a.at.value ? b : a));
    return { studies, sigma2: best.x, at: best.at, converged: best.converged };
  }

  return { fit, likelihood, studiesOf };
})();
