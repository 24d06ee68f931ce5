// The window (modal) that the app opened in front of you.

import { act } from "./net.js";
import { blocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { textObject } from "./mrkdwn.js";
import { store } from "./store.js";

let shown = null; // { id, hash, box, fields }

// Shows, changes or takes away the window of the current person.
export function drawWindow() {
  const window = store.windows[store.me];
  if (!window) return hide();
  if (shown?.hash === window.hash && shown.id === window.id && shown.person === store.me) return undefined;
  const typed = shown?.id === window.id ? filled() : new Map();
  const scroll = shown?.id === window.id ? shown.box.querySelector(".window-body").scrollTop : 0;
  hide();
  return show(window, typed, scroll);
}

const key = (block_id, action_id) => `${block_id} ${action_id}`;

function filled() {
  return new Map(shown.fields.map((each) => [key(each.block_id, each.action_id), each.read()]));
}

function hide() {
  const before = shown;
  shown = null;
  before?.box.remove();
}

function show(window, typed, scroll) {
  const { title, submit, close } = window.content;
  const fields = [];
  const box = h("dialog", { class: "window", "aria-labelledby": "window-title" });
  const given = (element, block) => ({ person: store.me, action_id: element.action_id, block_id: block.block_id });
  const hands = {
    fields,
    value: (element, block) => typed.get(key(block.block_id, element.action_id)),
    press: async (element, block) => tell(await act("press_in_window", given(element, block))),
    choose: async (element, block, values) => tell(await act("press_in_window", { ...given(element, block), values })),
  };
  const tell = (answer) => (box.querySelector(".window-notice").textContent = answer.error ?? answer.why ?? "");
  const form = h(
    "form",
    { onsubmit: (event) => (event.preventDefault(), send()) },
    h(
      "header",
      {},
      h("h2", { id: "window-title" }, textObject(title)),
      h("button", { type: "button", class: "quiet icon", "aria-label": "Close", onclick: leave }, icon("close")),
    ),
    h("div", { class: "window-body" }, blocks(window.content.blocks, hands)),
    h("p", { class: "window-notice notice", role: "status" }),
    h(
      "footer",
      {},
      h("button", { type: "button", class: "button", onclick: leave }, close ? textObject(close) : submit ? "Cancel" : "Close"),
      submit && h("button", { type: "submit", class: "button primary" }, textObject(submit)),
    ),
  );
  box.append(form);
  box.addEventListener("cancel", (event) => (event.preventDefault(), leave()));
  document.body.append(box);
  shown = { id: window.id, hash: window.hash, person: store.me, box, fields };
  box.showModal();
  const body = box.querySelector(".window-body");
  (body.querySelector("[autofocus]") ?? body.querySelector("input:checked, input, select, textarea, button") ?? box.querySelector("footer button")).focus();
  body.scrollTop = scroll;

  async function send() {
    const given = fields.map((each) => ({ block_id: each.block_id, action_id: each.action_id, values: each.read() }));
    for (const line of box.querySelectorAll(".wrong")) line.textContent = "";
    const answer = await act("submit", { person: store.me, fields: given });
    if (answer.error) return tell(answer);
    for (const [block, words] of Object.entries(answer.errors)) {
      const line = box.querySelector(`[data-block="${CSS.escape(block)}"] .wrong`);
      if (line) line.textContent = words;
      else tell({ error: words });
    }
    return box.querySelector(".wrong:not(:empty)")?.parentElement.querySelector("input, select, textarea")?.focus();
  }
}

// Closes at once, here and at the app.
function leave() {
  const person = store.me;
  store.windows[person] = null;
  hide();
  act("close", { person });
}
