// One small pop-up menu: arrows move, Enter chooses, Escape and a click elsewhere close.

import { h } from "./dom.js";

let open = null;

export function closeMenu(back = false) {
  if (!open) return;
  const { box, anchor } = open;
  open = null;
  box.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (back) anchor.focus();
}

// items: { label, note, before, checked, danger, run } or null for a line between.
export function openMenu(anchor, label, items) {
  const again = open?.anchor === anchor;
  closeMenu();
  if (again) return;
  const box = h("div", { class: "menu", role: "menu", "aria-label": label, popover: "manual" }, items.map((item) => entry(item)));
  (anchor.closest("dialog") ?? document.body).append(box);
  box.showPopover();
  settle(box, anchor);
  anchor.setAttribute("aria-expanded", "true");
  open = { box, anchor };
  box.addEventListener("keydown", steer);
  (box.querySelector("[aria-checked=true]") ?? box.querySelector("button")).focus();
}

function entry(item) {
  if (!item) return h("hr");
  const role = item.checked === undefined ? "menuitem" : "menuitemradio";
  const run = () => {
    closeMenu(true);
    item.run();
  };
  return h(
    "button",
    { type: "button", role, class: item.danger ? "danger" : "", tabindex: "-1", "aria-checked": item.checked === undefined ? undefined : String(item.checked), onclick: run },
    item.before,
    h("span", { class: "menu-words" }, h("span", {}, item.label), item.note && h("small", {}, item.note)),
  );
}

function settle(box, anchor) {
  const at = anchor.getBoundingClientRect();
  const size = box.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.right - size.width, innerWidth - size.width - 8));
  const below = at.bottom + 6;
  const top = below + size.height < innerHeight - 8 ? below : Math.max(8, at.top - size.height - 6);
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}

function steer(event) {
  const entries = [...event.currentTarget.querySelectorAll("button")];
  const at = entries.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + entries.length, Home: 0, End: entries.length - 1 }[event.key];
  if (to !== undefined) entries[to % entries.length].focus();
  else if (event.key === "Escape") closeMenu(true);
  else if (event.key === "Tab") closeMenu(true);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.box.contains(event.target) && !open.anchor.contains(event.target)) closeMenu();
});
addEventListener("resize", () => closeMenu());
