// One message: who, when, what, its replies, and its menu.

import { act } from "./net.js";
import { blocks } from "./blocks.js";
import { avatar, h, icon } from "./dom.js";
import { openMenu } from "./menu.js";
import { emoji, mrkdwn } from "./mrkdwn.js";
import { firstName, nameOf, store } from "./store.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const when = (ts) => new Date(Number(ts) * 1000);
export const time = (ts) => clock.format(when(ts));

export function day(ts) {
  const today = new Date().toDateString();
  return when(ts).toDateString() === today ? "Today" : date.format(when(ts));
}

const author = (message) => store.people.get(message.user) ?? { id: message.user, real_name: message.user };

// pane: { thread, openThread(ts), tell(text), redraw() }; near: whether it follows another one of the same author closely.
export function messageNode(message, pane, { near, replies }) {
  const who = author(message);
  const editing = pane.editing === message.ts;
  const node = h(
    "article",
    {
      class: ["message", near && "near", message.to && "whisper", message.gone && "gone"].filter(Boolean).join(" "),
      tabindex: "-1",
      "aria-label": `${nameOf(message.user)}, ${time(message.ts)}`,
      data: { ts: message.ts },
    },
    message.to && h("p", { class: "only-you" }, icon("eye"), "Only visible to you", h("button", { type: "button", onclick: () => pane.dismiss(message) }, "Dismiss")),
    near ? h("time", { class: "side-time", "aria-hidden": "true" }, time(message.ts)) : avatar(who),
    h(
      "div",
      { class: "body" },
      !near && h("p", { class: "byline" }, h("b", {}, who.real_name), who.bot && h("span", { class: "badge" }, "App"), h("time", {}, time(message.ts))),
      editing ? editor(message, pane) : content(message, pane),
      message.reactions.length > 0 && h("p", { class: "reactions" }, message.reactions.map((each) => h("span", {}, emoji(each.name), ` ${each.count}`))),
      replies?.length > 0 && repliesLink(message, replies, pane),
    ),
    !editing && !message.gone && tools(message, pane),
  );
  return node;
}

function content(message, pane) {
  const words = message.blocks ? blocks(message.blocks, hands(message, pane)) : [h("div", { class: "text" }, mrkdwn(message.text))];
  return h("div", { class: "content" }, words, message.edited && h("small", { class: "edited" }, "(edited)"));
}

function hands(message, pane) {
  const given = (element, block) => ({ person: store.me, channel: message.channel, ts: message.ts, action_id: element.action_id, block_id: block.block_id });
  const tell = (answer) => pane.tell(answer.error ?? answer.why);
  return {
    press: async (element, block) => tell(await act("press", given(element, block))),
    choose: async (element, block, values) => tell(await act("choose", { ...given(element, block), values })),
    fields: [],
  };
}

function repliesLink(message, replies, pane) {
  const faces = [...new Set(replies.map((each) => each.user))].slice(0, 3).map((id) => avatar(store.people.get(id) ?? author(message), true));
  const words = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  return h(
    "button",
    { type: "button", class: "replies", onclick: () => pane.openThread(message.ts, true), data: { name: "replies" } },
    h("span", { class: "faces" }, faces),
    h("b", {}, words),
    h("span", { class: "last" }, `last at ${time(replies.at(-1).ts)}`),
  );
}

function tools(message, pane) {
  if (message.to) return null;
  const more = h(
    "button",
    { type: "button", class: "quiet icon", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false", data: { name: "more" }, onclick: () => openMenu(more, "Message", choices(message, pane)) },
    icon("dots"),
  );
  const reply = h(
    "button",
    { type: "button", class: "quiet icon", "aria-label": "Reply in thread", data: { name: "reply" }, onclick: () => pane.openThread(message.thread ?? message.ts, true) },
    icon("reply"),
  );
  return h("div", { class: "tools" }, !pane.thread && reply, more);
}

function choices(message, pane) {
  const target = { person: store.me, channel: message.channel, ts: message.ts };
  const shortcuts = store.shortcuts.map((each) => ({
    label: each.name,
    note: nameOf(store.bot),
    before: icon("bolt"),
    run: async () => {
      const answer = await act("shortcut", { ...target, callback_id: each.callback_id });
      pane.tell(answer.error ?? answer.why);
    },
  }));
  if (message.user !== store.me) return shortcuts.length ? shortcuts : [{ label: "Nothing to do here", run: () => {} }];
  const own = [
    { label: "Edit message", before: icon("pen"), run: () => pane.edit(message.ts) },
    { label: "Delete message", before: icon("bin"), danger: true, run: () => act("delete", target) },
  ];
  return shortcuts.length ? [...shortcuts, null, ...own] : own;
}

function editor(message, pane) {
  const box = h("textarea", { class: "field", rows: 3, "aria-label": "Edit message" });
  box.value = plain(message.text);
  const leave = () => pane.edit(null);
  const save = async () => {
    if (box.value.trim() && box.value !== plain(message.text)) await act("edit", { person: store.me, channel: message.channel, ts: message.ts, text: box.value });
    leave();
  };
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return h(
    "div",
    { class: "editor" },
    box,
    h(
      "div",
      { class: "actions" },
      h("button", { type: "button", class: "button primary", onclick: save }, "Save"),
      h("button", { type: "button", class: "button", onclick: leave }, "Cancel"),
    ),
  );
}

// What was typed, from what the wire has.
export function plain(text) {
  return text
    .replace(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g, (whole, id) => `@${store.people.has(id) ? firstName(store.people.get(id)) : id}`)
    .replace(/<#[A-Z0-9]+\|([^>]*)>/g, "#$1")
    .replace(/<!([a-z]+)>/g, "@$1")
    .replace(/<([^|>]+)\|([^>]*)>/g, "$2")
    .replace(/<([^>]+)>/g, "$1")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}
