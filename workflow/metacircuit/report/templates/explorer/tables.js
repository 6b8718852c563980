"use strict";
// Tables that sort by their headings and download as CSV.
const Tables = (() => {
  const { element, csv, download } = Dom;

  function valueOf(cell) {
    if (!cell) return "";
    if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
    const text = cell.textContent.trim();
    const number = text.match(/^[<>]?\s*([−-]?[\d,]*\.?\d+(?:e[−-]?\d+)?)/);
    if (!number || /^\d{1,4}[A-Za-z]/.test(text)) return text.toLowerCase();
    return Number(number[1].replaceAll(",", "").replaceAll("−", "-"));
  }

  // Numbers before words, dashes and empty cells last, whichever way.
  function order(a, b, way) {
    const [x, y] = [a, b].map((value) => (value === "–" || value === "" ? null : value));
    if (x === null || y === null) return (x === null) - (y === null);
    if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
    return typeof x === "number" ? way * (x - y) : way * x.localeCompare(y);
  }

  function sortable(table) {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, index) => {
      const button = element("button", { type: "button", class: "sort", onclick: () => sort(table, headings, index) });
      button.append(...heading.childNodes);
      heading.append(button);
      heading.setAttribute("aria-sort", "none");
    });
  }

  // Each block of a table is sorted by itself, under its own heading.
  function sort(table, headings, index) {
    const way = headings[index].getAttribute("aria-sort") === "ascending" ? -1 : 1;
    headings.forEach((h) => h.setAttribute("aria-sort", "none"));
    headings[index].setAttribute("aria-sort", way === 1 ? "ascending" : "descending");
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => !row.classList.contains("grouping"));
      const keyed = rows.map((row) => ({ row, key: valueOf(row.cells[index]) }));
      keyed.sort((a, b) => order(a.key, b.key, way));
      body.append(...keyed.map(({ row }) => row));
    }
  }

  function textOf(table) {
    const rows = [...table.rows].filter((row) => !row.classList.contains("grouping"));
    return csv(rows.map((row) => [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, " ").trim())));
  }

  function downloadable(table, page) {
    const { csv: name, download: own } = table.dataset;
    const full = name !== undefined ? page.csv[name] : undefined;
    const file = `${page.review}_${(name ?? own ?? "table").replaceAll("/", "_")}.csv`;
    const button = element(
      "button",
      { type: "button", class: "quiet", onclick: () => download(file, full ?? textOf(table)) },
      "Download CSV",
    );
    const holder = table.closest(".scroll") ?? table;
    holder.after(element("p", { class: "below" }, button));
  }

  function enhance(page) {
    for (const table of document.querySelectorAll("table[data-sortable]")) {
      sortable(table);
      downloadable(table, page);
    }
  }

  return { enhance };
})();
