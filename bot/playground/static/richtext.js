// Rich text and markdown blocks -> nodes.

import { h } from "./dom.js";
import { channel, emoji, link, mrkdwn, person } from "./mrkdwn.js";

const STYLES = [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"], ["underline", "u"]];

function styled(node, style = {}) {
  return STYLES.filter(([name]) => style[name]).reduce((inner, [, tag]) => h(tag, {}, inner), node);
}

function day(run) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(run.timestamp * 1000);
}

const RUNS = {
  text: (run) => run.text,
  link: (run) => link(run.url, run.text),
  user: (run) => person(run.user_id),
  channel: (run) => channel(run.channel_id),
  usergroup: (run) => `@${run.usergroup_id}`,
  emoji: (run) => (run.unicode ? String.fromCodePoint(...run.unicode.split("-").map((each) => parseInt(each, 16))) : emoji(run.name)),
  broadcast: (run) => h("span", { class: "mention" }, `@${run.range}`),
  date: day,
};

const runs = (elements) => elements.map((run) => styled(RUNS[run.type]?.(run) ?? "", run.style));

const PARTS = {
  rich_text_section: (part) => h("p", {}, runs(part.elements)),
  rich_text_quote: (part) => h("blockquote", {}, runs(part.elements)),
  rich_text_preformatted: (part) => h("pre", {}, runs(part.elements)),
  rich_text_list: (part) =>
    h(
      part.style === "ordered" ? "ol" : "ul",
      { class: `level-${Math.min(part.indent ?? 0, 4)}`, start: part.style === "ordered" ? 1 + (part.offset ?? 0) : undefined },
      part.elements.map((item) => h("li", {}, runs(item.elements))),
    ),
};

export function richText(block) {
  return h("div", { class: "rich" }, block.elements.map((part) => PARTS[part.type]?.(part)));
}

// Standard markdown, as far as chat messages use it: headings, lists, quotes, code, rules, and inline styles.
export function markdown(block) {
  const box = h("div", { class: "rich" });
  let list = null;
  for (const [number, piece] of block.text.split("```").entries()) {
    if (number % 2) {
      box.append(h("pre", {}, piece.replace(/^[\w-]*\n/, "").trimEnd()));
      continue;
    }
    for (const line of piece.split("\n")) {
      const item = line.match(/^\s*(?:[-*]|(\d{1,9})[.)]) (.*)$/);
      if (item) {
        const tag = item[1] ? "ol" : "ul";
        if (list?.localName !== tag) box.append((list = h(tag, { start: item[1] ? Number(item[1]) : undefined })));
        list.append(h("li", {}, marked(item[2])));
        continue;
      }
      list = null;
      if (line.trim()) box.append(markedLine(line));
    }
  }
  return box;
}

function markedLine(line) {
  const heading = line.match(/^(#{1,6}) (.*)$/);
  if (heading) return h("p", { class: "heading", role: "heading", "aria-level": String(heading[1].length + 2) }, marked(heading[2]));
  if (/^(?:-{3,}|\*{3,})$/.test(line.trim())) return h("hr");
  if (line.startsWith(">")) return h("blockquote", {}, marked(line.replace(/^> ?/, "")));
  return h("p", {}, marked(line));
}

// Markdown's inline styles in Slack's own markup, with everything else escaped.
function marked(text) {
  const safe = text.replace(/[&<>]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[letter]);
  return mrkdwn(
    safe
      .replace(/\[([^\][]{1,300})\]\((https?:[^()\s]{1,2000})\)/g, "<$2|$1>")
      .replace(/\*\*([^*\n]+)\*\*/g, "\u0000$1\u0000")
      .replace(/(?<![\w*])\*([^\s*\n](?:[^*\n]*[^\s*\n])?)\*(?![\w*])/g, "_$1_")
      .replace(/~~([^~\n]+)~~/g, "~$1~")
      .replaceAll("\u0000", "*"),
  );
}
