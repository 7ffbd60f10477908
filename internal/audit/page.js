"use strict";
// Headers become buttons that sort, and long tables get a box that filters. The
// page is complete without this.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const collator = new Intl.Collator(undefined, {numeric: true});
  const value = (row, i) => row.cells[i].dataset.v ?? row.cells[i].textContent;
  heads.forEach((th, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...th.childNodes);
    th.append(button);
    button.addEventListener("click", () => {
      const down = th.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].map((row) => [value(row, i), row]);
      rows.sort((a, b) => collator.compare(a[0], b[0]) * (down ? -1 : 1));
      body.replaceChildren(...rows.map((pair) => pair[1]));
    });
  });
  if (body.rows.length > 8) {
    const tools = document.createElement("div");
    const box = document.createElement("input");
    const shown = document.createElement("span");
    const name = "Filter " + table.caption.textContent.trim().toLowerCase();
    tools.className = "tools";
    box.type = "search";
    box.placeholder = "Filter";
    box.setAttribute("aria-label", name);
    shown.className = "soft";
    shown.setAttribute("role", "status");
    box.addEventListener("input", () => {
      const words = box.value.toLowerCase().split(/\s+/);
      let n = 0;
      for (const row of body.rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        n += row.hidden ? 0 : 1;
      }
      shown.textContent = box.value ? n + " of " + body.rows.length : "";
    });
    tools.append(box, shown);
    table.parentElement.before(tools);
  }
}
