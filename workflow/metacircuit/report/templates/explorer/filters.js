"use strict";
// The controls above a forest: one list of words a coded column, years, a search, the order, and a way back.
const Filters = (() => {
  const { element, fill } = Dom;

  function build(analysis, selection) {
    const years = analysis.rows.map((row) => row.year).filter((year) => year !== null);
    const search = element("input", {
      type: "search",
      placeholder: "study, title or outcome",
      oninput: (event) => selection.change((state) => (state.text = event.target.value.trim().toLowerCase())),
    });
    const limits = years.length && Math.min(...years) < Math.max(...years) ? yearFields(years, selection) : [];
    const order = element(
      "select",
      { onchange: (event) => selection.change((state) => (state.order = event.target.value)) },
      ...Object.entries(Selection.ORDERS)
        .filter(([name]) => name !== "year" || years.length)
        .map(([name, { label }]) => element("option", { value: name }, label)),
    );
    const reset = element("button", { type: "button", class: "quiet", onclick: () => selection.reset() }, "Show all");
    const columns = analysis.coded.map((coding) => column(coding, analysis, selection));
    const lists = element("div", { class: "lists" }, ...columns.map((c) => c.element));
    const form = element(
      "form",
      { class: "filters", "aria-label": `Filter ${analysis.title}`, onsubmit: (event) => event.preventDefault() },
      element("div", { class: "fields" }, labelled("Search", search), ...limits, labelled("Order by", order), reset),
      lists,
    );
    selection.listen(() => {
      columns.forEach((c) => c.refresh());
      reset.disabled = !selection.filtered();
      if (search.value.trim().toLowerCase() !== selection.state.text) search.value = selection.state.text;
      limits.forEach((field) => {
        const input = field.querySelector("input");
        if (selection.state[input.name] === null) input.value = "";
      });
    });
    reset.disabled = true;
    form.addEventListener("keydown", (event) => closeOnEscape(event, form));
    form.addEventListener("toggle", (event) => closeOthers(event, form), true);
    return form;
  }

  const labelled = (text, control) => element("label", {}, element("span", {}, text), control);

  function yearFields(years, selection) {
    const [first, last] = [Math.min(...years), Math.max(...years)];
    return [["from", "Year from", first], ["to", "to", last]].map(([name, label, hint]) =>
      labelled(
        label,
        element("input", {
          type: "number",
          name,
          min: first,
          max: last,
          placeholder: hint,
          oninput: (event) =>
            selection.change((state) => (state[name] = event.target.value === "" ? null : Number(event.target.value))),
        }),
      ),
    );
  }

  // A list of words with the number of rows that each would show beside the other filters.
  function column(coding, analysis, selection) {
    const boxes = new Map();
    const options = coding.words.map(([word, label]) => {
      const box = element("input", { type: "checkbox", value: word, onchange: () => choose() });
      const number = element("span", { class: "number" });
      boxes.set(word, { box, number });
      return element("label", {}, box, element("span", {}, label), number);
    });
    const summary = element("summary", {});
    const list = element("details", { class: "list", name: `list-${analysis.name}` }, summary);
    list.append(element("fieldset", {}, element("legend", {}, coding.label), ...options));
    const choose = () =>
      selection.take(coding.name, [...boxes].filter(([, { box }]) => box.checked).map(([word]) => word));

    function refresh() {
      const taken = selection.taken(coding.name);
      const counts = new Map();
      for (const row of analysis.rows) {
        const word = row.words[coding.name];
        if (selection.passes(row, coding.name)) counts.set(word, (counts.get(word) ?? 0) + 1);
      }
      for (const [word, { box, number }] of boxes) {
        box.checked = taken.has(word);
        number.textContent = counts.get(word) ?? 0;
      }
      list.classList.toggle("active", taken.size > 0);
      const [only] = taken;
      const label = coding.words.find(([word]) => word === only)?.[1] ?? only;
      const said = taken.size === 1 ? label : `${taken.size} of ${boxes.size}`;
      fill(summary, element("span", {}, coding.label), taken.size ? element("strong", {}, said) : "");
    }

    refresh();
    return { element: list, refresh };
  }

  function closeOnEscape(event, form) {
    if (event.key !== "Escape") return;
    const open = form.querySelector("details[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  }

  function closeOthers(event, form) {
    if (!event.target.open) return;
    for (const other of form.querySelectorAll("details[open]")) if (other !== event.target) other.open = false;
  }

  return { build };
})();
