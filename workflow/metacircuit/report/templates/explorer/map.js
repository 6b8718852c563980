"use strict";
// The evidence map: studies and pooled estimate in each cell of two coded columns; a cell filters the forest.
const EvidenceMap = (() => {
  const { element, fill } = Dom;

  function build(analysis, selection, pooled, scale) {
    if (analysis.coded.length < 2) return null;
    const known = analysis.coded.map((coding) => coding.name);
    const first = analysis.map.filter((name) => known.includes(name));
    const axes = [...new Set([...first, ...known])].slice(0, 2);
    const table = element("table", { class: "map" });
    const choices = axes.map((chosen, i) =>
      element(
        "select",
        {
          "aria-label": i ? "Columns of the map" : "Rows of the map",
          onchange: (event) => turn(i, event.target.value),
        },
        ...analysis.coded.map((c) => element("option", { value: c.name, selected: c.name === chosen }, c.label)),
      ),
    );
    let largest = 0;
    let cells = [];

    function turn(i, name) {
      if (axes[1 - i] === name) axes[1 - i] = axes[i];
      axes[i] = name;
      choices.forEach((choice, j) => (choice.value = axes[j]));
      draw();
    }

    function draw() {
      const [down, across] = axes.map((name) => analysis.coded.find((c) => c.name === name));
      const groups = new Map();
      for (const row of analysis.rows) {
        const key = JSON.stringify([row.words[down.name], row.words[across.name]]);
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(row);
      }
      const found = new Map([...groups].map(([key, rows]) => [key, pooled(rows)]));
      const sizes = [...found.values()].filter((f) => f.status === "ok").map((f) => Math.abs(f.estimate));
      largest = Math.max(0, ...sizes);
      cells = [];
      const head = element(
        "tr",
        {},
        element("th", { scope: "col" }, `${down.label} \\ ${across.label}`),
        ...across.words.map(([, label]) => element("th", { scope: "col" }, label)),
      );
      const body = down.words.map(([row, label]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, label),
          ...across.words.map(([column, heading]) => {
            const at = found.get(JSON.stringify([row, column]));
            return at ? cell(at, [row, column], `${label}, ${heading}`) : element("td", { class: "gap" }, "·");
          }),
        ),
      );
      fill(table, element("thead", {}, head), element("tbody", {}, ...body));
      refresh();
    }

    function cell(at, words, name) {
      const ok = at.status === "ok";
      const studies = Wording.plural(at.studies, "study", "studies");
      const estimate = ok ? `${scale.estimate(at.estimate)} ${scale.interval(at.ci_lb, at.ci_ub)}` : "";
      const said = estimate || `not pooled: ${at.reason}`;
      const title = `${name}: ${studies}, ${Wording.plural(at.k, "effect")}; ${said}`;
      const button = element(
        "button",
        { type: "button", title, "aria-label": title, onclick: () => choose(words) },
        ok ? element("strong", {}, scale.estimate(at.estimate)) : "",
        element("span", {}, studies),
      );
      if (ok && !scale.percent && largest > 0) {
        button.dataset.side = at.estimate < 0 ? "below" : "above";
        button.style.setProperty("--share", `${Math.round((45 * Math.abs(at.estimate)) / largest)}%`);
      }
      cells.push({ button, words });
      return element("td", {}, button);
    }

    const chosen = (words) =>
      axes.every((name, i) => selection.taken(name).size === 1 && selection.taken(name).has(words[i]));

    function choose(words) {
      const again = chosen(words);
      selection.change((state) => axes.forEach((name, i) => state.words.set(name, new Set(again ? [] : [words[i]]))));
    }

    function refresh() {
      for (const { button, words } of cells) button.setAttribute("aria-pressed", chosen(words));
    }

    const said = "Press a cell to see its rows in the forest; press it again for all.";
    const holder = element(
      "details",
      { class: "evidence" },
      element("summary", {}, "Evidence map"),
      element("p", { class: "small" }, said, " ", choices[0], " by ", choices[1]),
      element("div", { class: "scroll" }, table),
    );
    // Pooling every cell takes time that an unopened map need not cost.
    holder.addEventListener("toggle", () => holder.open && !cells.length && draw());
    selection.listen(refresh);
    return holder;
  }

  return { build };
})();
