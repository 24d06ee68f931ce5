// The message box: Enter sends, Shift+Enter breaks the line; `/` offers commands and `@` names.

import { act } from "./net.js";
import { h, icon } from "./dom.js";
import { channelName, firstName, me, store } from "./store.js";

export function composer(pane) {
  const id = pane.thread ? "write-reply" : "write";
  const box = h("textarea", { id, class: "write", rows: 1, "aria-autocomplete": "list", "aria-controls": `${id}-offers`, "aria-expanded": "false" });
  const offers = h("div", { class: "offers", id: `${id}-offers`, role: "listbox", "aria-label": "Suggestions", hidden: true });
  const send = h("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send"));
  const keys = h("small", { class: "keys", "aria-hidden": "true" }, h("kbd", {}, "Enter"), " sends · ", h("kbd", {}, "Shift"), " ", h("kbd", {}, "Enter"), " new line · ", h("kbd", {}, "/"), " commands");
  const node = h("form", { class: "composer", onsubmit: (event) => (event.preventDefault(), submit()) }, offers, h("div", { class: "write-row" }, box, send), keys);
  let choices = [];
  let at = 0;

  const draft = () => `${store.me} ${pane.where.channel} ${pane.where.thread ?? ""}`;

  async function submit() {
    const text = box.value.trim();
    if (!text) return;
    const { channel, thread } = pane.where;
    const given = { person: store.me, channel, text, thread };
    put("");
    pane.tell("");
    const answer = await act(/^\/[a-z]/.test(text) ? "command" : "say", given);
    pane.tell(answer.error ?? answer.why);
    if (answer.error && !box.value) put(text);
  }

  function put(text) {
    box.value = text;
    box.dispatchEvent(new Event("input"));
  }

  function grow() {
    box.style.height = "auto";
    if (box.scrollHeight) box.style.height = `${Math.min(box.scrollHeight, innerHeight / 3)}px`;
    send.disabled = !box.value.trim();
  }

  function offer() {
    choices = suggestions(box.value.slice(0, box.selectionStart));
    at = 0;
    offers.replaceChildren(...choices.map(offerNode));
    offers.hidden = !choices.length;
    box.setAttribute("aria-expanded", String(choices.length > 0));
    mark();
  }

  function offerNode(choice, number) {
    const take = (event) => (event.preventDefault(), accept(choice));
    return h("div", { role: "option", id: `${id}-offer-${number}`, class: "offer", onpointerdown: take }, h("b", {}, choice.label), h("span", {}, choice.note));
  }

  function mark() {
    [...offers.children].forEach((each, number) => each.setAttribute("aria-selected", String(number === at)));
    if (choices.length) box.setAttribute("aria-activedescendant", `${id}-offer-${at}`);
    else box.removeAttribute("aria-activedescendant");
  }

  function accept(choice) {
    const end = box.selectionStart;
    const start = end - choice.typed;
    const after = box.value.slice(end);
    box.value = box.value.slice(0, start) + choice.insert + after;
    box.setSelectionRange(start + choice.insert.length, start + choice.insert.length);
    grow();
    offer();
    box.focus();
  }

  function steer(event) {
    const last = choices.length - 1;
    if (event.key === "ArrowDown") at = at === last ? 0 : at + 1;
    else if (event.key === "ArrowUp") at = at === 0 ? last : at - 1;
    else if (event.key === "Enter" && choices[at].whole) return submit();
    else if (event.key === "Tab" || event.key === "Enter") return accept(choices[at]);
    else if (event.key === "Escape") {
      choices = [];
      offers.hidden = true;
      box.setAttribute("aria-expanded", "false");
      event.stopPropagation();
    } else return undefined;
    mark();
    return true;
  }

  box.addEventListener("input", () => {
    store.drafts.set(draft(), box.value);
    grow();
    offer();
  });
  box.addEventListener("blur", () => setTimeout(() => (offers.hidden = true), 100));
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (choices.length && !offers.hidden && ["ArrowDown", "ArrowUp", "Tab", "Enter", "Escape"].includes(event.key) && !event.shiftKey) {
      event.preventDefault();
      steer(event);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  });

  // Another person, channel or thread: its own draft, its own label.
  function moved() {
    const channel = store.channels.get(pane.where.channel);
    const place = channel.kind === "im" ? channelName(channel) : `#${channelName(channel)}`;
    const words = pane.thread ? `Reply as ${firstName(me())}` : `Message ${place} as ${firstName(me())}`;
    box.placeholder = words;
    box.setAttribute("aria-label", words);
    box.value = store.drafts.get(draft()) ?? "";
    grow();
    offers.hidden = true;
    choices = [];
  }

  return { node, moved, focus: () => box.focus(), say: (text) => (put(text), submit()) };
}

function suggestions(before) {
  const command = before.match(/^\/([a-z-]*)$/i);
  if (command) {
    const fitting = store.commands.filter((each) => each.name.startsWith(`/${command[1].toLowerCase()}`));
    return fitting.map((each) => ({ label: `${each.name} ${each.hint}`, note: each.description, insert: `${each.name} `, typed: before.length, whole: before === each.name }));
  }
  const name = before.match(/(?:^|\s)@([\p{L}]*)$/u);
  if (!name) return [];
  const fitting = [...store.people.values()].filter((each) => each.id !== store.me && each.real_name.toLowerCase().startsWith(name[1].toLowerCase()));
  return fitting.map((each) => {
    const whole = name[1].toLowerCase() === firstName(each).toLowerCase();
    return { label: `@${firstName(each)}`, note: each.bot ? "App" : each.title, insert: `@${firstName(each)} `, typed: name[1].length + 1, whole };
  });
}
