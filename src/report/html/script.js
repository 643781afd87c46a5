"use strict";
// Reads data- attributes and text, sets `hidden` and `open`, and never writes markup.
(() => {
  const form = document.getElementById("filters");
  const findings = [...document.querySelectorAll(".finding")];
  const families = [...document.querySelectorAll(".family")];
  const operations = [...document.querySelectorAll(".operation")];
  const specOf = new Map(operations.map((one) => [one.dataset.operation, one.dataset.spec]));
  const rows = operations.flatMap((operation) =>
    [...operation.querySelectorAll("tbody tr")].map((row) => ({ row, operation })));
  const texts = new Map();
  const text = (node, more) => {
    if (!texts.has(node)) texts.set(node, `${node.textContent} ${more}`.toLowerCase());
    return texts.get(node);
  };
  const words = (list) => (list || "").split(" ");
  const wanted = () => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim().toLowerCase()]));

  const inCell = (want, operation, kind) =>
    (!want.operation || want.operation === operation) && (!want.kind || want.kind === kind) &&
    (!want.spec || want.spec === specOf.get(operation));
  const matches = (want, node, more) =>
    (!want.result || words(node.dataset.result).includes(want.result)) &&
    (!want.check || words((node.dataset.check || "").toLowerCase()).includes(want.check)) &&
    (!want.text || text(node, more).includes(want.text));

  // One button opens what is shown, or folds it again.
  const fold = form.querySelector("[data-fold]");
  const shown = () => findings.filter((finding) => !finding.hidden);
  const allOpen = () => shown().every((finding) => finding.open);
  const nameFold = () => {
    fold.disabled = shown().length === 0;
    fold.textContent = allOpen() && !fold.disabled ? "Fold findings" : "Open findings";
  };
  fold.addEventListener("click", () => {
    const open = !allOpen();
    for (const finding of shown()) finding.open = open;
    nameFold();
  });
  for (const finding of findings) finding.addEventListener("toggle", nameFold);

  const apply = () => {
    const want = wanted();
    let shownFindings = 0;
    for (const finding of findings) {
      finding.hidden = !(words(finding.dataset.cells).some((cell) => inCell(want, ...cell.split(":"))) && matches(want, finding, ""));
      if (!finding.hidden) shownFindings += 1;
    }
    for (const family of families) family.hidden = !family.querySelector(".finding:not([hidden])");
    nameFold();
    let shownRows = 0;
    const filled = new Set();
    for (const { row, operation } of rows) {
      row.hidden = !(inCell(want, operation.dataset.operation, row.dataset.kind) &&
        matches(want, row, operation.firstElementChild.textContent));
      if (!row.hidden) {
        shownRows += 1;
        filled.add(operation);
      }
    }
    for (const operation of operations) operation.hidden = !filled.has(operation);
    for (const block of document.querySelectorAll("[data-block]")) block.hidden = !block.querySelector(".operation:not([hidden])");
    form.querySelector("output").textContent =
      `${shownFindings} of ${findings.length} findings and ${shownRows} of ${rows.length} scenarios are shown.`;
  };

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));

  for (const link of document.querySelectorAll(".map a[data-operation]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      form.reset();
      form.elements.operation.value = link.dataset.operation;
      form.elements.kind.value = link.dataset.kind || "";
      apply();
      const operation = document.getElementById(`o${link.dataset.operation}`);
      operation.open = true;
      const goal = findings.some((finding) => !finding.hidden) ? form : operation;
      goal.scrollIntoView();
      (goal === form ? form.elements.operation : operation.firstElementChild).focus({ preventScroll: true });
    });
  }

  for (const link of document.querySelectorAll("a[data-filter-check]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      form.reset();
      form.elements.check.value = link.dataset.filterCheck;
      apply();
      form.scrollIntoView();
      form.elements.check.focus({ preventScroll: true });
    });
  }

  // An anchor into a folded or filtered part must show it.
  const reveal = () => {
    const goal = /^#[fgos][0-9]+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (!goal) return;
    if (goal.hidden || goal.closest("[hidden]")) {
      form.reset();
      setTimeout(() => goal.scrollIntoView());
    }
    for (let at = goal; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    const first = goal.classList.contains("family") && goal.querySelector(".finding");
    if (first) first.open = true;
    goal.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = button.parentElement.querySelector("pre");
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      let done;
      try {
        await navigator.clipboard.writeText(source.textContent);
        done = true;
      } catch {
        done = document.execCommand("copy");
      }
      const name = button.getAttribute("aria-label");
      button.removeAttribute("aria-label");
      button.textContent = done ? "Copied" : "Selected";
      setTimeout(() => {
        button.textContent = "Copy";
        button.setAttribute("aria-label", name || button.dataset.copy);
      }, 2000);
    });
  }

  apply();
})();
