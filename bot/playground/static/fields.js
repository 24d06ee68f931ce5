// The things in a block that can be pressed, chosen or filled in. `hands` says what happens then:
// press(element, block), choose(element, block, values), and in a window `fields`, where inputs leave how to read them.

import { h, icon } from "./dom.js";
import { openMenu } from "./menu.js";
import { textObject } from "./mrkdwn.js";
import { channelName, myChannels, nameOf, persons } from "./store.js";

let count = 0;
const plain = (object) => (object ? textObject(object).join("") : undefined);

export function field(element, block, hands) {
  return FIELDS[element.type]?.(element, block, hands) ?? h("span", { class: "unknown" }, `(${element.type})`);
}

function confirmed(element, go) {
  if (!element.confirm) return go;
  return () => {
    const { title, text, confirm, deny, style } = element.confirm;
    const box = h(
      "dialog",
      { class: "window small", "aria-label": plain(title), onclose: () => box.remove() },
      h("header", {}, h("h2", {}, plain(title))),
      h("div", { class: "window-body" }, textObject(text)),
      h(
        "footer",
        {},
        h("button", { type: "button", class: "button", onclick: () => box.close() }, plain(deny)),
        h("button", { type: "button", class: `button ${style ?? "primary"}`, onclick: () => (box.close(), go()) }, plain(confirm)),
      ),
    );
    document.body.append(box);
    box.showModal();
  };
}

function button(element, block, hands) {
  const node = h(
    "button",
    {
      type: "button",
      class: `button ${element.style ?? ""}`,
      "aria-label": element.accessibility_label,
      data: { name: element.action_id },
      onclick: confirmed(element, async () => {
        if (element.url) open(element.url, "_blank", "noopener");
        node.setAttribute("aria-busy", "true");
        await hands.press(element, block);
        node.removeAttribute("aria-busy");
      }),
    },
    plain(element.text),
  );
  return node;
}

// Registers a choice: in an input of a window it is read when the window is sent, elsewhere it is told at once.
function chooser(element, block, hands, read) {
  if (block.type === "input") hands.fields.push({ block_id: block.block_id, action_id: element.action_id, read });
  return block.type === "input" ? () => {} : confirmed(element, () => hands.choose(element, block, read()));
}

function label(element, block) {
  return block.type === "input" ? undefined : plain(element.placeholder) ?? plain(block.text) ?? element.action_id;
}

function options(element) {
  const one = (each) => h("option", { value: each.value }, plain(each.text));
  if (!element.option_groups) return (element.options ?? []).map(one);
  return element.option_groups.map((group) => h("optgroup", { label: plain(group.label) }, group.options.map(one)));
}

function select(element, block, hands, given, chosen, many = false) {
  const node = h("select", { id: hands.labelled, class: "field", multiple: many, "aria-label": label(element, block), data: { name: element.action_id } });
  if (!many) node.append(h("option", { value: "" }, plain(element.placeholder) ?? "Choose…"));
  node.append(...given);
  for (const option of node.options) option.selected = chosen.includes(option.value) || (!many && !chosen.length && option.value === "");
  const read = () => [...node.selectedOptions].map((each) => each.value).filter(Boolean);
  node.addEventListener("change", chooser(element, block, hands, read));
  return node;
}

function picked(element, block, hands, things, initial) {
  const given = things.map((each) => h("option", { value: each.id }, each.label));
  return select(element, block, hands, given, [hands.value?.(element, block) ?? element[initial]].flat().filter(Boolean));
}

const people = () => persons().map((each) => ({ id: each.id, label: nameOf(each.id) }));
const places = () => myChannels().map((each) => ({ id: each.id, label: each.kind === "im" ? channelName(each) : `#${channelName(each)}` }));

function boxes(element, block, hands, kind) {
  const group = `choice-${(count += 1)}`;
  const initial = hands.value?.(element, block) ?? [element.initial_option, ...(element.initial_options ?? [])].filter(Boolean).map((each) => each.value);
  const inputs = element.options.map((each) => h("input", { type: kind, name: group, value: each.value, checked: initial.includes(each.value) }));
  const tell = chooser(element, block, hands, () => inputs.filter((each) => each.checked).map((each) => each.value));
  const lines = element.options.map((each, at) =>
    h("label", { class: "choice" }, inputs[at], h("span", {}, h("span", {}, textObject(each.text)), each.description && h("small", {}, textObject(each.description)))),
  );
  for (const input of inputs) input.addEventListener("change", tell);
  const role = kind === "radio" ? "radiogroup" : "group";
  return h("div", { class: "choices", role, "aria-labelledby": hands.labelledBy, "aria-label": label(element, block), data: { name: element.action_id } }, lines);
}

function overflow(element, block, hands) {
  const items = element.options.map((each) => ({
    label: plain(each.text),
    note: plain(each.description),
    run: confirmed(element, () => {
      if (each.url) open(each.url, "_blank", "noopener");
      hands.choose(element, block, [each.value]);
    }),
  }));
  const props = { type: "button", class: "quiet icon", "aria-label": "More", "aria-haspopup": "menu", "aria-expanded": "false", data: { name: element.action_id } };
  const node = h("button", { ...props, onclick: () => openMenu(node, "More", items) }, icon("dots"));
  return node;
}

function text(element, block, hands, more) {
  const tag = element.multiline ? "textarea" : "input";
  const props = { class: "field", id: hands.labelled, placeholder: plain(element.placeholder), data: { name: element.action_id }, ...more };
  const node = h(tag, element.multiline ? { ...props, rows: 4 } : { type: "text", ...props });
  if (element.max_length) node.maxLength = element.max_length;
  node.value = hands.value?.(element, block)?.[0] ?? element.initial_value ?? "";
  if (element.focus_on_load) node.autofocus = true;
  chooser(element, block, hands, () => (node.value ? [node.value] : []));
  return node;
}

const first = (element, block, hands) => hands.value?.(element, block) ?? [element.initial_option?.value].filter(Boolean);
const all = (element, block, hands) => hands.value?.(element, block) ?? (element.initial_options ?? []).map((each) => each.value);

const FIELDS = {
  button,
  overflow,
  static_select: (element, block, hands) => select(element, block, hands, options(element), first(element, block, hands)),
  multi_static_select: (element, block, hands) => select(element, block, hands, options(element), all(element, block, hands), true),
  users_select: (element, block, hands) => picked(element, block, hands, people(), "initial_user"),
  channels_select: (element, block, hands) => picked(element, block, hands, places(), "initial_channel"),
  conversations_select: (element, block, hands) => picked(element, block, hands, places(), "initial_conversation"),
  radio_buttons: (element, block, hands) => boxes(element, block, hands, "radio"),
  checkboxes: (element, block, hands) => boxes(element, block, hands, "checkbox"),
  plain_text_input: (element, block, hands) => text(element, block, hands, {}),
  number_input: (element, block, hands) => text(element, block, hands, { inputmode: "decimal" }),
};
