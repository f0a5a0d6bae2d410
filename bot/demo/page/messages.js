// The messages of one chat: what the server says is there, with as little of the page touched as possible.
// A message is drawn anew only when it changed, so that focus, a playing voice note and an opened spoiler stay.

import { calm, h, icon } from "./dom.js";
import { formatted } from "./entities.js";
import { formats, t } from "./strings.js";

/** The list under a chat. `acts`: tap, reply, command, start, copy. */
export class Messages {
  constructor(log, acts) {
    this.log = log;
    this.list = h("ol", { class: "messages" });
    this.acts = acts;
    this.drawn = new Map();
    log.append(this.list);
  }

  /** Show exactly `phone.messages`; returns how many of the bot's messages are new. */
  show(phone) {
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    const opening = this.drawn.size === 0;
    const here = new Set(phone.messages.map((message) => message.id));
    for (const [id, drawn] of this.drawn) if (!here.has(id)) this.remove(id, drawn);
    let arrived = 0;
    for (const message of phone.messages) {
      const state = JSON.stringify(message);
      const before = this.drawn.get(message.id);
      if (before?.state === state) continue;
      this.draw(message, state, phone, before);
      if (!before && message.sender === "bot") arrived += 1;
    }
    this.separateDays(phone.messages);
    if (atEnd || arrived) this.toEnd(opening);
    return arrived;
  }

  toEnd(atOnce = false) {
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: atOnce || calm.matches ? "instant" : "smooth" });
  }

  lastOwn() {
    return [...this.drawn.values()].map(({ message }) => message)
      .filter((message) => message.sender === "person" && !message.attachment).at(-1);
  }

  draw(message, state, phone, before) {
    const node = this.node(message, phone);
    if (before) {
      const focused = before.node.contains(document.activeElement);
      before.node.replaceWith(node);
      if (focused) node.focus({ preventScroll: true });
    } else {
      node.classList.add("arriving");
      this.list.append(node);
    }
    this.drawn.set(message.id, { message, state, node });
  }

  remove(id, { node }) {
    this.drawn.delete(id);
    if (node.contains(document.activeElement)) this.log.focus({ preventScroll: true });
    node.setAttribute("aria-hidden", "true");
    node.inert = true;
    if (calm.matches) return node.remove();
    const height = node.offsetHeight;
    const vanish = node.animate(
      [{ opacity: 1, maxHeight: `${height}px` }, { opacity: 0, transform: "scale(.94)", maxHeight: `${height}px`, offset: 0.5 },
        { opacity: 0, maxHeight: 0, marginBlock: 0 }],
      { duration: 420, easing: "ease-in" },
    );
    vanish.finished.finally(() => node.remove());
  }

  separateDays(messages) {
    for (const old of this.list.querySelectorAll(".day")) old.remove();
    let last = "";
    for (const message of messages) {
      const at = new Date(message.at);
      const date = formats.date.format(at);
      const shown = !last || date.slice(-4) === last.slice(-4) ? formats.day.format(at) : date; // the year when it is new
      if (date !== last) this.drawn.get(message.id).node.before(h("li", { class: "day" }, h("span", {}, shown)));
      last = date;
    }
  }

  node(message, phone) {
    const own = message.sender === "person";
    const who = `${own ? phone.first_name : phone.bot.name}:`;
    const media = message.attachment ? attachment(message.attachment) : null;
    const bare = message.attachment?.kind === "sticker";
    return h(
      "li",
      { class: `message ${own ? "own" : "theirs"}${bare ? " bare" : ""}`, tabindex: "-1", "data-message": message.id },
      h("div", { class: "line" },
        h("div", { class: "bubble" },
          h("span", { class: "unseen" }, who),
          this.quote(message, phone),
          media,
          message.text ? h("div", { class: "text" }, formatted(message.text, message.entities, phone.bot, this.acts)) : null,
          stamp(message)),
        h("button", { type: "button", class: "reply", title: t.replyTo, "aria-label": t.replyToThis(summary(message)),
          onclick: () => this.acts.reply(message) }, icon("reply"))),
      message.buttons.length ? this.keyboard(message) : null,
    );
  }

  quote(message, phone) {
    const original = phone.messages.find((other) => other.id === message.reply_to);
    if (!original) return null;
    const who = original.sender === "person" ? phone.first_name : phone.bot.name;
    return h("blockquote", { class: "quote" }, h("strong", {}, who), h("span", {}, summary(original)));
  }

  keyboard(message) {
    const rows = message.buttons.map((row) => h("div", { class: "keys" }, row.map((button) => this.key(message, button))));
    return h("div", { class: "keyboard" }, rows);
  }

  key(message, button) {
    if (button.open) {
      const attributes = { class: "key", href: button.open, target: "_blank", rel: "noopener noreferrer" };
      return h("a", attributes, button.text, icon("open"));
    }
    if (button.copy) {
      return h("button", { type: "button", class: "key", onclick: () => this.acts.copy(button.copy) }, button.text, icon("copy"));
    }
    const tap = (event) => {
      event.currentTarget.classList.add("pressed");
      this.acts.tap(message.id, button.tap);
    };
    return h("button", { type: "button", class: "key", onclick: tap }, button.text);
  }
}

