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
    this.field = h("textarea", { rows: "1", "aria-label": t.write, placeholder: t.message, enterkeyhint: "send", maxlength: "20000",
      onkeydown: (event) => this.key(event), onblur: (event) => this.commands.has(event.relatedTarget) || this.commands.close(false), oninput: () => this.written() });
    this.about = h("div", { class: "about", hidden: true });
    this.attach = new Menu("plus", t.attach, () => ["photo", "sticker"].map((kind) => ({
      symbol: kind === "photo" ? "picture" : kind, label: t[kind], act: () => acts.media(kind) })));
    this.mic = h("button", { type: "button", class: "plain mic", "aria-label": t.sendVoice, title: t.sendVoice,
      onclick: () => acts.media("voice") }, icon("voice"));
    this.commands = new Menu("list", t.commands, () => this.fitting().map(({ command, description }) => ({
      label: `/${command}`, detail: description, act: () => this.give(command) })), t.menu);
    this.known = [];
    this.node = h("form", { class: "composer", onsubmit: (event) => this.submit(event) },
      this.about,
      h("div", { class: "composer-row" }, this.commands.node, this.attach.node, this.field, this.mic,
        h("button", { class: "send", "aria-label": t.send, title: t.send }, icon("send"))));
    this.offer([]);
  }

  /** Show the bot's commands, if it has any. */
  offer(commands) {
    this.known = commands;
    this.commands.node.hidden = commands.length === 0;
  }

  /** The commands that begin as what stands in the field; all of them where it begins as none does. */
  fitting() {
    const begun = this.field.value.trim();
    const fitting = this.known.filter(({ command }) => begun.startsWith("/") && `/${command}`.startsWith(begun));
    return fitting.length ? fitting : this.known;
  }

  give(command) {
    if (this.field.value.startsWith("/")) this.field.value = "";
    this.fit();
    this.acts.send(`/${command}`);
  }

  /** A slash brings the commands that begin so, beside the field in which she goes on writing. */
  written() {
    this.fit();
    const begun = this.field.value;
    const fits = begun.startsWith("/") && this.known.some(({ command }) => `/${command}`.startsWith(begun));
    if (fits) this.commands.open({ focus: false });
    else this.commands.close(false);
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
    else if (event.key === "Escape" && this.commands.isOpen) this.commands.close(false);
    else if (event.key === "Escape" && this.subject) this.letGo();
    else if (event.key === "ArrowUp" && this.commands.isOpen) this.commands.enter(event);
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
    this.commands.close(false);
    this.letGo();
  }

  fit() {
    this.field.style.blockSize = "auto";
    const border = this.field.offsetHeight - this.field.clientHeight;
    this.field.style.blockSize = `${Math.min(this.field.scrollHeight + border, TALLEST)}px`;
  }
}

/** A button with a little menu above it; arrows move, Escape closes. `word` stands beside the symbol, if there is one. */
class Menu {
  constructor(symbol, label, items, word = null) {
    this.items = items;
    this.list = h("div", { class: "menu", role: "menu", "aria-label": label, hidden: true,
      onmousedown: (event) => event.preventDefault(), onkeydown: (event) => this.key(event) });
    this.button = h("button", { type: "button", class: word ? "plain worded" : "plain", "aria-label": word ?? label,
      title: label, "aria-haspopup": "menu", "aria-expanded": "false",
      onclick: () => (this.isOpen ? this.close(true) : this.open()) }, icon(symbol), word ? h("span", {}, word) : null);
    this.node = h("div", { class: "menu-place" }, this.button, this.list);
    this.node.addEventListener("focusout", ({ relatedTarget }) => this.has(relatedTarget) || this.close(false));
  }

  get isOpen() {
    return !this.list.hidden;
  }

  has(element) {
    return this.node.contains(element);
  }

  open({ focus = true } = {}) {
    const choose = (act) => () => {
      this.close(true);
      act();
    };
    this.list.replaceChildren(...this.items().map(({ symbol, label, detail, act }) =>
      h("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: choose(act) },
        symbol ? icon(symbol) : null, h("span", {}, label), detail ? h("small", {}, detail) : null)));
    this.list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    if (focus) this.list.firstElementChild.focus();
  }

  /** From the field, where its commands were brought by a slash: go to the nearest of them. */
  enter(event) {
    event.preventDefault();
    this.list.lastElementChild.focus();
  }

  close(refocus) {
    if (!this.isOpen) return;
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
