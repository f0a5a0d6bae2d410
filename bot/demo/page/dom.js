// Small tools to build the page: elements, icons of our own, and requests to the demo's server.

/** An element with attributes, event handlers (`onclick`…) and children; null and false children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const paths = {
  send: "M4 12h13M12 6l6 6-6 6",
  plus: "M12 5v14M5 12h14",
  list: "M5 7h14M5 12h14M5 17h9",
  reply: "M10 7L5 12l5 5M5 12h8c4 0 6 2 6 6",
  close: "M6 6l12 12M18 6L6 18",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
  voice: "M12 3.5a2.7 2.7 0 00-2.7 2.7v4.6a2.7 2.7 0 005.4 0V6.2A2.7 2.7 0 0012 3.5zM6.5 10.5v.5a5.5 5.5 0 0011 0v-.5M12 16.5V20M9 20h6",
  sticker: "M5 5h14v8l-6 6H5zM13 19v-6h6M9 9.5h.01M14 9.5h.01",
  open: "M9 5h10v10M19 5L9 15M13 19H5V11",
  copy: "M9 9h10v10H9zM5 15V5h10",
  skip: "M5 6l6 6-6 6M13 6l6 6-6 6",
};

/** One of our line icons; decoration only, so it is hidden from screen readers. */
export function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}

/** POST JSON to the demo's server; what it answered, or null if it was not done. */
export async function post(path, body = {}) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

export const calm = matchMedia("(prefers-reduced-motion: reduce)");
