"use strict";
// Numbers as the rest of the page writes them: real minus signs, no "p = .000", proportions as percentages.
const Wording = (() => {
  const TRANSFORMS = {
    none: (x) => x,
    exp: Math.exp,
    tanh: Math.tanh,
    expit: (x) => 1 / (1 + Math.exp(-x)),
    sine_squared: (x) => Math.sin(Math.min(Math.max(x, 0), Math.PI / 2)) ** 2,
  };

  function number(value, decimals) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    if (Math.abs(value) >= 1e6) return value.toExponential(1).replace("e+", "e").replace("-", "−");
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    const text = Math.abs(value).toLocaleString("en-GB", digits);
    return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
  }

  function interval(lower, upper, decimals) {
    if ([lower, upper].some((x) => x === null || Number.isNaN(x))) return "–";
    return `[${number(lower, decimals)}, ${number(upper, decimals)}]`;
  }

  function p(value) {
    if (Number.isNaN(value)) return "p = –";
    if (value < 0.001) return "p < .001";
    return value > 0.999 ? "p > .999" : `p = ${value.toFixed(3).replace(/^0/, "")}`;
  }

  const plural = (n, one, many = `${one}s`) => `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;

  // The scale on which people read an analysis: its transform, the factor and the digits.
  function scaleOf(analysis) {
    const percent = analysis.scale === "proportion";
    const [factor, digits, unit] = percent ? [100, 1, "%"] : [1, 2, ""];
    const of = (x) => factor * TRANSFORMS[analysis.transform](x);
    return {
      of,
      logarithmic: analysis.transform === "exp" && !percent,
      title: percent ? "Percent" : analysis.scale.charAt(0).toUpperCase() + analysis.scale.slice(1),
      none: percent ? null : of(0),
      estimate: (x) => `${number(of(x), digits)}${unit}`,
      interval: (lower, upper) => interval(of(lower), of(upper), digits),
      percent,
    };
  }

  return { number, interval, p, plural, scaleOf };
})();
