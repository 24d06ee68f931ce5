// Who you are, and where you can look.

import { avatar, h, icon } from "./dom.js";
import { openMenu } from "./menu.js";
import { channelName, firstName, me, myChannels, persons, store, unread } from "./store.js";

const GLYPHS = { public: "hash", private: "lock", im: "person", mpim: "person" };

export function drawPersona(button, become) {
  const you = me();
  button.replaceChildren(avatar(you), h("span", { class: "persona-words" }, "You are ", h("b", {}, firstName(you))), icon("down"));
  button.title = `${you.real_name}, ${you.title}. Press to be somebody else.`;
  button.onclick = () =>
    openMenu(
      button,
      "Who are you?",
      persons().map((each) => ({ label: each.real_name, note: each.title, before: avatar(each), checked: each.id === store.me, run: () => become(each.id) })),
    );
}

export function drawChannels(nav, go) {
  const focused = nav.contains(document.activeElement);
  const mine = myChannels();
  const print = JSON.stringify(mine.map((each) => [each.id, each.id === store.channel, unread(store.me, each)]));
  if (nav.dataset.print === print) return;
  nav.dataset.print = print;
  const group = (title, channels) => [h("h2", {}, title), h("ul", {}, channels.map((each) => h("li", {}, entry(each, go))))];
  nav.replaceChildren(
    ...group("Channels", mine.filter((each) => each.kind !== "im")),
    ...group("Direct messages", mine.filter((each) => each.kind === "im")),
  );
  nav.onkeydown = (event) => steer(event, mine, go);
  if (focused) nav.querySelector("[aria-current]")?.focus();
}

function entry(channel, go) {
  const here = channel.id === store.channel;
  const count = here ? 0 : unread(store.me, channel);
  const name = channelName(channel);
  const bot = store.people.get(store.bot);
  return h(
    "button",
    {
      type: "button",
      class: `entry${count ? " unread" : ""}`,
      tabindex: here ? "0" : "-1",
      "aria-current": here ? "page" : undefined,
      "aria-label": `${name}${channel.kind === "private" ? ", private" : ""}${count ? `, ${count} new` : ""}`,
      onclick: () => go(channel.id, true),
    },
    channel.kind === "im" ? avatar(bot, true) : icon(GLYPHS[channel.kind]),
    h("span", { class: "entry-name" }, name),
    channel.kind === "im" && h("span", { class: "badge" }, "App"),
    count > 0 && h("span", { class: "mark", "aria-hidden": "true" }, String(count)),
  );
}

// The list is one stop for Tab; arrows walk through it.
function steer(event, channels, go) {
  const at = channels.findIndex((each) => each.id === store.channel);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: channels.length - 1 }[event.key];
  if (to === undefined || !channels[to]) return;
  event.preventDefault();
  go(channels[to].id, false);
}
