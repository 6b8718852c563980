"use strict";
// PCG64 (XSL-RR, 128 bits of state), the generator behind numpy's default_rng, so that a bootstrap in the page draws
// what Python drew. Sources: O'Neill (2014), HMC-CS-2014-0905; Lemire (2019), ACM TOMACS 29:3, for bounded integers.
const Generator = (() => {
  const MULTIPLIER = (2549297995355413924n << 64n) + 4865540595714422341n;
  const WIDE = (1n << 128n) - 1n;
  const LONG = (1n << 64n) - 1n;
  const WORD = 2 ** 32;

  function pcg64(state, inc) {
    let at = BigInt(state);
    const step = BigInt(inc);
    let kept = null;

    function next64() {
      at = (at * MULTIPLIER + step) & WIDE;
      const folded = (at >> 64n) ^ (at & LONG);
      const turn = at >> 122n;
      return ((folded >> turn) | (folded << (64n - turn))) & LONG;
    }

    // The lower half first; the upper half is kept for the next call.
    function next32() {
      if (kept !== null) {
        const word = kept;
        kept = null;
        return word;
      }
      const both = next64();
      kept = Number(both >> 32n);
      return Number(both & 0xffffffffn);
    }

    // An integer from 0 to n - 1, n small.
    function below(n) {
      const threshold = (WORD - n) % n;
      for (;;) {
        const product = next32() * n;
        if (product % WORD >= threshold) return Math.floor(product / WORD);
      }
    }

    return { below };
  }

  return { pcg64 };
})();
