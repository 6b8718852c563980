"use strict";
// Where one number comes from: the row of the sheet, the printed values, the route with its formula and source.
const Story = (() => {
  const { element, fill } = Dom;
  const DOI = /^10\.\d{4,9}\/\S+$/;

  const cellsOf = (story) => Object.entries(story.cells ?? {}).map(([name, value]) => `${name} = ${value}`).join("; ");

  function where(story) {
    if (!story.file) return "";
    const sheet = story.sheet ? `, sheet ${story.sheet}` : "";
    return `${story.file}${sheet}, row ${story.row}${story.section ? ` (${story.section})` : ""}`;
  }

  // For the small label at the pointer: few lines, each short.
  function lines(row, scale) {
    return [
      row.label,
      row.outcome,
      `${scale.estimate(row.yi)} ${scale.interval(row.lb, row.ub)}`,
      where(row.story),
      row.story.inputs ? `printed: ${row.story.inputs}` : "",
      row.story.route ? `route: ${row.story.route}` : "",
    ].filter(Boolean);
  }

  function paper(row, study) {
    const parts = [study.first_author, study.year, study.title, study.journal].filter(Boolean).join(". ");
    if (!DOI.test(study.doi)) return parts || row.study;
    const address = `https://doi.org/${study.doi.split("/").map(encodeURIComponent).join("/")}`;
    return element("span", {}, `${parts}. `, element("a", { href: address, rel: "noreferrer" }, study.doi));
  }

  // The panel under a forest.
  function show(panel, row, page, scale) {
    const { story } = row;
    const route = page.routes[story.route] ?? { formula: "", source: "" };
    const assumed = [story.assumptions, story.flags, row.bound ? "taken at the bound that is printed" : ""];
    const facts = [
      ["Estimate", `${scale.estimate(row.yi)} ${scale.interval(row.lb, row.ub)}; yi = ${row.yi}, vi = ${row.vi}`],
      ["Outcome", row.outcome],
      ["Paper", paper(row, page.studies[row.study] ?? {})],
      ["Read from", where(story)],
      ["Printed", cellsOf(story) || story.inputs],
      ["Route", [story.route, route.formula].filter(Boolean).join(": ")],
      ["Source", route.source],
      ["Assumed", assumed.filter(Boolean).join("; ")],
      ["Notes", story.notes],
      ["Record", story.hash],
    ].filter(([, value]) => value);
    fill(
      panel,
      element("h4", {}, `${row.label} `, element("span", { class: "small" }, row.id)),
      element("dl", {}, ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    );
  }

  return { lines, show, where };
})();
