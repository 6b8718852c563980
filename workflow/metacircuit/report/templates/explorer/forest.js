"use strict";
// The interactive forest: a row an effect, the pooled estimate on top; pointer and keys tell where a row comes from.
const Forest = (() => {
  const { element } = Dom;
  const ROW = 21;
  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  const PAGE = 10;

  // Plotly reads some tags in its labels; text from the data shall have none.
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
    const of = (name) => style.getPropertyValue(`--${name}`).trim();
    return { ink: of("ink"), soft: of("soft"), line: of("line"), ground: of("ground"), accent: of("accent"), mark: of("mark") };
  }

  function figure(rows, found, analysis, scale, width) {
    const colour = colours();
    const narrow = width < 560;
    const top = rows.length;
    const y = rows.map((_, i) => top - 1 - i);
    const x = rows.map((row) => scale.of(row.yi));
    const smallest = Math.min(...rows.map((row) => row.vi));
    const labels = rows.map((row) => plain(cut(narrow ? row.label : name(row), narrow ? 16 : 46)));
    const ok = found.status === "ok";
    const points = {
      type: "scatter",
      mode: "markers",
      x,
      y,
      hovertext: rows.map((row) => Story.lines(row, scale).map((line) => wrap(line, narrow ? 34 : 60)).join("<br>")),
      hoverinfo: "text",
      marker: { symbol: "square", color: colour.mark, size: rows.map((row) => 5 + 7 * Math.sqrt(smallest / row.vi)), line: { width: 0 } },
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
    return {
      data: [points, ...(ok ? summary(found, scale, top, colour) : [])],
      layout: layout({ rows, labels, found, ok, analysis, scale, narrow, colour, top }),
      config: { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false },
    };
  }

  const name = (row) => (row.outcome ? `${row.label}: ${row.outcome}` : row.label);

  // A diamond as wide as the confidence interval, on a line as wide as the prediction interval.
  function summary(found, scale, top, colour) {
    const [left, middle, right] = [found.ci_lb, found.estimate, found.ci_ub].map(scale.of);
    const at = [found.pi_lb, found.pi_ub].map(scale.of);
    const inside = [left, right].every(Number.isFinite);
    const told = `Pooled: ${scale.estimate(found.estimate)} ${scale.interval(found.ci_lb, found.ci_ub)}`;
    const common = { type: "scatter", hoverinfo: "text", hovertext: told, line: { color: colour.accent, width: 1.5 } };
    return [
      ...(at.every(Number.isFinite) ? [{ ...common, mode: "lines", x: at, y: [top, top], hoverinfo: "skip" }] : []),
      inside
        ? { ...common, mode: "lines", fill: "toself", fillcolor: colour.accent, x: [left, middle, right, middle, left], y: [top, top + 0.33, top, top - 0.33, top] }
        : { ...common, mode: "markers", marker: { symbol: "diamond", size: 11, color: colour.accent }, x: [middle], y: [top] },
    ];
  }

  function layout({ rows, labels, found, ok, analysis, scale, narrow, colour, top }) {
    const font = { family: '"Liberation Sans", Arial, Helvetica, sans-serif', size: narrow ? 11 : 12, color: colour.ink };
    const straight = (x, dash, tint) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, layer: "below", line: { color: tint, width: 1, dash } });
    const shapes = [];
    if (scale.none !== null) shapes.push(straight(scale.none, "solid", colour.soft));
    if (ok) shapes.push(straight(scale.of(found.estimate), "dot", colour.accent));
    shapes.push({ type: "line", xref: "paper", x0: 0, x1: 1, y0: top - 0.5, y1: top - 0.5, line: { color: colour.line, width: 1 } });
    const { left, right } = analysis.axis;
    const ends = [left ? `← ${left}` : "", right ? `${right} →` : ""].map(plain);
    const said = narrow ? "" : ends.filter(Boolean).join("      ");
    return {
      height: ROW * (top + 1) + 74,
      margin: { l: narrow ? 104 : 300, r: 14, t: 58, b: 16 },
      font,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      showlegend: false,
      dragmode: false,
      hovermode: "closest",
      hoverdistance: 12,
      hoverlabel: { bgcolor: colour.ground, bordercolor: colour.soft, align: "left", font: { ...font, size: narrow ? 11 : 12 } },
      shapes,
      xaxis: {
        side: "top",
        type: scale.logarithmic ? "log" : "linear",
        title: { text: said ? `${plain(scale.title)}<br><sup>${said}</sup>` : plain(scale.title), standoff: 6 },
        range: range(rows, found, ok, scale),
        fixedrange: true,
        zeroline: false,
        gridcolor: colour.line,
        linecolor: colour.soft,
        ticks: "outside",
        tickcolor: colour.soft,
        nticks: narrow ? 5 : 9,
      },
      yaxis: {
        range: [-0.7, top + 0.7],
        tickvals: [top, ...rows.map((_, i) => top - 1 - i)],
        ticktext: [`<b>${ok ? "Pooled, rows shown" : "Not pooled"}</b>`, ...labels],
        fixedrange: true,
        showgrid: false,
        zeroline: false,
      },
    };
  }

  // From the estimates and most of their intervals: one huge interval must not flatten all others.
  function range(rows, found, ok, scale) {
    const ends = rows.flatMap((row) => [row.lb, row.ub]).sort((a, b) => a - b);
    const keep = rows.length > 20 ? Math.floor(0.02 * ends.length) : 0;
    const inner = [ends[keep], ends[ends.length - 1 - keep], ...rows.map((row) => row.yi)];
    const pooled = ok ? [found.ci_lb, found.ci_ub].filter(Number.isFinite) : [];
    const zero = scale.percent ? [] : [0];
    const all = [...inner, ...pooled, ...zero].map(scale.of).map((x) => (scale.logarithmic ? Math.log10(x) : x)).filter(Number.isFinite);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const room = 0.04 * (high - low || 1);
    return scale.percent ? [Math.max(-2, low - room), Math.min(102, high + room)] : [low - room, high + room];
  }

  // onRow is told the row that the pointer or the keys are on.
  function build(analysis, onRow) {
    const scale = Wording.scaleOf(analysis);
    const plot = element("div", { class: "plot" });
    const box = element(
      "div",
      {
        class: "forest",
        tabindex: "0",
        role: "application",
        "aria-roledescription": "forest plot",
        "aria-label": `Forest plot of ${analysis.title}. The arrow keys go from row to row and tell where each comes from.`,
      },
      plot,
    );
    let rows = [];
    let at = -1;

    async function draw(shown, found) {
      rows = shown;
      at = -1;
      if (!rows.length) {
        Plotly.purge(plot);
        plot.replaceChildren(element("p", { class: "small" }, "No row passes these filters."));
        return;
      }
      if (!plot.classList.contains("js-plotly-plot")) plot.replaceChildren();
      const { data, layout: shape, config } = figure(rows, found, analysis, scale, box.clientWidth);
      await Plotly.react(plot, data, shape, config);
      if (!plot.dataset.ready) {
        plot.on("plotly_hover", ({ points: [point] }) => point.curveNumber === 0 && go(point.pointNumber, false));
        plot.on("plotly_click", ({ points: [point] }) => point.curveNumber === 0 && go(point.pointNumber, false));
        plot.dataset.ready = "yes";
      }
    }

    function go(index, byKey) {
      at = Math.min(Math.max(index, 0), rows.length - 1);
      if (byKey) {
        const y = 58 + ROW * (at + 1);
        if (y < box.scrollTop + 90) box.scrollTop = y - 90;
        if (y > box.scrollTop + box.clientHeight - 60) box.scrollTop = y - box.clientHeight + 60;
        Plotly.Fx.hover(plot, [{ curveNumber: 0, pointNumber: at }]);
      }
      onRow(rows[at]);
    }

    box.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: rows.length - 1 };
      if (!(event.key in steps) || !rows.length) return;
      event.preventDefault();
      go(steps[event.key], true);
    });
    return { element: box, draw };
  }

  return { build };
})();
