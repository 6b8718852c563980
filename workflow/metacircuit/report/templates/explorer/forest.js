"use strict";
// The interactive forest: a row an effect; pointer and keys tell where a row comes from.
const Forest = (() => {
  const { element } = Dom;
  const PAGE = 10;
  const NARROW = 560;

  // onRow is told the row that the pointer or the keys are on.
  function build(analysis, onRow) {
    const scale = Wording.scaleOf(analysis);
    const plot = element("div", { class: "plot" });
    const labels = element("ol", { class: "labels", "aria-hidden": "true" });
    const keys = "The arrow keys go from row to row and tell where each comes from.";
    const box = element(
      "div",
      {
        class: "forest",
        tabindex: "0",
        role: "application",
        "aria-roledescription": "forest plot",
        "aria-label": `Forest plot of ${analysis.title}. ${keys}`,
      },
      labels,
      plot,
    );
    box.style.setProperty("--row", `${Chart.ROW}px`);
    box.style.setProperty("--head", `${Chart.HEAD}px`);
    let rows = [];
    let at = -1;

    async function draw(shown, found) {
      rows = shown;
      at = -1;
      if (!rows.length) {
        Plotly.purge(plot);
        delete plot.dataset.ready;
        labels.replaceChildren();
        plot.replaceChildren(element("p", { class: "small" }, "No row passes these filters."));
        return;
      }
      const drawn = plot.dataset.ready === "yes";
      if (drawn) Plotly.Fx.unhover(plot);
      else plot.replaceChildren();
      name(found);
      const { data, layout, config } = Chart.figure(rows, found, analysis, scale, box.clientWidth < NARROW);
      await Plotly.react(plot, data, layout, config);
      if (drawn) return;
      const point = ({ points: [first] }) => first.curveNumber === 0 && go(first.pointNumber, false);
      plot.on("plotly_hover", point);
      plot.on("plotly_click", point);
      plot.dataset.ready = "yes";
    }

    function name(found) {
      const first = element("li", { class: "pooled" }, found.status === "ok" ? "Pooled, rows shown" : "Not pooled");
      const texts = rows.map((row) => [row.label, row.outcome].filter(Boolean).join(": "));
      labels.replaceChildren(first, ...texts.map((text) => element("li", { title: text }, text)));
    }

    function go(index, byKey) {
      const next = Math.min(Math.max(index, 0), rows.length - 1);
      if (next === at) return;
      labels.children[at + 1]?.classList.remove("at");
      labels.children[next + 1].classList.add("at");
      at = next;
      if (byKey) {
        follow(Chart.HEAD + Chart.ROW * (at + 1.5));
        Plotly.Fx.hover(plot, [{ curveNumber: 0, pointNumber: at }]);
      }
      onRow(rows[at]);
    }

    // Keep the row in sight, at once: scrolling that glides would be motion.
    function follow(y) {
      const [above, below] = [y - 90, y - box.clientHeight + 60];
      if (box.scrollTop > above) box.scrollTop = above;
      if (box.scrollTop < below) box.scrollTop = below;
    }

    box.addEventListener("keydown", (event) => {
      const last = rows.length - 1;
      const by = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: last };
      if (!(event.key in by) || !rows.length) return;
      event.preventDefault();
      go(by[event.key], true);
    });
    return { element: box, draw };
  }

  return { build };
})();
