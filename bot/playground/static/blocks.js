// Block Kit -> nodes.

import { h, icon } from "./dom.js";
import { field } from "./fields.js";
import { textObject } from "./mrkdwn.js";
import { markdown, richText } from "./richtext.js";

let count = 0;

export function blocks(given, hands) {
  return given.map((block) => BLOCKS[block.type]?.(block, hands) ?? h("p", { class: "unknown" }, `(${block.type})`));
}

function picture(block) {
  return h("div", { class: "picture", role: "img", "aria-label": block.alt_text }, icon("picture"), h("span", {}, block.alt_text));
}

function section(block, hands) {
  const words = [
    block.text && h("div", { class: "text" }, textObject(block.text)),
    block.fields && h("div", { class: "facts" }, block.fields.map((each) => h("div", { class: "text" }, textObject(each)))),
  ];
  const accessory = block.accessory && (block.accessory.type === "image" ? picture(block.accessory) : field(block.accessory, block, hands));
  return h("div", { class: accessory ? "section with-accessory" : "section" }, h("div", {}, words), accessory && h("div", { class: "accessory" }, accessory));
}

function input(block, hands) {
  const id = `input-${(count += 1)}`;
  const grouped = ["radio_buttons", "checkboxes"].includes(block.element.type);
  const inner = field(block.element, block, { ...hands, labelled: id, labelledBy: `${id}-label` });
  const words = [textObject(block.label), block.optional && h("span", { class: "optional" }, " (optional)")];
  const label = grouped ? h("p", { class: "label", id: `${id}-label` }, words) : h("label", { class: "label", for: id }, words);
  return h(
    "div",
    { class: "input", data: { block: block.block_id } },
    label,
    inner,
    block.hint && h("p", { class: "hint" }, textObject(block.hint)),
    h("p", { class: "wrong", role: "alert" }),
  );
}

const BLOCKS = {
  section,
  input,
  header: (block) => h("p", { class: "heading", role: "heading", "aria-level": "3" }, textObject(block.text)),
  context: (block) => h("div", { class: "context" }, block.elements.map((each) => (each.type === "image" ? picture(each) : h("span", {}, textObject(each))))),
  divider: () => h("hr"),
  actions: (block, hands) => h("div", { class: "actions" }, block.elements.map((each) => field(each, block, hands))),
  image: (block) => h("figure", {}, block.title && h("figcaption", {}, textObject(block.title)), picture(block)),
  rich_text: richText,
  markdown,
};
