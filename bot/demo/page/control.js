// The control strip: the clock of the demo, the buttons that move it on, and the rows of the store as they land.

import { calm, h, icon, post } from "./dom.js";
import { formats, t } from "./strings.js";

const LONG_CELL = 12; // characters; longer words break into lines, dates and hours never do
const FRESH_SHOWS = 6000; // milliseconds that a new row stays marked

/** The pane of clock and store. */
export class ControlPane {
  constructor({ onNews }) {
    this.id = "control";
    this.tabName = t.controlShort;
    this.onNews = onNews;
    this.hour = h("span", { class: "clock-hour" });
    this.date = h("span", { class: "clock-date" });
    this.next = h("span", { class: "clock-next" });
    this.word = null; // what the last step in time came to, if it must be told
    this.passing = h("p", { class: "passing", role: "status" });
    this.steps = t.steps.map(([label, step]) =>
      h("button", { type: "button", class: "step", onclick: () => this.advance(step) }, label, icon("skip")));
    this.store = h("div", { class: "store-tables" }, h("p", { class: "empty" }, t.storeEmpty));
    this.tables = null; // title → { rows as text, until when each new row stays marked, node }
    this.node = this.build();
  }

  build() {
    return h("section", { class: "pane control", id: this.id, "aria-labelledby": "control-title" },
      h("div", { class: "pane-head" },
        h("div", {}, h("h2", { id: "control-title" }, t.control), h("p", { class: "role" }, t.controlRole))),
      h("div", { class: "clock" },
        h("div", { class: "clock-face", role: "group", "aria-label": t.clock }, this.hour, this.date, this.next),
        h("div", { class: "steps", role: "group", "aria-label": t.advance }, this.steps),
        this.passing),
      h("section", { class: "store", "aria-labelledby": "store-title" },
        h("h3", { id: "store-title" }, t.store), this.store));
  }

  showClock({ now, next, passing }) {
    const at = new Date(now);
    this.date.textContent = formats.date.format(at);
    this.hour.textContent = `${formats.weekday.format(at)}, ${formats.time.format(at)} · ${t.city}`;
    this.next.textContent = next ? t.nextCheckin(formats.day.format(new Date(next))) : "";
    this.node.classList.toggle("time-passing", passing);
    if (this.isPassing !== passing) this.passing.textContent = passing ? t.passing : this.word ?? t.advanceHint;
    this.isPassing = passing;
    // aria-disabled, not disabled: a keyboard user keeps her place while time passes.
    for (const step of this.steps) step.setAttribute("aria-disabled", String(passing));
  }

  async advance(step) {
    if (this.isPassing) return;
    this.word = null;
    const done = await post("/demo/advance", step);
    if (!done?.moved) this.word = done ? t.nothingDue : t.advanceFailed;
    if (!this.isPassing) this.passing.textContent = this.word ?? t.advanceHint;
  }

  showTables(tables) {
    if (!tables.length) return;
    const before = this.tables;
    this.tables = new Map(tables.map((table) => [table.title, before?.get(table.title) ?? { rows: [], until: new Map() }]));
    let landed = 0;
    for (const table of tables) landed += this.showTable(this.tables.get(table.title), table, before !== null);
    const nodes = [...this.tables.values()].map(({ node }) => node);
    if (nodes.some((node, index) => node !== this.store.children[index])) this.store.replaceChildren(...nodes);
    if (landed) {
      const behavior = calm.matches ? "instant" : "smooth";
      this.store.querySelector(".fresh")?.closest(".table-box").scrollIntoView({ block: "nearest", behavior });
      this.onNews(landed);
    }
  }

  /** Draw one table anew if its rows changed; returns how many rows are new. `kept` is what stands there from before. */
  showTable(kept, table, watching) {
    const rows = table.rows.map((row) => row.join("\u001f"));
    if (kept.node && rows.join("\n") === kept.rows.join("\n")) return 0;
    const landed = watching ? rows.filter((row) => !kept.rows.includes(row)) : [];
    for (const row of landed) kept.until.set(row, performance.now() + FRESH_SHOWS);
    const fresh = (row) => (kept.until.get(row) ?? 0) > performance.now();
    kept.rows = rows;
    kept.node = drawn(table, rows.map(fresh));
    const body = kept.node.querySelector("tbody");
    const fade = () => [...(body?.children ?? [])].forEach((line, at) => line.classList.toggle("fresh", fresh(rows[at])));
    setTimeout(fade, FRESH_SHOWS + 50);
    return landed.length;
  }
}

function drawn({ title, columns, rows }, fresh) {
  const id = `table-${title.replace(/\W+/g, "-")}`;
  const body = rows.map((row, index) => h("tr", { class: fresh[index] ? "fresh" : null }, row.map(cell)));
  const table = h("table", { "aria-labelledby": id },
    h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)))),
    h("tbody", {}, body));
  return h("div", { class: "table-box" },
    h("div", { class: "table-title" }, h("h4", { id }, title), h("span", {}, rows.length ? t.rows(rows.length) : t.tableEmpty)),
    rows.length ? h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-labelledby": id }, table) : null);
}

function cell(text) {
  return h("td", { class: text.length > LONG_CELL && !/^[0-9]/.test(text) ? "long" : null }, text);
}
