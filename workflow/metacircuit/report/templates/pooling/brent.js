"use strict";
// Brent's zero finder with the stopping rule of R's uniroot, for the Paule-Mandel estimator.
// Source: Brent (1973) Algorithms for Minimization Without Derivatives, ch. 4.
const Brent = (() => {
  const EPSILON = 2 ** -52;

  function zero(f, upper, tolerance) {
    let [a, b, fa, fb] = [0, upper, f(0), f(upper)];
    let [c, fc] = [a, fa];
    for (let i = 0; i < 1000; i++) {
      const before = b - a;
      if (Math.abs(fc) < Math.abs(fb)) [a, b, c, fa, fb, fc] = [b, c, b, fb, fc, fb];
      const near = 2 * EPSILON * Math.abs(b) + tolerance / 2;
      const half = (c - b) / 2;
      if (Math.abs(half) <= near || fb === 0) break;
      let step = half;
      if (Math.abs(before) >= near && Math.abs(fa) > Math.abs(fb)) {
        const [width, s, q, r] = [c - b, fb / fa, fa / fc, fb / fc];
        let up = a === c ? width * s : s * (width * q * (q - r) - (b - a) * (r - 1));
        let down = a === c ? 1 - s : (q - 1) * (r - 1) * (s - 1);
        if (up > 0) down = -down;
        up = Math.abs(up);
        const allowed = up < 0.75 * width * down - Math.abs(near * down) / 2 && up < Math.abs((before * down) / 2);
        if (allowed) step = up / down;
      }
      if (Math.abs(step) < near) step = step > 0 ? near : -near;
      [a, fa] = [b, fb];
      b += step;
      fb = f(b);
      if (fb * fc > 0) [c, fc] = [a, fa];
    }
    return b;
  }

  function median(x) {
    const sorted = [...x].sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  // The tau2 at which Q equals its degrees of freedom.
  function pauleMandel(y, v, project, tolerance) {
    const excess = (t) => project(y, v.map((value) => 1 / (value + t))).rss - (y.length - 1);
    if (excess(0) < 0) return { tau2: 0, converged: true };
    const centre = median(y);
    const spread = median(y.map((value) => Math.abs(value - centre))) / 0.6744897501960817;
    const largest = Math.max(100, 10 * spread ** 2);
    if (excess(largest) > 0) return { tau2: 0, converged: false };
    return { tau2: zero(excess, largest, tolerance), converged: true };
  }

  return { pauleMandel };
})();
