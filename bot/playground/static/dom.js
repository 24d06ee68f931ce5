// Making elements. Text only ever becomes a text node.

export function h(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && name !== "list" && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false && each !== ""));
  return node;
}

const SHAPES = {
  hash: ["M9 4 7 20M17 4l-2 16M4 9h17M3 15h17"],
  lock: ["M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5"],
  dots: ["M5 12h.01M12 12h.01M19 12h.01"],
  reply: ["M20 15a2 2 0 0 1-2 2H9l-5 4V6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2z"],
  close: ["M6 6l12 12M18 6 6 18"],
  down: ["M6 9l6 6 6-6"],
  back: ["M15 5l-7 7 7 7"],
  lines: ["M4 7h16M4 12h16M4 17h16"],
  send: ["M4 12l16-8-6 16-3-6.5z"],
  sun: ["M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4"],
  moon: ["M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"],
  picture: ["M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M9 9.5h.01"],
  pen: ["M5 19l1-4L16.5 4.5l3 3L9 18z"],
  bin: ["M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13"],
  bolt: ["M13 3 5 14h6l-1 7 8-11h-6z"],
};

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `glyph glyph-${name}`);
  svg.setAttribute("aria-hidden", "true");
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}

export function avatar(person, small = false) {
  const initials = person.real_name.split(" ").map((word) => word[0]).slice(0, 2).join("");
  return h("span", { class: `avatar${small ? " small" : ""}${person.bot ? " app" : ` hue-${person.hue ?? 0}`}`, "aria-hidden": "true" }, initials);
}

// Makes `parent` hold exactly `nodes`, in order, without touching those already in place.
export function place(parent, nodes) {
  let at = parent.firstChild;
  for (const node of nodes) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

export function announce(text) {
  const line = document.getElementById("announce");
  line.append(h("p", {}, text));
  while (line.children.length > 3) line.firstChild.remove();
}
