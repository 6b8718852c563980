"use strict";
// The page works without any of this; what follows adds to it, and draws a forest when it comes near the screen.
const Page = (() => {
  const { element } = Dom;

  let asked = null;

  // The library takes longer to start than all the rest: it is asked for when a forest comes near or all is quiet.
  function charts() {
    asked ??= unpack();
    return asked;
  }

  async function unpack() {
    const text = await inflated(document.getElementById("charts").textContent).text();
    document.head.append(element("script", {}, text));
  }

  // What gzip and base64 have packed.
  function inflated(packed) {
    const text = atob(packed);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
  }

  async function showPacked(image) {
    const svg = new Blob([await inflated(image.dataset.packed).arrayBuffer()], { type: "image/svg+xml" });
    image.src = URL.createObjectURL(svg);
    delete image.dataset.packed;
  }

  // The static figures stay for print; on the screen they wait behind a button.
  function fold(figures) {
    const state = { type: "button", class: "fold", "aria-expanded": "false" };
    const button = element("button", state, figures.dataset.figures);
    figures.classList.add("folded");
    button.addEventListener("click", () => {
      const folded = figures.classList.toggle("folded");
      button.setAttribute("aria-expanded", String(!folded));
    });
    figures.before(button);
  }

  function watch(holders, explorers) {
    const seen = new IntersectionObserver(
      (entries) => entries.forEach((e) => e.isIntersecting && explorers.get(e.target).appear()),
      { rootMargin: "300px" },
    );
    holders.forEach((holder) => seen.observe(holder));
    const again = () => explorers.forEach((explorer) => explorer.redraw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    let width = innerWidth;
    let waiting = 0;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      clearTimeout(waiting);
      waiting = setTimeout(again, 150);
    });
  }

  async function start() {
    const page = JSON.parse(document.getElementById("data").textContent);
    Tables.enhance(page);
    for (const figures of document.querySelectorAll(".figures")) if (figures.children.length) fold(figures);
    const holders = [...document.querySelectorAll(".explorer")];
    if (typeof DecompressionStream === "undefined") {
      holders.forEach((holder) => {
        holder.hidden = false;
        const said = "This browser is too old for the interactive forest; the figures below show the same rows.";
        holder.append(element("p", { class: "small" }, said));
      });
      return page;
    }
    document.querySelectorAll("img[data-packed]").forEach(showPacked);
    const explorers = new Map();
    for (const holder of holders) {
      const analysis = page.analyses.find((a) => a.name === holder.dataset.analysis);
      if (analysis.rows.length) explorers.set(holder, Explorer.build(holder, analysis, page, charts));
    }
    watch([...explorers.keys()], explorers);
    document.documentElement.dataset.ready = "yes";
    (window.requestIdleCallback ?? setTimeout)(charts);
    return page;
  }

  return { started: start() };
})();
