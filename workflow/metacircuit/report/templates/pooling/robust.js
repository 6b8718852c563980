"use strict";
// CR2 and Satterthwaite degrees of freedom for one mean, and the wild cluster bootstrap where those are too few.
// Sources: Pustejovsky and Tipton (2018), JBES 36:672, eqs. 4 to 14; Cameron, Gelbach and Miller (2008), REStat 90:414;
// Webb (2023), Canadian Journal of Economics 56:839.
const Robust = (() => {
  const FULL_LEVERAGE = 1e-9;
  const EPSILON = 2 ** -52;
  const TIE = 1e-9;
  const WEBB = [0.5, 1, 1.5].map(Math.sqrt);
  const FEW_CLUSTERS = 12;

  function cholesky(M) {
    const L = M.map((row) => row.map(() => 0));
    for (let i = 0; i < M.length; i++) {
      for (let j = 0; j <= i; j++) {
        let rest = M[i][j];
        for (let k = 0; k < j; k++) rest -= L[i][k] * L[j][k];
        L[i][j] = i === j ? Math.sqrt(rest) : rest / L[j][j];
      }
    }
    return L;
  }

  // Eigenvalues and eigenvectors (columns) of a symmetric matrix, by Jacobi's rotations.
  function eigen(S) {
    const n = S.length;
    const A = S.map((row) => [...row]);
    const V = A.map((_, i) => A.map((__, j) => (i === j ? 1 : 0)));
    for (let sweep = 0; sweep < 60; sweep++) {
      let [off, size] = [0, 0];
      A.forEach((row, i) => row.forEach((x, j) => (i === j ? (size += x * x) : (off += x * x))));
      if (off <= 1e-32 * size) break;
      for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(A, V, p, q);
    }
    return { values: A.map((row, i) => row[i]), vectors: V };
  }

  function rotate(A, V, p, q) {
    if (A[p][q] === 0) return;
    const theta = (A[q][q] - A[p][p]) / (2 * A[p][q]);
    const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    const c = 1 / Math.sqrt(t * t + 1);
    const s = t * c;
    for (const row of A) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
    for (let k = 0; k < A.length; k++) {
      [A[p][k], A[q][k]] = [c * A[p][k] - s * A[q][k], s * A[p][k] + c * A[q][k]];
    }
    for (const row of V) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
  }

  // G = A Phi^-1 1 m of one study: A = L B^(-1/2) L', B = L'(Phi - m 1 1')L, Phi = L L'.
  function adjusted(Phi, bread, information) {
    const n = Phi.length;
    const L = cholesky(Phi);
    const across = (i, j) => L.reduce((total, row) => total + row[i] * row[j], 0);
    const LL = Phi.map((_, i) => Phi.map((__, j) => across(i, j)));
    const ones = Phi.map((_, i) => L.reduce((total, row) => total + row[i], 0));
    const B = LL.map((row, i) =>
      row.map((_, j) => LL.reduce((total, other, k) => total + row[k] * other[j], 0) - bread * ones[i] * ones[j]),
    );
    const { values, vectors } = eigen(B);
    const largest = Math.max(...values);
    const lost = bread * information > 1 - FULL_LEVERAGE ? values.indexOf(Math.min(...values)) : -1;
    const start = Array(n).fill(0);
    for (let i = 0; i < n; i++) {
      let rest = bread;
      for (let k = 0; k < i; k++) rest -= L[i][k] * start[k];
      start[i] = rest / L[i][i];
    }
    const turned = values.map((value, e) =>
      e === lost
        ? 0
        : vectors.reduce((total, row, i) => total + row[e] * start[i], 0) /
          Math.sqrt(Math.max(value, EPSILON * largest)),
    );
    const back = vectors.map((row) => row.reduce((total, x, e) => total + x * turned[e], 0));
    return L.map((row) => row.reduce((total, x, i) => total + x * back[i], 0));
  }

  // Scores of the studies with what small-sample inference needs, from a fit of CHE.
  function sandwich(fit, rho) {
    const bread = 1 / fit.at.weight;
    const clusters = fit.studies.map((study, j) => {
      const Phi = study.v.map((v, i) =>
        study.v.map((other, h) =>
          i === h ? v + fit.sigma2[0] + fit.sigma2[1] : rho * Math.sqrt(v * other) + fit.sigma2[0],
        ),
      );
      const information = fit.at.weights[j];
      const G = adjusted(Phi, bread, information);
      const residual = study.y.map((y) => y - fit.at.mean);
      const dot = (x, z) => x.reduce((total, value, i) => total + value * z[i], 0);
      return {
        information,
        score: dot(G, residual),
        spread: dot(G, Phi.map((row) => dot(row, G))),
        pull: G.reduce((total, value) => total + value, 0),
        raw: dot(fit.at.parts[j].ones, residual),
      };
    });
    const variance = clusters.reduce((total, c) => total + c.score ** 2, 0);
    return { bread, clusters, variance, df: satterthwaite(clusters, bread) };
  }

  function satterthwaite(clusters, bread) {
    let [mean, square, inner] = [0, 0, 0];
    for (const { spread, pull } of clusters) {
      const length = bread * pull * pull;
      mean += spread - length;
      square += spread * spread - 2 * spread * length;
      inner += length;
    }
    square += inner * inner;
    return square > 0 ? (mean * mean) / square : NaN;
  }

  // The weights that Python draws for as many clusters, from the same generator in the same order.
  function draw(J, bootstrap) {
    const random = Generator.pcg64(bootstrap.state, bootstrap.inc);
    const cells = bootstrap.replicates * J;
    const signs = Float64Array.from({ length: cells }, () => (random.below(2) ? 1 : -1));
    if (J >= FEW_CLUSTERS) return signs;
    return signs.map((sign) => sign * WEBB[random.below(3)]);
  }

  // Bootstrap p-value of mu = null, with restricted residuals.
  function wildP(pieces, estimate, null_, weights) {
    const { clusters, bread } = pieces;
    const away = estimate - null_;
    const g = clusters.map((c) => (c.raw + c.information * away) * bread);
    const h = clusters.map((c) => c.score + c.pull * away);
    const J = clusters.length;
    const observed = (away * away) / pieces.variance;
    const replicates = weights.length / J;
    let extreme = 0;
    for (let b = 0; b < replicates; b++) {
      let [shift, variance] = [0, 0];
      for (let j = 0; j < J; j++) shift += weights[b * J + j] * g[j];
      for (let j = 0; j < J; j++) variance += (weights[b * J + j] * h[j] - shift * clusters[j].pull) ** 2;
      if ((shift * shift) / variance >= observed * (1 - TIE)) extreme += 1;
    }
    return (1 + extreme) / (1 + replicates);
  }

  // The values that the bootstrap does not reject, infinite on a side where it rejects none.
  function wildInterval(pieces, estimate, weights, level) {
    const se = Math.sqrt(pieces.variance);
    const alpha = 1 - level / 100;
    const excess = (distance, side) => wildP(pieces, estimate, estimate + side * distance * se, weights) - alpha;
    return [-1, 1].map((side) => {
      let far = 4;
      while (far < 1e4 && excess(far, side) > 0) far *= 2;
      if (far >= 1e4) return side * Infinity;
      let [low, width] = [0, far];
      for (let i = 0; i < 100; i++) {
        width /= 2;
        const value = excess(low + width, side);
        if (value === 0 || width < 1e-4) return estimate + side * se * (low + width);
        if (value > 0) low += width;
      }
      return estimate + side * se * low;
    });
  }

  return { sandwich, draw, wildP, wildInterval, eigen };
})();