/** A message in a few words, for a quote. */
export function summary(message) {
  const kinds = { photo: t.picture, voice: t.voiceNote, audio: t.recording, document: message.attachment?.file_name };
  const kind = message.attachment?.kind;
  const words = message.text || (kind === "sticker" ? t.stickerOf(message.attachment.emoji) : kinds[kind]) || "";
  return words.length > 80 ? `${words.slice(0, 79)}…` : words;
}

function stamp(message) {
  const time = h("time", { datetime: message.at }, formats.time.format(new Date(message.at)));
  return h("div", { class: "stamp" }, message.edited ? h("span", { class: "edited" }, t.edited) : null, time);
}

function attachment(file) {
  switch (file.kind) {
    case "photo":
      return h("img", { class: "photo", src: file.url, alt: t.picture, width: file.size[0], height: file.size[1] });
    case "sticker":
      // A drawing of ours: not every machine has a font with coloured emoji.
      return h("img", { class: "sticker", src: "/page/sticker.svg", alt: t.stickerOf(file.emoji), width: 120, height: 132 });
    case "voice":
      return sound(file, t.voiceNote);
    case "audio":
      return sound(file, t.recording);
    default:
      return h("a", { class: "document", href: file.url, download: file.file_name, "aria-label": `${t.download} ${file.file_name}` },
        h("span", { class: "document-icon" }, icon("file")),
        h("span", { class: "document-name" }, file.file_name, h("small", {}, bytes(file.file_size))));
  }
}

function sound(file, name) {
  const player = new Audio();
  player.preload = "none";
  player.src = file.url;
  const bar = h("span", { class: "voice-played" });
  const button = h("button", { type: "button", class: "voice-play", "aria-label": t.play }, icon("play"));
  const showState = () => {
    button.replaceChildren(icon(player.paused ? "play" : "pause"));
    button.setAttribute("aria-label", player.paused ? t.play : t.pause);
  };
  button.addEventListener("click", () => (player.paused ? player.play().catch(showState) : player.pause()));
  for (const event of ["play", "pause", "ended"]) player.addEventListener(event, showState);
  player.addEventListener("timeupdate", () => {
    bar.style.setProperty("inline-size", `${(100 * player.currentTime) / (player.duration || file.seconds || 1)}%`);
  });
  const length = `${Math.floor(file.seconds / 60)}:${String(file.seconds % 60).padStart(2, "0")}`;
  return h("div", { class: "voice", role: "group", "aria-label": `${name}, ${length}` },
    button, h("span", { class: "voice-wave" }, bar), h("span", { class: "voice-length" }, length));
}

function bytes(count) {
  if (count < 1000) return `${count} B`;
  return count < 1_000_000 ? `${Math.round(count / 1000)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}
