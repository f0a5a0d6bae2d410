// Telegram's formatted text as DOM nodes. Offsets count UTF-16 units, which is how JavaScript indexes strings.

import { h } from "./dom.js";
import { t } from "./strings.js";

const tags = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote" };

/** The nodes of a text; `acts` has `command(text)` and `start(payload)` for what is pressed inside it. */
export function formatted(text, entities, bot, acts) {
  const cuts = new Set([0, text.length]);
  for (const { offset, length } of entities) cuts.add(offset).add(offset + length);
  const places = [...cuts].sort((a, b) => a - b);
  return build(text, entities, places, { bot, acts });
}

function build(text, entities, places, context) {
  const nodes = [];
  for (let index = 0; index < places.length - 1; ) {
    const start = places[index];
    const outer = entities.find((entity) => entity.offset === start);
    if (!outer) {
      nodes.push(text.slice(start, places[++index]));
      continue;
    }
    const end = outer.offset + outer.length;
    const inner = places.filter((place) => place >= start && place <= end);
    const rest = entities.filter((entity) => entity !== outer && entity.offset >= start && entity.offset < end);
    nodes.push(wrap(outer, text.slice(start, end), build(text, rest, inner, context), context));
    index = places.indexOf(end);
  }
  return nodes;
}

function wrap(entity, covered, children, context) {
  switch (entity.type) {
    case "url":
      return link(covered.startsWith("http") ? covered : `https://${covered}`, children, context);
    case "text_link":
      return link(entity.url, children, context);
    case "bot_command":
      return h("button", { type: "button", class: "command", onclick: () => context.acts.command(covered) }, children);
    case "spoiler":
      return spoiler(children);
    default:
      return entity.type in tags ? h(tags[entity.type], {}, children) : h("span", {}, children);
  }
}

function link(address, children, { bot, acts }) {
  const own = new RegExp(`^https?://t\\.me/${bot.username}\\?start=([\\w-]+)$`).exec(address);
  if (own) return h("button", { type: "button", class: "command", onclick: () => acts.start(own[1]) }, children);
  if (!/^https?:/.test(address)) return h("span", {}, children);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, children);
}

function spoiler(children) {
  const reveal = () => {
    cover.replaceWith(h("span", { class: "spoiler-open" }, children));
  };
  const cover = h("button", { type: "button", class: "spoiler", "aria-label": t.reveal, onclick: reveal }, "\u2003\u2003\u2003");
  return cover;
}
