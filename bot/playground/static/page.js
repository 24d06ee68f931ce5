// Puts the page together: state in, panes drawn, and everything that changes.

import { announce, h, icon } from "./dom.js";
import { plain } from "./message.js";
import { listen, loadState } from "./net.js";
import { Pane } from "./pane.js";
import { drawChannels, drawPersona } from "./sidebar.js";
import { channelName, drop, fill, keep, me, myChannels, nameOf, persons, readAll, store } from "./store.js";
import { drawWindow } from "./windows.js";

const $ = (id) => document.getElementById(id);
const nav = $("channels");
const room = $("room");
const wide = matchMedia("(min-width: 68rem)");

// ------------------------------------------------------------------ where you are

function become(person) {
  $("announce").replaceChildren(); // what was said to somebody else is not yours to hear
  store.me = person;
  const mine = myChannels();
  const here = store.channels.get(store.channel);
  const other = here?.kind === "im" ? mine.at(-1) : mine[0];
  go(mine.some((each) => each.id === store.channel) ? store.channel : other.id, true, store.thread);
  announce(`You are ${nameOf(person)}`);
}

function go(channel, write = false, thread = null) {
  store.channel = channel;
  store.thread = store.messages.get(channel).has(thread) ? thread : null;
  if (write) choosing(false);
  drawAll(true);
  if (write && !(matchMedia("(hover: none)").matches)) main.box.focus();
}

function openThread(ts, write = false) {
  store.thread = ts;
  drawThread(true);
  remember();
  if (write) side.box.focus();
}

function closeThread() {
  const from = store.thread;
  store.thread = null;
  drawThread(true);
  remember();
  (main.list.querySelector(`[data-ts="${from}"]`) ?? main.list).focus();
}

// Where there is little room, the list of channels takes the place of the channel for a moment.
function choosing(now) {
  room.classList.toggle("choosing", now);
  $("menu").setAttribute("aria-expanded", String(now));
}

// The address keeps person, channel and thread, so that loading the page again leads back.
function remember() {
  history.replaceState(null, "", `#${[store.me, store.channel, store.thread].filter(Boolean).join("/")}`);
}

function recall() {
  const [person, channel, thread] = decodeURIComponent(location.hash.slice(1)).split("/");
  store.me = persons().some((each) => each.id === person) ? person : persons()[0].id;
  const mine = myChannels();
  store.channel = mine.some((each) => each.id === channel) ? channel : mine[0].id;
  store.thread = store.messages.get(store.channel).has(thread) ? thread : null;
}

// ------------------------------------------------------------------ drawing

function drawHead() {
  const channel = store.channels.get(store.channel);
  const name = channelName(channel);
  const sign = channel.kind === "im" ? "" : channel.kind === "private" ? icon("lock") : icon("hash");
  channelName_.replaceChildren(sign, name);
  topic.textContent = channel.kind === "im" ? store.about : channel.topic;
  document.title = `${channel.kind === "im" ? name : `#${name}`} · ${store.team}`;
  threadPlace.textContent = channel.kind === "im" ? name : `#${name}`;
}

function drawThread(fresh) {
  side.root.hidden = !store.thread;
  room.classList.toggle("with-thread", Boolean(store.thread));
  if (store.thread) side.draw(fresh);
}

function drawAll(fresh) {
  if (document.visibilityState === "visible") readAll(store.me, store.channel);
  drawPersona($("persona"), become);
  drawChannels(nav, go);
  drawHead();
  drawPresence();
  main.draw(fresh);
  drawThread(fresh);
  drawWindow();
  remember();
}

function drawPresence() {
  const bot = nameOf(store.bot);
  $("team").textContent = store.team;
  $("presence").textContent = store.connected ? `${bot} is here` : `Waiting for ${bot} …`;
  $("presence").classList.toggle("here", store.connected);
}

const channelName_ = h("h1", { id: "channel-name" });
const topic = h("p", { class: "topic" });
const threadPlace = h("span", { class: "topic" });
const samples = h("div", { class: "samples" });
const shut = h("button", { type: "button", class: "quiet icon", "aria-label": "Close thread", onclick: closeThread }, icon("close"));

const main = new Pane($("channel"), { thread: false, head: h("header", { class: "pane-head" }, channelName_, topic), openThread });
const side = new Pane($("thread"), { thread: true, head: h("header", { class: "pane-head" }, h("h2", { id: "thread-name" }, "Thread"), threadPlace, shut), openThread });
main.root.querySelector(".foot").prepend(samples);

function drawSamples() {
  const chip = (text) => h("button", { type: "button", class: "chip", title: text, onclick: () => main.box.say(text) }, text);
  samples.replaceChildren(h("span", {}, "Try"), ...store.samples.map(chip));
}

// ------------------------------------------------------------------ news

let missed = null; // news that came while the whole state was being loaded, which may be older

function heard(news) {
  if (missed) {
    missed.push(news);
    return;
  }
  if (news.type === "message") {
    const known = store.messages.get(news.message.channel)?.has(news.message.ts);
    keep(news.message);
    if (!known) arrived(news.message);
  } else if (news.type === "removed") {
    drop(news.channel, news.ts);
    if (store.thread === news.ts) store.thread = null;
  } else if (news.type === "window") store.windows[news.person] = news.window;
  else if (news.type === "app") store.connected = news.connected;
  drawSoon();
}

// A first answer to what you just wrote opens its thread beside it, where there is room.
function arrived(message) {
  if (message.user === store.me || (message.to && message.to !== store.me) || message.channel !== store.channel) return;
  announce(`${nameOf(message.user)}: ${plain(message.text)}`);
  const head = store.messages.get(message.channel).get(message.thread);
  if (head?.user === store.me && message.user === store.bot && !store.thread && wide.matches) {
    store.thread = head.ts;
    drawThread(true);
  }
}

let drawing = false;
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    drawAll(false);
  });
}

async function again() {
  missed = [];
  try {
    fill(await loadState());
    drawAll(false);
  } catch {
    lost();
  } finally {
    const news = missed;
    missed = null;
    news.forEach(heard);
  }
}

function lost() {
  store.connected = false;
  drawPresence();
}

// ------------------------------------------------------------------ the rest of the page

function theme(chosen) {
  const dark = chosen ?? matchMedia("(prefers-color-scheme: dark)").matches;
  if (chosen !== null) document.documentElement.dataset.theme = dark ? "dark" : "light";
  $("theme").replaceChildren(icon(dark ? "sun" : "moon"));
  $("theme").setAttribute("aria-label", dark ? "Light colours" : "Dark colours");
  return dark;
}

const kept = localStorage.getItem("playground-theme");
let dark = theme(kept ? kept === "dark" : null);
$("theme").onclick = () => {
  dark = theme(!dark);
  localStorage.setItem("playground-theme", dark ? "dark" : "light");
};
matchMedia("(prefers-color-scheme: dark)").onchange = () => {
  if (!document.documentElement.dataset.theme) dark = theme(null);
};

$("menu").append(icon("lines"));
$("menu").onclick = () => {
  choosing(!room.classList.contains("choosing"));
  if (room.classList.contains("choosing")) nav.querySelector("[aria-current]")?.focus();
};
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (room.classList.contains("choosing")) choosing(false);
  else if (store.thread) closeThread();
});
document.addEventListener("visibilitychange", () => store.me && drawAll(false));

fill(await loadState());
recall();
for (const person of persons()) for (const channel of store.channels.keys()) readAll(person.id, channel);
drawSamples();
drawAll(true);
(store.thread && !wide.matches ? side : main).box.focus();
listen(heard, again, lost);
