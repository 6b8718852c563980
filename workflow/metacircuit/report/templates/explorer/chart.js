"use strict";
// What the charting library is told to draw: the rows with their intervals, the pooled estimate above them.
// The names of the rows are not among it: as text beside the plot they cost nothing and are cut where room ends.
const Chart = (() => {
  const ROW = 21;
  const HEAD = 58;
  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  const FAMILY = '"Liberation Sans", Arial, Helvetica, sans-serif';

  // The library reads some tags in its labels; text from the data shall have none.
  const plain = (text) => text.replace(/[&<>]/g, (character) => ESCAPES[character]);
  const cut = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
  function wrap(text, width) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const last = lines[lines.length - 1];
      if (last && last.length + word.length >= width) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines.map((line) => plain(cut(line, 2 * width))).join("<br>");
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const names = ["ink", "soft", "line", "ground", "accent", "mark"];
    return Object.fromEntries(names.map((key) => [key, style.getPropertyValue(`--${key}`).trim()]));
  }

  // rows in the order shown; found: their pooled estimate; narrow: whether there is little room.
  function figure(rows, found, analysis, scale, narrow) {
    const at = { rows, found, analysis, scale, colour: colours(), narrow, ok: found.status === "ok" };
    return {
      data: [points(at), ...(at.ok ? summary(at) : [])],
      layout: layout(at),
      config: { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false },
    };
  }

  function points({ rows, scale, colour, narrow }) {
    const x = rows.map((row) => scale.of(row.yi));
    const smallest = Math.min(...rows.map((row) => row.vi));
    const told = (row) => Story.lines(row, scale).map((line) => wrap(line, narrow ? 34 : 60));
    return {
      type: "scatter",
      mode: "markers",
      x,
      y: rows.map((_, i) => rows.length - 1 - i),
      hovertext: rows.map((row) => told(row).join("<br>")),
      hoverinfo: "text",
      marker: {
        symbol: "square",
        color: colour.mark,
        opacity: 1,
        size: rows.map((row) => 5 + 7 * Math.sqrt(smallest / row.vi)),
        line: { width: 0 },
      },
      error_x: {
        type: "data",
        symmetric: false,
        array: rows.map((row, i) => scale.of(row.ub) - x[i]),
        arrayminus: rows.map((row, i) => x[i] - scale.of(row.lb)),
        color: colour.soft,
        thickness: 1,
        width: 0,
      },
    };
  }

  // A diamond as wide as the confidence interval, on a line as wide as the prediction interval.
  function summary({ rows, found, scale, colour }) {
    const top = rows.length;
    const [left, middle, right] = [found.ci_lb, found.estimate, found.ci_ub].map(scale.of);
    const ends = [found.pi_lb, found.pi_ub].map(scale.of);
    const told = `Pooled: ${scale.estimate(found.estimate)} ${scale.interval(found.ci_lb, found.ci_ub)}`;
    const common = { type: "scatter", hoverinfo: "text", hovertext: told, line: { color: colour.accent, width: 1.5 } };
    const line = { ...common, mode: "lines", x: ends, y: [top, top], hoverinfo: "skip" };
    const shape = { x: [left, middle, right, middle, left], y: [0, 0.33, 0, -0.33, 0].map((y) => top + y) };
    const marker = { symbol: "diamond", size: 11, color: colour.accent };
    const diamond = [left, right].every(Number.isFinite)
      ? { ...common, ...shape, mode: "lines", fill: "toself", fillcolor: colour.accent }
      : { ...common, mode: "markers", x: [middle], y: [top], marker };
    return ends.every(Number.isFinite) ? [line, diamond] : [diamond];
  }

  function layout(at) {
    const { rows, scale, colour, narrow } = at;
    const top = rows.length;
    const font = { family: FAMILY, size: narrow ? 11 : 12, color: colour.ink };
    return {
      height: ROW * (top + 1) + HEAD + 16,
      margin: { l: 8, r: 14, t: HEAD, b: 16 },
      font,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      showlegend: false,
      dragmode: false,
      hovermode: "closest",
      hoverdistance: 12,
      hoverlabel: { bgcolor: colour.ground, bordercolor: colour.soft, align: "left", font },
      shapes: lines(at),
      xaxis: {
        side: "top",
        type: scale.logarithmic ? "log" : "linear",
        title: { text: heading(at), standoff: 6 },
        range: range(at),
        fixedrange: true,
        zeroline: false,
        gridcolor: colour.line,
        linecolor: colour.soft,
        ticks: "outside",
        tickcolor: colour.soft,
        nticks: narrow ? 5 : 9,
      },
      yaxis: {
        range: [-0.5, top + 0.5],
        visible: false,
        fixedrange: true,
      },
    };
  }

  // The scale, with the words of its two ends where there is room.
  function heading({ analysis, scale, narrow }) {
    const { left, right } = analysis.axis;
    const ends = [left ? `← ${left}` : "", right ? `${right} →` : ""].filter(Boolean).map(plain).join("      ");
    return ends && !narrow ? `${plain(scale.title)}<br><sup>${ends}</sup>` : plain(scale.title);
  }

  // No effect, the pooled estimate, and what parts it from the rows.
  function lines({ rows, found, scale, colour, ok }) {
    const line = (color, dash) => ({ type: "line", layer: "below", line: { color, width: 1, dash } });
    const upright = (x) => ({ x0: x, x1: x, yref: "paper", y0: 0, y1: 1 });
    const top = rows.length - 0.5;
    return [
      ...(scale.none === null ? [] : [{ ...line(colour.soft, "solid"), ...upright(scale.none) }]),
      ...(ok ? [{ ...line(colour.accent, "dot"), ...upright(scale.of(found.estimate)) }] : []),
      { ...line(colour.line, "solid"), xref: "paper", x0: 0, x1: 1, y0: top, y1: top },
    ];
  }

  // From the estimates and most of their intervals: a few huge intervals must not flatten all others.
  function range({ rows, found, scale, ok }) {
    const ends = rows.flatMap((row) => [row.lb, row.ub]).sort((a, b) => a - b);
    const spare = rows.length > 20 ? Math.floor(0.02 * ends.length) : 0;
    const inner = [ends[spare], ends[ends.length - 1 - spare], ...rows.map((row) => row.yi)];
    if (!scale.percent) inner.push(0);
    const [least, most] = [Math.min(...inner), Math.max(...inner)];
    const beyond = 0.3 * (most - least);
    const pooled = ok ? [Math.max(found.ci_lb, least - beyond), Math.min(found.ci_ub, most + beyond)] : [];
    const all = [least, most, ...pooled].map(scale.of).map((x) => (scale.logarithmic ? Math.log10(x) : x));
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const room = 0.04 * (high - low || 1);
    return scale.percent ? [Math.max(-2, low - room), Math.min(102, high + room)] : [low - room, high + room];
  }

  return { figure, ROW, HEAD };
})();
