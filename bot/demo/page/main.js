// Puts the panes side by side (or behind tabs on a narrow screen) and keeps them at what the server's stream says.

import { ControlPane } from "./control.js";
import { h } from "./dom.js";
import { PhonePane } from "./phone.js";
import { language, t } from "./strings.js";

const wide = matchMedia("(min-width: 1080px)");
const panes = new Map(); // id → { pane, tab, dot }
const main = document.querySelector("#panes");
const tabs = document.querySelector("#tabs");
let current = null;

document.documentElement.lang = language;
document.querySelector("#tagline").append(t.tagline[0], h("span", { class: "tagline-more" }, ` ${t.tagline[1]}`));
const other = document.querySelector("#language");
[other.textContent, other.lang] = t.otherLanguage;
other.href = `?lang=${other.lang}`;
tabs.setAttribute("role", "tablist");
tabs.setAttribute("aria-label", t.panes);

function place(pane, before = null) {
  const dot = h("span", { class: "dot", hidden: true }, h("span", { class: "unseen" }, t.newMessages));
  const tab = h("button", { type: "button", role: "tab", id: `${pane.id}-tab`, "aria-controls": pane.id,
    onclick: () => choose(pane.id) }, pane.tabName, dot);
  panes.set(pane.id, { pane, tab, dot });
  tabs.insertBefore(tab, before && panes.get(before).tab);
  main.insertBefore(pane.node, before && panes.get(before).pane.node);
  choose(current ?? pane.id);
  pane.messages?.toEnd(true);
}

function choose(id) {
  current = id;
  for (const [key, { pane, tab, dot }] of panes) {
    const chosen = key === id;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    pane.node.hidden = !wide.matches && !chosen;
    if (chosen) dot.hidden = true;
    if (wide.matches) pane.node.removeAttribute("role");
    else pane.node.setAttribute("role", "tabpanel");
    if (chosen) pane.messages?.toEnd(true);
  }
}

function news(id) {
  if (id !== current && !wide.matches) panes.get(id).dot.hidden = false;
}

tabs.addEventListener("keydown", (event) => {
  const moves = { ArrowRight: 1, ArrowLeft: -1 };
  if (!(event.key in moves)) return;
  const all = [...tabs.children];
  const next = all[(all.indexOf(document.activeElement) + moves[event.key] + all.length) % all.length];
  next.click();
  next.focus();
});
wide.addEventListener("change", () => choose(current));

const control = new ControlPane({ onNews: () => news("control") });

function showPhone(phone) {
  const id = `phone-${phone.user_id}`;
  if (panes.has(id)) return panes.get(id).pane.show(phone);
  const first = panes.size === 0;
  const pane = new PhonePane(phone, { first, onNews: () => panes.has(id) && news(id) });
  return place(pane, panes.has("control") ? "control" : null);
}

const stream = new EventSource("/demo/events");
const connection = document.querySelector("#connection");
stream.addEventListener("open", () => {
  connection.textContent = "";
});
stream.addEventListener("error", () => {
  connection.textContent = t.reconnecting;
});
stream.addEventListener("phone", ({ data }) => {
  showPhone(JSON.parse(data));
  if (!panes.has("control")) place(control);
});
stream.addEventListener("clock", ({ data }) => control.showClock(JSON.parse(data)));
stream.addEventListener("tables", ({ data }) => control.showTables(JSON.parse(data)));
