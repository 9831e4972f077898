"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filters");
  const cases = [...document.querySelectorAll("details.case")].map((node) => ({
    node,
    level: node.dataset.level,
    verdicts: node.dataset.verdicts.split(" "),
    differs: "differs" in node.dataset,
    text: null,
  }));
  const groups = [...document.querySelectorAll("section.cases, section.document")].reverse();
  const run = byId("run");
  const differences = byId("differences");
  const chosen = (name) =>
    new Set([...form.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value));

  const matches = (each, wanted) => {
    if (!wanted.levels.has(each.level)) return false;
    const verdicts = wanted.run === "any" ? each.verdicts : [each.verdicts[Number(wanted.run)]];
    // What is absent from a run is of no verdict, and goes with those that were skipped.
    if (!verdicts.some((v) => wanted.verdicts.has(v === "absent" ? "skipped" : v))) return false;
    if (wanted.differences && !each.differs) return false;
    if (wanted.words.length === 0) return true;
    each.text ??= each.node.textContent.toLowerCase();
    return wanted.words.every((word) => each.text.includes(word));
  };

  const apply = () => {
    const wanted = {
      levels: chosen("level"),
      verdicts: chosen("verdict"),
      run: run ? run.value : "any",
      differences: differences ? differences.checked : false,
      words: byId("search").value.toLowerCase().split(/\s+/).filter(Boolean),
    };
    let count = 0;
    for (const each of cases) {
      const shown = matches(each, wanted);
      each.node.hidden = !shown;
      count += shown ? 1 : 0;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector("details.case:not([hidden])");
    }
    byId("none").hidden = count > 0;
    byId("count").textContent = `${count} of ${cases.length} cases`;
  };

  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  };

  // What a link or the address names is shown, whatever the filters say.
  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const node = id && byId(id);
    if (!node) return;
    if (node.closest("[hidden]") || node.parentElement.closest("[hidden]")) {
      form.reset();
      apply();
    }
    if (node.matches("details.case")) node.open = true;
    node.scrollIntoView();
  };

  const next = () => {
    const failed = cases.map((each) => each.node)
      .filter((node) => !node.hidden && /failed|error/.test(node.dataset.gravest));
    if (failed.length === 0) return;
    const at = document.activeElement && document.activeElement.closest("details.case");
    const from = at || last;
    const node = failed.find((each) => from && from.compareDocumentPosition(each) & 4) || failed[0];
    last = node;
    node.open = true;
    node.scrollIntoView({ block: "start" });
    node.firstElementChild.focus({ preventScroll: true });
  };
  let last = null;

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", soon);
  form.addEventListener("reset", () => setTimeout(apply));
  byId("next").addEventListener("click", next);
  byId("open").addEventListener("click", () => {
    for (const { node } of cases) if (!node.hidden) node.open = true;
  });
  byId("close").addEventListener("click", () => {
    for (const { node } of cases) node.open = false;
  });
  addEventListener("hashchange", reveal);

  // On paper, what failed is open.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = cases.map((each) => each.node)
      .filter((node) => !node.open && /failed|error/.test(node.dataset.gravest));
    for (const node of opened) node.open = true;
  });
  addEventListener("afterprint", () => {
    for (const node of opened) node.open = false;
  });

  form.hidden = false;
  apply();
  reveal();
})();
