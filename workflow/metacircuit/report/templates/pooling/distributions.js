"use strict";
// Tail areas and quantiles of the normal and t distributions, from the incomplete beta and gamma functions.
// Sources: Lanczos (1964) for log gamma; Lentz's continued fractions as in Press et al. (2007), Numerical Recipes, 6.
const Distributions = (() => {
  const TINY = 1e-300;
  const LANCZOS = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];

  function logGamma(x) {
    const z = x - 1;
    let sum = LANCZOS[0];
    for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (z + i);
    const t = z + LANCZOS.length - 1.5;
    return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
  }

  // The continued fraction of the incomplete beta function, which converges for x < (a + 1) / (a + b + 2).
  function betaFraction(a, b, x) {
    let c = 1;
    let d = 1 / (1 - ((a + b) * x) / (a + 1) || TINY);
    let h = d;
    for (let m = 1; m < 10000; m++) {
      const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1 / (1 + even * d || TINY);
      c = 1 + even / c || TINY;
      h *= d * c;
      const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
      d = 1 / (1 + odd * d || TINY);
      c = 1 + odd / c || TINY;
      h *= d * c;
      if (Math.abs(d * c - 1) < 1e-16) break;
    }
    return h;
  }

  // I_x(a, b); `rest` is 1 - x, which a caller may know to more digits.
  function incompleteBeta(a, b, x, rest = 1 - x) {
    if (x <= 0) return 0;
    if (rest <= 0) return 1;
    const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(rest));
    if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(a, b, x)) / a;
    return 1 - (front * betaFraction(b, a, rest)) / b;
  }

  // P(a, x) by its series, and 1 - P(a, x) by its continued fraction where that is the smaller one.
  function upperGamma(a, x) {
    if (x <= 0) return 1;
    const front = Math.exp(a * Math.log(x) - x - logGamma(a));
    if (x < a + 1) {
      let term = 1 / a;
      let sum = term;
      for (let n = a + 1; Math.abs(term) > 1e-17 * sum; n++) {
        term *= x / n;
        sum += term;
      }
      return 1 - front * sum;
    }
    let b = x + 1 - a;
    let c = 1 / TINY;
    let d = 1 / b;
    let h = d;
    for (let i = 1; i < 10000; i++) {
      const an = -i * (i - a);
      b += 2;
      d = 1 / (an * d + b || TINY);
      c = b + an / c || TINY;
      h *= d * c;
      if (Math.abs(d * c - 1) < 1e-16) break;
    }
    return front * h;
  }

  // P(|T| > |x|) for t with df degrees of freedom; df = Infinity is the normal distribution.
  function twoSidedP(x, df = Infinity) {
    if (Number.isNaN(x) || Number.isNaN(df)) return NaN;
    if (df === Infinity) return upperGamma(0.5, (x * x) / 2);
    const square = x * x;
    return incompleteBeta(df / 2, 0.5, df / (df + square), square / (df + square));
  }

  function chi2P(x, df) {
    return upperGamma(df / 2, x / 2);
  }

  // The value that |T| exceeds with probability 1 - level / 100, by bisection on a scale that fits heavy tails.
  function critical(level, df = Infinity) {
    if (!(df > 0)) return NaN;
    const tail = 1 - level / 100;
    let low = 0;
    let high = 2;
    while (twoSidedP(high, df) > tail) {
      low = high;
      high *= 2;
      if (high > 1e300) return Infinity;
    }
    for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
      const middle = (low + high) / 2;
      if (twoSidedP(middle, df) > tail) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  return { logGamma, incompleteBeta, twoSidedP, chi2P, critical };
})();
