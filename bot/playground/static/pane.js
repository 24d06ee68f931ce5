// A list of messages with a message box below: the channel, or a thread beside it.

import { composer } from "./composer.js";
import { h, place } from "./dom.js";
import { day, messageNode } from "./message.js";
import { drop, inChannel, inThread, repliesByThread, store } from "./store.js";

const CLOSE_IN_TIME = 5 * 60;
const NEAR_THE_END = 80;
const MARGIN = 2;

export class Pane {
  constructor(root, { thread, head, openThread }) {
    this.root = root;
    this.thread = thread;
    this.openThread = openThread;
    this.editing = null;
    this.nodes = new Map();
    this.list = h("div", { class: "list", tabindex: "-1", role: "log", "aria-live": "off", "aria-label": thread ? "Replies" : "Messages" });
    this.list.addEventListener("focusin", (event) => this.activate(event.target.closest("article")));
    this.list.addEventListener("keydown", (event) => this.steer(event));
    this.notice = h("p", { class: "notice", role: "status" });
    this.box = composer(this);
    this.head = head;
    root.append(head, this.list, h("div", { class: "foot" }, this.notice, this.box.node));
  }

  get where() {
    return { channel: store.channel, thread: this.thread ? store.thread : null };
  }

  // Say something to the person at this pane; nothing takes it away again.
  tell(text) {
    this.notice.textContent = text ?? "";
  }

  edit(ts) {
    const before = this.editing;
    this.editing = ts;
    this.draw();
    const node = this.list.querySelector(`[data-ts="${ts ?? before}"]`);
    (ts ? node?.querySelector("textarea") : node)?.focus();
  }

  // Show what there is now; `fresh` when it is another place than before.
  draw(fresh = false) {
    if (fresh) {
      this.nodes.clear();
      this.editing = null;
      this.tell("");
      this.box.moved();
    }
    const { channel, thread } = this.where;
    if (this.thread && !thread) return;
    const messages = this.thread ? inThread(channel, thread) : inChannel(channel);
    const atEnd = fresh || this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_THE_END;
    const focus = this.focused();
    place(this.list, this.arranged(messages, this.thread ? new Map() : repliesByThread(channel)));
    this.refocus(focus);
    if (!this.list.querySelector("article[tabindex='0']")) this.activate([...this.list.querySelectorAll("article")].at(-1));
    if (atEnd || messages.at(-1)?.user === store.me) this.toTheEnd();
  }

  // The end is in view, but of a message taller than the pane its beginning, when it is new.
  toTheEnd() {
    const last = [...this.list.querySelectorAll("article")].at(-1);
    const tall = last && last.offsetHeight > this.list.clientHeight;
    if (!tall || last === this.last) this.list.scrollTop = this.list.scrollHeight;
    else this.list.scrollTop = last.offsetTop - this.list.offsetTop - MARGIN;
    this.last = last;
  }

  arranged(messages, threads) {
    const nodes = [];
    const kept = new Map();
    let last = null;
    for (const message of messages) {
      if (!last || day(last.ts) !== day(message.ts)) nodes.push(this.kept(kept, `day ${day(message.ts)}`, "", () => dayLine(message.ts)));
      const replies = threads.get(message.ts) ?? [];
      const near = last && follows(message, last) && !threads.has(last.ts) && !this.headOf(last);
      const print = JSON.stringify([message, near, replies.map((each) => each.ts), store.me, this.editing === message.ts]);
      nodes.push(this.kept(kept, message.ts, print, () => messageNode(message, this, { near, replies })));
      if (this.headOf(message)) nodes.push(this.kept(kept, "count", String(messages.length), () => countLine(messages.length - 1)));
      last = message;
    }
    this.nodes = kept;
    return nodes.length ? nodes : [h("p", { class: "empty" }, "Nothing here yet. Write the first message below.")];
  }

  // Ephemeral messages can be put away.
  dismiss(message) {
    drop(message.channel, message.ts);
    this.draw();
  }

  // The messages are one stop for Tab; arrows walk through them, and only the current one's tools can be reached.
  activate(article) {
    if (!article) return;
    for (const each of this.list.querySelectorAll("article")) {
      each.tabIndex = each === article ? 0 : -1;
      for (const tool of each.querySelectorAll(".tools button")) tool.tabIndex = each.tabIndex;
    }
  }

  steer(event) {
    if (event.target.localName !== "article") return;
    const articles = [...this.list.querySelectorAll("article")];
    const at = articles.indexOf(event.target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: articles.length - 1 }[event.key];
    if (!articles[to]) return;
    event.preventDefault();
    articles[to].focus();
  }

  headOf(message) {
    return this.thread && message.ts === store.thread;
  }

  kept(kept, key, print, make) {
    const before = this.nodes.get(key);
    const entry = before?.print === print ? before : { print, node: make() };
    kept.set(key, entry);
    return entry.node;
  }

  focused() {
    const at = document.activeElement;
    const article = this.list.contains(at) ? at.closest("article") : null;
    return article && { node: at, ts: article.dataset.ts, name: at.dataset.name };
  }

  // A message that was drawn anew keeps the focus: on the same thing, or on the message itself.
  refocus(focus) {
    if (!focus || focus.node.isConnected) return;
    const article = this.list.querySelector(`[data-ts="${focus.ts}"]`);
    const same = focus.name && article?.querySelector(`[data-name="${CSS.escape(focus.name)}"]`);
    (same || article)?.focus({ preventScroll: true });
  }
}

// Whether a message needs no name of its own under the one before it.
function follows(message, last) {
  return last.user === message.user && !last.to === !message.to && Number(message.ts) - Number(last.ts) < CLOSE_IN_TIME;
}

const dayLine = (ts) => h("p", { class: "line" }, h("span", {}, day(ts)));
const countLine = (count) => h("p", { class: "line start" }, h("span", {}, count === 1 ? "1 reply" : count ? `${count} replies` : "No replies yet"));
