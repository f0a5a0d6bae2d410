// One phone: its card with the word on paper, the chat's head, its messages, and Start or the composer below.

import { Composer } from "./composer.js";
import { h, post } from "./dom.js";
import { Messages } from "./messages.js";
import { t } from "./strings.js";

const TYPING_SHOWS = 5000; // milliseconds; sendChatAction: "5 seconds or less"
const TOAST_SHOWS = 3500;

/** The pane of one phone. `onNews(count)` hears of the bot's new messages. */
export class PhonePane {
  constructor(phone, { first, onNews }) {
    this.id = `phone-${phone.user_id}`;
    this.tabName = phone.first_name;
    this.at = `/demo/phones/${phone.user_id}`;
    this.onNews = onNews;
    this.toastsSeen = phone.toasts.at(-1)?.id ?? -1;
    this.opened = null;
    this.status = h("span", { class: "status" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0",
      "aria-label": t.chatWith(phone.bot.name, phone.first_name) });
    this.messages = new Messages(this.log, {
      tap: (id, choice) => this.act("tap", { message_id: id, choice }),
      reply: (message) => this.composer.reply(message),
      command: (text) => this.act("send", { text }),
      start: (payload) => this.act("start", { payload }),
      copy: (text) => this.copy(text),
    });
    this.composer = new Composer({
      send: (text, replyTo) => this.act("send", { text, reply_to: replyTo ?? null }),
      edit: (id, text) => this.act("edit", { message_id: id, text }),
      media: (kind) => this.act(kind),
      lastOwn: () => this.messages.lastOwn(),
    });
    this.foot = h("div", { class: "foot" });
    this.toast = h("div", { class: "toast", role: "status" });
    this.node = this.build(phone, first);
    this.first = first;
    this.show(phone);
  }

  build(phone, first) {
    const title = `${this.id}-title`;
    return h("section", { class: "pane phone-pane", id: this.id, "aria-labelledby": title },
      h("div", { class: "pane-head" },
        h("div", {}, h("h2", { id: title }, t.phoneOf(phone.first_name)), h("p", { class: "role" }, t.roles[phone.role])),
        phone.word ? h("aside", { class: "paper", "aria-label": t.word },
          h("span", { class: "paper-from" }, t.word), h("span", { class: "paper-word" }, phone.word)) : null),
      h("div", { class: `phone${first ? " first" : ""}` },
        h("div", { class: "chat-head" },
          h("img", { class: "avatar", src: "/page/thread.svg", alt: "", width: 38, height: 38 }),
          h("div", {}, h("strong", {}, phone.bot.name), this.status)),
        h("div", { class: "screen" }, this.log, this.welcome(phone), this.toast),
        this.foot));
  }

  welcome(phone) {
    return h("div", { class: "welcome" },
      h("img", { class: "avatar", src: "/page/thread.svg", alt: "", width: 84, height: 84 }),
      h("strong", {}, phone.bot.name),
      h("p", {}, t.startWhy(phone.first_name)));
  }

  /** Bring everything to what the server says. */
  show(phone) {
    const arrived = this.messages.show(phone);
    this.composer.offer(phone.commands);
    this.showFoot(phone);
    this.showAction(phone.action);
    for (const toast of phone.toasts.filter(({ id }) => id > this.toastsSeen)) this.notify(toast);
    this.toastsSeen = Math.max(this.toastsSeen, ...phone.toasts.map(({ id }) => id));
    if (arrived) this.onNews(arrived);
  }

  showFoot(phone) {
    if (this.opened === phone.opened) return;
    const pressed = this.opened === false;
    this.opened = phone.opened;
    this.node.classList.toggle("unopened", !phone.opened);
    if (phone.opened) {
      this.foot.replaceChildren(this.composer.node);
      if (pressed) this.composer.field.focus({ preventScroll: true });
      return;
    }
    const begin = h("button", { type: "button", class: "start", onclick: () => this.act("start") }, t.start);
    this.foot.replaceChildren(
      this.first ? h("p", { class: "hint", id: `${this.id}-hint` }, t.startHere) : "",
      begin);
    if (this.first) begin.setAttribute("aria-describedby", `${this.id}-hint`);
  }

  showAction(action) {
    const fresh = action && action.at !== this.lastAction;
    if (fresh) {
      this.lastAction = action.at;
      clearTimeout(this.actionEnds);
      this.actionEnds = setTimeout(() => this.setStatus(null), TYPING_SHOWS);
      this.setStatus(action.name);
    } else if (!action) this.setStatus(null);
  }

  setStatus(action) {
    const words = { typing: t.typing };
    this.status.textContent = action ? words[action] ?? t.sendingFile : t.botStatus;
    this.status.classList.toggle("busy", Boolean(action));
  }

  notify({ text, alert }) {
    if (alert) return this.announce(text);
    this.toast.textContent = text;
    this.toast.classList.add("shown");
    clearTimeout(this.toastEnds);
    this.toastEnds = setTimeout(() => this.toast.classList.remove("shown"), TOAST_SHOWS);
  }

  announce(text) {
    const dialog = h("dialog", { class: "alert", onclose: () => dialog.remove() },
      h("p", {}, text), h("form", { method: "dialog" }, h("button", { class: "key" }, t.ok)));
    this.node.append(dialog);
    dialog.showModal();
  }

  copy(text) {
    navigator.clipboard?.writeText(text).then(() => this.notify({ text: t.copied }), () => {});
  }

  async act(name, body) {
    if (!(await post(`${this.at}/${name}`, body))) this.notify({ text: t.failed });
    else if (name !== "tap") this.messages.toEnd();
  }
}

