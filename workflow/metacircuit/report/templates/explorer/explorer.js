"use strict";
// One analysis to explore: filters, map, the sentence with the pooled estimate of what is shown, forest and story.
const Explorer = (() => {
  const { element, fill, csv, download } = Dom;

  function prepare(analysis, page) {
    for (const row of analysis.rows) {
      const study = page.studies[row.study] ?? {};
      row.year = study.year ?? null;
      const told = [row.label, row.study, row.id, row.outcome, study.title, study.first_author];
      row.haystack = told.join(" ").toLowerCase();
    }
  }

  function poolerOf(analysis, page) {
    const { model } = analysis;
    const usable = model.kind === "glmm" ? (row) => row.events !== null && row.people > 0 : () => true;
    if (model.kind) return (rows) => Pool.pool(rows.filter(usable), model, page.bootstrap);
    const studies = (rows) => new Set(rows.map((row) => row.study)).size;
    return (rows) => ({ status: "not_here", reason: model.reason, k: rows.length, studies: studies(rows) });
  }

  function sentence(found, scale, analysis, all) {
    const { number, p, plural } = Wording;
    const basis = `${plural(found.k, "effect")} of ${plural(found.studies, "study", "studies")}`;
    const lead = all ? `All ${basis}` : `Shown: ${basis}`;
    if (found.status === "not_here") {
      const elsewhere = "The table below has that of all rows.";
      return [`${lead}. The pooled estimate is not recalculated here: ${found.reason}. ${elsewhere}`];
    }
    if (found.status !== "ok") {
      return [`${lead}. Not pooled: ${found.reason || found.status.replaceAll("_", " ")}.`];
    }
    const test = scale.percent ? "" : `, ${p(found.pval)}`;
    const heterogeneity = Number.isFinite(found.I2) ? `, I² = ${number(found.I2, 0)}%` : "";
    const limits = scale.interval(found.pi_lb, found.pi_ub);
    const prediction = Number.isFinite(found.pi_lb) ? ` Prediction interval ${limits};` : "";
    const remark = found.reason.charAt(0).toUpperCase() + found.reason.slice(1);
    return [
      `${lead}. Pooled ${analysis.scale} `,
      element("strong", {}, `${scale.estimate(found.estimate)} ${scale.interval(found.ci_lb, found.ci_ub)}`),
      `${test}.${prediction} τ² = ${number(found.tau2, 2)}${heterogeneity}.`,
      remark ? element("span", { class: "small" }, ` ${remark}.`) : "",
    ];
  }

  function rowsAsCsv(rows, analysis) {
    const columns = analysis.coded.map((coding) => coding.name);
    const fields = {
      ...{ effect_id: (row) => row.id, study_id: (row) => row.study, study_label: (row) => row.label },
      ...{ year: (row) => row.year, outcome: (row) => row.outcome, yi: (row) => row.yi, vi: (row) => row.vi },
      ...{ ci_lb: (row) => row.lb, ci_ub: (row) => row.ub, participants: (row) => row.participants },
      ...Object.fromEntries(columns.map((column) => [column, (row) => row.words[column]])),
      ...{ inputs: (row) => row.story.inputs, assumptions: (row) => row.story.assumptions },
      ...{ read_from: (row) => Story.where(row.story), record: (row) => row.story.hash },
    };
    return csv([Object.keys(fields), ...rows.map((row) => Object.values(fields).map((field) => field(row)))]);
  }

  function build(holder, analysis, page, charts) {
    prepare(analysis, page);
    const scale = Wording.scaleOf(analysis);
    const selection = Selection.create(analysis);
    const pooled = poolerOf(analysis, page);
    const said = element("p", { class: "result", role: "status" });
    const panel = element("div", { class: "story", "aria-live": "polite" });
    const forest = Forest.build(analysis, (row) => Story.show(panel, row, page, scale));
    const file = `${page.review}_${analysis.name}_shown.csv`;
    const onclick = () => download(file, rowsAsCsv(selection.shown(), analysis));
    const save = element("button", { type: "button", class: "quiet", onclick }, "Download the rows shown (CSV)");
    const hint = "Point at a row, or use the arrow keys, to see where its number comes from.";
    const map = EvidenceMap.build(analysis, selection, pooled, scale);
    const below = element("p", { class: "below" }, save);
    fill(holder, Filters.build(analysis, selection), map, said, forest.element, below, panel);
    let visible = false;
    let found = null;

    function recalculate() {
      const rows = selection.shown();
      found = pooled(rows);
      holder.dataset.pooled = JSON.stringify(found);
      fill(said, ...sentence(found, scale, analysis, rows.length === analysis.rows.length));
      fill(panel, element("p", { class: "small" }, hint));
      draw();
    }

    // What is drawn is what is shown by the time that the library is there.
    async function draw() {
      if (!visible) return;
      await charts();
      await forest.draw(selection.shown(), found);
    }

    function appear() {
      if (visible) return;
      visible = true;
      recalculate();
    }

    selection.listen(recalculate);
    holder.hidden = false;
    return {
      appear,
      selection,
      redraw: draw,
    };
  }

  return { build };
})();
