"use strict";
// Proportions: x_i of n_i with logit = beta + sigma u_i, u_i standard normal, by maximum likelihood. The integral is
// adaptive Gauss-Hermite quadrature with seven nodes, as in lme4 and metafor; the slopes are those of its result.
// Sources: Stijnen, Hamza and Özdemir (2010), Statistics in Medicine 29:3046; Liu and Pierce (1994), Biometrika 81:624.
const GLMM = (() => {
  const NODES = 7;
  const DIFFERENCE = 1e-5;
  const GAIN = 1e-9;
  const INFINITE = 100;

  // Nodes and log weights for the plain integral, from the zeros of the Hermite polynomial.
  const RULE = (() => {
    const hermite = (n, x) => {
      let [before, now] = [0, 1];
      for (let i = 0; i < n; i++) [before, now] = [now, x * now - i * before];
      return now;
    };
    const factorial = Array.from({ length: NODES }, (_, i) => i + 1).reduce((a, b) => a * b, 1);
    return [-3.75, -2.37, -1.15, 0, 1.15, 2.37, 3.75].map((start) => {
      let z = start;
      for (let i = 0; i < 50; i++) z -= hermite(NODES, z) / (NODES * hermite(NODES - 1, z));
      const weight = (factorial * Math.sqrt(2 * Math.PI)) / (NODES * hermite(NODES - 1, z)) ** 2;
      return { z, logWeight: Math.log(weight) + (z * z) / 2 };
    });
  })();

  const logistic = (eta) => (eta >= 0 ? 1 / (1 + Math.exp(-eta)) : Math.exp(eta) / (1 + Math.exp(eta)));
  const log1pExp = (eta) => Math.max(eta, 0) + Math.log1p(Math.exp(-Math.abs(eta)));

  function modeOf(x, n, beta, sigma) {
    let u = 0;
    const height = (at) => x * (beta + sigma * at) - n * log1pExp(beta + sigma * at) - (at * at) / 2;
    for (let i = 0; i < 200; i++) {
      const p = logistic(beta + sigma * u);
      const move = (sigma * (x - n * p) - u) / (1 + sigma * sigma * n * p * (1 - p));
      if (Math.abs(move) <= 1e-7 * (1 + Math.abs(u))) return u + move;
      let share = 1;
      while (share > 1e-12 && height(u + share * move) < height(u) - 1e-13 * (1 + Math.abs(height(u)))) share /= 2;
      u += share * move;
    }
    return u;
  }

  const times = (x, log) => (x === 0 ? 0 : x * log());

  // Log-likelihood of one study against that of its own proportion, which keeps the numbers small, and its slopes.
  function one(x, n, beta, sigma) {
    const saturated = times(x, () => Math.log(x / n)) + times(n - x, () => Math.log1p(-x / n));
    const mode = modeOf(x, n, beta, sigma);
    const p = logistic(beta + sigma * mode);
    const variance = n * p * (1 - p);
    const [first, second, third] = [x - n * p, -variance, -variance * (1 - 2 * p)];
    const root = 1 / Math.sqrt(1 - sigma * sigma * second);
    const towards = [1, mode];
    const dMode = [second * sigma, second * sigma * mode + first].map((cross) => root * root * cross);
    const inner = towards.map(
      (by, i) => root * root * (-third * (by + sigma * dMode[i]) * sigma * sigma - (i ? 2 * second * sigma : 0)),
    );
    const points = RULE.map(({ z, logWeight }) => {
      const u = mode + root * z;
      const eta = beta + sigma * u;
      const height = x * eta - n * log1pExp(eta) - saturated;
      return { z, u, first: x - n * logistic(eta), exponent: height - (u * u) / 2 + logWeight };
    });
    const top = Math.max(...points.map((point) => point.exponent));
    const mass = points.map((point) => Math.exp(point.exponent - top));
    const total = mass.reduce((a, b) => a + b, 0);
    const slope = inner.map((x) => -x / 2);
    points.forEach((point, i) => {
      const share = mass[i] / total;
      const along = point.first * sigma - point.u;
      [1, point.u].forEach((direct, by) => {
        slope[by] += share * (point.first * direct + along * (dMode[by] - point.z * root * 0.5 * inner[by]));
      });
    });
    return { ll: top + Math.log(total) + Math.log(root) - 0.5 * Math.log(2 * Math.PI), slope };
  }

  function likelihood(rows, [beta, sigma]) {
    const at = { ll: 0, slope: [0, 0] };
    for (const row of rows) {
      const found = one(row.events, row.people, beta, sigma);
      at.ll += found.ll;
      at.slope[0] += found.slope[0];
      at.slope[1] += found.slope[1];
    }
    return at;
  }

  function curvature(rows, theta) {
    const H = [0, 1].map((j) => {
      const [up, down] = [1, -1].map((sign) =>
        likelihood(rows, theta.map((value, i) => value + (i === j ? sign * DIFFERENCE : 0))),
      );
      return [0, 1].map((i) => (up.slope[i] - down.slope[i]) / (2 * DIFFERENCE));
    });
    return [H[0][0], (H[0][1] + H[1][0]) / 2, H[1][1]];
  }

  function maximise(rows, start) {
    let theta = start;
    let at = likelihood(rows, theta);
    for (let step = 0; step < 200; step++) {
      const H = curvature(rows, theta);
      const move = uphill(H, at.slope);
      const decrement = at.slope[0] * move[0] + at.slope[1] * move[1];
      if (decrement < 1e-18 * (1 + Math.abs(at.ll))) return { theta, ll: at.ll, H, converged: true };
      let share = Math.min(1, 3 / Math.max(...move.map(Math.abs)));
      let next = null;
      for (; share > 1e-10 && !next; share /= 2) {
        const trial = theta.map((value, i) => value + share * move[i]);
        const seen = likelihood(rows, trial);
        if (seen.ll > at.ll) next = { trial, seen };
      }
      if (!next) return { theta, ll: at.ll, H, converged: decrement < 1e-12 * (1 + Math.abs(at.ll)) };
      [theta, at] = [next.trial, next.seen];
    }
    return { theta, ll: at.ll, H: curvature(rows, theta), converged: false };
  }

  function uphill([a, b, c], slope) {
    const angle = 0.5 * Math.atan2(2 * b, a - c);
    const turns = [angle, angle + Math.PI / 2].map((turn) => [Math.cos(turn), Math.sin(turn)]);
    const sizes = turns.map(([x, y]) => Math.abs(a * x * x + 2 * b * x * y + c * y * y));
    const floor = Math.max(1e-10 * Math.max(...sizes), 1e-12);
    const move = [0, 0];
    turns.forEach(([x, y], i) => {
      const length = (slope[0] * x + slope[1] * y) / Math.max(sizes[i], floor);
      move[0] += length * x;
      move[1] += length * y;
    });
    return move;
  }

  function pool(rows, model) {
    const [events, people] = ["events", "people"].map((name) => rows.reduce((total, row) => total + row[name], 0));
    if (events <= 0 || events >= people) {
      return { estimate: NaN, se: NaN, converged: true, note: "the outcome never, or always, occurs" };
    }
    const beta = Math.log(events / (people - events));
    const equal = likelihood(rows, [beta, 0]).ll;
    const best = [0.2, 1].map((sigma) => maximise(rows, [beta, sigma])).reduce((a, b) => (b.ll > a.ll ? b : a));
    const mixed = best.ll > equal + GAIN;
    const [a, b, c] = best.H;
    const variance = mixed ? -c / (a * c - b * b) : people / (events * (people - events));
    const [estimate, tau2] = mixed ? [best.theta[0], best.theta[1] ** 2] : [beta, 0];
    const infinite = mixed && (Math.abs(best.theta[1]) > INFINITE || !(variance > 0) || variance > INFINITE ** 2);
    if (infinite) return { estimate: NaN, se: NaN, converged: true, note: "the likelihood has no maximum" };
    const se = Math.sqrt(variance);
    const df = model.test === "z" ? Infinity : rows.length - 1;
    const half = Distributions.critical(model.level, df);
    const reach = half * Math.sqrt(variance + tau2);
    return {
      ...{ estimate, se, df, pval: Distributions.twoSidedP(estimate / se, df), converged: !mixed || best.converged },
      ...{ ci_lb: estimate - half * se, ci_ub: estimate + half * se, pi_lb: estimate - reach, pi_ub: estimate + reach },
      ...{ tau2, I2: NaN, note: "" },
    };
  }

  return { pool };
})();
