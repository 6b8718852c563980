"use strict";
// One analysis to explore: filters, map, the sentence with the pooled estimate of what is shown, forest and story.
const Explorer = (() => {
  const { element, fill, csv, download } = Dom;

  function prepare(analysis, page) {
    for (const row of analysis.rows) {
      const study = page.studies[row.study] ?? {};
      row.year = study.year ?? null;
      row.haystack = [row.label, row.study, row.id, row.outcome, study.title, study.first_author].join(" ").toLowerCase();
    }
  }

  function poolerOf(analysis, page) {
    const { model } = analysis;
    const usable = model.kind === "glmm" ? (row) => row.events !== null && row.people > 0 : () => true;
    return (rows) =>
      model.kind
        ? Pool.pool(rows.filter(usable), model, page.bootstrap)
        : { status: "not_here", reason: model.reason, k: rows.length, studies: new Set(rows.map((row) => row.study)).size };
  }

  function sentence(found, scale, analysis, all) {
    const { number, p, plural } = Wording;
    const basis = `${plural(found.k, "effect")} of ${plural(found.studies, "study", "studies")}`;
    const lead = all ? `All ${basis}` : `Shown: ${basis}`;
    if (found.status === "not_here") {
      return [`${lead}. The pooled estimate is not recalculated here: ${found.reason}. The table below has that of all rows.`];
    }
    if (found.status !== "ok") return [`${lead}. Not pooled: ${found.reason || found.status.replaceAll("_", " ")}.`];
    const test = scale.percent ? "" : `, ${p(found.pval)}`;
    const heterogeneity = Number.isFinite(found.I2) ? `, I² = ${number(found.I2, 0)}%` : "";
    const prediction = Number.isFinite(found.pi_lb) ? ` Prediction interval ${scale.interval(found.pi_lb, found.pi_ub)};` : "";
    return [
      `${lead}. Pooled ${analysis.scale} `,
      element("strong", {}, `${scale.estimate(found.estimate)} ${scale.interval(found.ci_lb, found.ci_ub)}`),
      `${test}.${prediction} τ² = ${number(found.tau2, 2)}${heterogeneity}.`,
      found.reason ? element("span", { class: "small" }, ` ${found.reason.charAt(0).toUpperCase()}${found.reason.slice(1)}.`) : "",
    ];
  }

  function rowsAsCsv(rows, analysis) {
    const columns = analysis.coded.map((coding) => coding.name);
    const head = ["effect_id", "study_id", "study_label", "year", "outcome", "yi", "vi", "ci_lb", "ci_ub", "participants"];
    const body = rows.map((row) => [
      ...[row.id, row.study, row.label, row.year, row.outcome, row.yi, row.vi, row.lb, row.ub, row.participants],
      ...[...columns.map((column) => row.words[column]), row.story.inputs, row.story.assumptions, Story.where(row.story), row.story.hash],
    ]);
    return csv([[...head, ...columns, "inputs", "assumptions", "read_from", "record"], ...body]);
  }

  function build(holder, analysis, page) {
    prepare(analysis, page);
    const scale = Wording.scaleOf(analysis);
    const selection = Selection.create(analysis);
    const pooled = poolerOf(analysis, page);
    const said = element("p", { class: "result", role: "status" });
    const panel = element("div", { class: "story", "aria-live": "polite" });
    const forest = Forest.build(analysis, (row) => Story.show(panel, row, page, scale));
    const save = element(
      "button",
      { type: "button", class: "quiet", onclick: () => download(`${page.review}_${analysis.name}_shown.csv`, rowsAsCsv(selection.shown(), analysis)) },
      "Download the rows shown (CSV)",
    );
    const hint = "Point at a row, or use the arrow keys, to see where its number comes from.";
    const map = EvidenceMap.build(analysis, selection, pooled, scale);
    fill(holder, Filters.build(analysis, selection), map, said, forest.element, element("p", { class: "below" }, save), panel);
    let visible = false;
    let found = null;

    function recalculate() {
      const rows = selection.shown();
      found = pooled(rows);
      holder.dataset.pooled = JSON.stringify(found);
      fill(said, ...sentence(found, scale, analysis, rows.length === analysis.rows.length));
      fill(panel, element("p", { class: "small" }, hint));
      if (visible) forest.draw(rows, found);
    }

    function appear() {
      if (visible) return;
      visible = true;
      if (found === null) recalculate();
      else forest.draw(selection.shown(), found);
    }

    selection.listen(recalculate);
    holder.hidden = false;
    return {
      appear,
      selection,
      redraw: () => visible && forest.draw(selection.shown(), found),
    };
  }

  return { build };
})();
