// Slack's own markup -> nodes. Entities are decoded last, so that nothing a person wrote is ever read as markup of the page.

import { h } from "./dom.js";
import { nameOf, store } from "./store.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const EMOJI = {
  white_check_mark: "✅", x: "❌", warning: "⚠️", bulb: "💡", eyes: "👀", tada: "🎉", wave: "👋", thumbsup: "👍", "+1": "👍", thumbsdown: "👎",
  "-1": "👎", point_right: "👉", question: "❓", exclamation: "❗", hourglass: "⌛", smile: "😄", slightly_smiling_face: "🙂", heart: "❤️",
  rocket: "🚀", memo: "📝", mag: "🔍", bell: "🔔", lock: "🔒", speech_balloon: "💬", clipboard: "📋", pray: "🙏",
};
const INLINE = new RegExp(
  [
    "<(?<link>[^<>\\n]+)>",
    "`(?<code>[^`\\n]+)`",
    "(?<![\\w*])\\*(?<bold>[^\\s*\\n](?:[^*\\n]*[^\\s*\\n])?)\\*(?![\\w*])",
    "(?<![\\w_])_(?<italic>[^\\s_\\n](?:[^_\\n]*[^\\s_\\n])?)_(?![\\w_])",
    "(?<![\\w~])~(?<strike>[^\\s~\\n](?:[^~\\n]*[^\\s~\\n])?)~(?![\\w~])",
    ":(?<emoji>[a-z0-9_+-]{1,40}):",
  ].join("|"),
  "g",
);
const STYLES = { bold: "strong", italic: "em", strike: "s" };

export const decode = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
export const emoji = (name) => EMOJI[name] ?? `:${name}:`;
export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]{1,40}):/g, (whole, name) => EMOJI[name] ?? whole);

export function person(id) {
  return h("span", { class: `mention${id === store.me ? " you" : ""}` }, `@${nameOf(id)}`);
}

export function channel(id, name) {
  return h("span", { class: "mention" }, `#${store.channels.get(id)?.name ?? name ?? id}`);
}

export function link(url, label) {
  if (!/^(https?:|mailto:)/i.test(url)) return document.createTextNode(label || url);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label || url.replace(/^mailto:/, ""));
}

function angled(inside) {
  const [target, label] = inside.split("|", 2);
  if (target.startsWith("@")) return person(target.slice(1));
  if (target.startsWith("#")) return channel(target.slice(1), label);
  if (target.startsWith("!")) return h("span", { class: "mention" }, label ?? `@${target.slice(1).split("^")[0]}`);
  return link(decode(target), label && decode(label));
}

function inline(text) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) nodes.push(decode(text.slice(at, match.index)));
    at = match.index + match[0].length;
    const { link: inside, code, emoji: name, ...styles } = match.groups;
    const [style, words] = Object.entries(styles).find(([, value]) => value !== undefined) ?? [];
    if (inside !== undefined) nodes.push(angled(inside));
    else if (code !== undefined) nodes.push(h("code", {}, decode(code)));
    else if (name !== undefined) nodes.push(emoji(name));
    else nodes.push(h(STYLES[style], {}, inline(words)));
  }
  if (at < text.length) nodes.push(decode(text.slice(at)));
  return nodes;
}

function lines(text) {
  const nodes = [];
  let quote = null;
  for (const [number, line] of text.split("\n").entries()) {
    const quoted = line.match(/^(?:&gt;|>) ?(.*)$/);
    if (quoted) {
      if (quote) quote.append(h("br"));
      else nodes.push((quote = h("blockquote")));
      quote.append(...inline(quoted[1]));
      continue;
    }
    if (number && !quote) nodes.push(h("br"));
    quote = null;
    nodes.push(...inline(line));
  }
  return nodes;
}

// A text in Slack's markup -> nodes.
export function mrkdwn(text) {
  return text.split("```").flatMap((piece, number, all) => {
    const fenced = number % 2 === 1 && number < all.length - 1;
    if (fenced) return h("pre", {}, decode(piece.replace(/^\n|\n$/g, "")));
    const open = number % 2 === 1 ? "```" : "";
    return lines(open + (number ? piece.replace(/^\n/, "") : piece));
  });
}

// A text object -> nodes.
export function textObject(object) {
  if (!object) return [];
  if (object.type === "plain_text") return [object.emoji === false ? object.text : withEmoji(object.text)];
  return mrkdwn(object.text);
}
