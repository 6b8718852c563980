"use strict";
// Which rows of an analysis are shown, in which order; and whom to tell when that changes.
const Selection = (() => {
  const ORDERS = {
    study: { label: "study", by: (row) => [row.label.toLowerCase(), row.id] },
    size: { label: "estimate, largest first", by: (row) => [-row.yi] },
    precision: { label: "precision, highest first", by: (row) => [row.vi] },
    year: { label: "year, latest first", by: (row) => [-(row.year ?? -Infinity), row.label.toLowerCase()] },
  };

  function compare(a, b) {
    for (let i = 0; i < a.length; i++) {
      if (a[i] < b[i]) return -1;
      if (a[i] > b[i]) return 1;
    }
    return 0;
  }

  // rows carry `words` by column and `year`; an empty set of words takes all.
  function create(analysis) {
    const state = { words: new Map(), text: "", from: null, to: null, order: "study" };
    const listeners = [];

    function passes(row, without = null) {
      for (const [column, taken] of state.words) {
        if (column !== without && taken.size && !taken.has(row.words[column])) return false;
      }
      if (state.from !== null && !(row.year >= state.from)) return false;
      if (state.to !== null && !(row.year <= state.to)) return false;
      return !state.text || row.haystack.includes(state.text);
    }

    function shown() {
      const by = ORDERS[state.order].by;
      return analysis.rows.filter((row) => passes(row)).sort((a, b) => compare(by(a), by(b)));
    }

    function change(edit) {
      edit(state);
      listeners.forEach((listener) => listener());
    }

    return {
      state,
      shown,
      change,
      passes,
      listen: (listener) => listeners.push(listener),
      taken: (column) => state.words.get(column) ?? new Set(),
      take: (column, words) => change(() => state.words.set(column, new Set(words))),
      filtered: () =>
        [...state.words.values()].some((s) => s.size) || state.text !== "" || state.from !== null || state.to !== null,
      reset: () => change(() => Object.assign(state, { words: new Map(), text: "", from: null, to: null })),
    };
  }

  return { create, ORDERS };
})();
