// Where a person writes: Enter sends, Shift+Enter breaks the line, ArrowUp corrects her last message, Escape lets go.

import { h, icon } from "./dom.js";
import { summary } from "./messages.js";
import { t } from "./strings.js";

const TALLEST = 132; // pixels: six lines, then it scrolls

/** The composer of one phone. `acts`: send(text, replyTo), edit(id, text), media(kind), lastOwn(). */
export class Composer {
  constructor(acts) {
    this.acts = acts;
    this.subject = null; // { kind: "reply" | "edit", message }
    this.field = h("textarea", { rows: "1", "aria-label": t.write, placeholder: t.write, enterkeyhint: "send", maxlength: "20000",
      onkeydown: (event) => this.key(event), oninput: () => this.fit() });
    this.about = h("div", { class: "about", hidden: true });
    this.attach = new Menu("plus", t.attach, () => ["photo", "sticker"].map((kind) => ({
      symbol: kind === "photo" ? "picture" : kind, label: t[kind], act: () => acts.media(kind) })));
    this.mic = h("button", { type: "button", class: "plain", "aria-label": t.sendVoice, title: t.sendVoice,
      onclick: () => acts.media("voice") }, icon("voice"));
    this.commands = new Menu("slash", t.commands, () => this.known.map(({ command, description }) => ({
      label: `/${command}`, detail: description, act: () => acts.send(`/${command}`) })));
    this.known = [];
    this.node = h("form", { class: "composer", onsubmit: (event) => this.submit(event) },
      this.about,
      h("div", { class: "composer-row" }, this.attach.node, this.commands.node, this.field, this.mic,
        h("button", { class: "send", "aria-label": t.send, title: t.send }, icon("send"))));
    this.offer([]);
  }

  /** Show the bot's commands, if it has any. */
  offer(commands) {
    this.known = commands;
    this.commands.node.hidden = commands.length === 0;
  }

  /** Quote `message` in what is written next. */
  reply(message) {
    this.take({ kind: "reply", message }, t.replyingTo);
  }

  edit(message) {
    this.take({ kind: "edit", message }, t.editing);
    this.field.value = message.text;
    this.fit();
  }

  take(subject, title) {
    this.subject = subject;
    const drop = h("button", { type: "button", class: "plain", "aria-label": t.cancel, title: t.cancel,
      onclick: () => this.letGo() }, icon("close"));
    this.about.replaceChildren(h("span", { class: "about-text" }, h("strong", {}, title), summary(subject.message)), drop);
    this.about.hidden = false;
    this.field.focus();
  }

  letGo() {
    if (this.subject?.kind === "edit") this.field.value = "";
    this.subject = null;
    this.about.hidden = true;
    this.fit();
    this.field.focus();
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.submit(event);
    else if (event.key === "Escape" && this.subject) this.letGo();
    else if (event.key === "ArrowUp" && !this.field.value && !this.subject) {
      const last = this.acts.lastOwn();
      if (!last) return;
      event.preventDefault();
      this.edit(last);
    }
  }

  submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text) return;
    const subject = this.subject;
    if (subject?.kind === "edit") this.acts.edit(subject.message.id, text);
    else this.acts.send(text, subject?.message.id);
    this.field.value = "";
    this.letGo();
  }

  fit() {
    this.field.style.blockSize = "auto";
    const border = this.field.offsetHeight - this.field.clientHeight;
    this.field.style.blockSize = `${Math.min(this.field.scrollHeight + border, TALLEST)}px`;
  }
}

/** A button with a little menu above it; arrows move, Escape closes. */
class Menu {
  constructor(symbol, label, items) {
    this.items = items;
    this.list = h("div", { class: "menu", role: "menu", "aria-label": label, hidden: true, onkeydown: (event) => this.key(event) });
    this.button = h("button", { type: "button", class: "plain", "aria-label": label, title: label, "aria-haspopup": "menu",
      "aria-expanded": "false", onclick: () => (this.list.hidden ? this.open() : this.close(true)) }, icon(symbol));
    this.node = h("div", { class: "menu-place" }, this.button, this.list);
    this.node.addEventListener("focusout", ({ relatedTarget }) => this.node.contains(relatedTarget) || this.close(false));
  }

  open() {
    const choose = (act) => () => {
      this.close(true);
      act();
    };
    this.list.replaceChildren(...this.items().map(({ symbol, label, detail, act }) =>
      h("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: choose(act) },
        symbol ? icon(symbol) : null, h("span", {}, label, detail ? h("small", {}, detail) : null))));
    this.list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.list.firstElementChild.focus();
  }

  close(refocus) {
    if (this.list.hidden) return;
    this.list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    if (refocus) this.button.focus();
  }

  key(event) {
    const items = [...this.list.children];
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === "Escape") this.close(true);
    if (!(event.key in moves)) return;
    event.preventDefault();
    const at = items.indexOf(document.activeElement) + moves[event.key];
    items[(at + items.length) % items.length].focus();
  }
}
