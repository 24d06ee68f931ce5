// What the page knows: the workspace, who "you" are, where you look, and what you have read.

export const store = {
  people: new Map(),
  channels: new Map(),
  messages: new Map(), // channel -> Map(ts -> message), oldest first
  windows: {},
  commands: [],
  shortcuts: [],
  samples: [],
  bot: "",
  connected: false,
  me: "",
  channel: "",
  thread: null,
  read: new Map(), // person + channel -> ts
  drafts: new Map(),
};

export function fill(state) {
  const whispers = [...store.messages.values()].flatMap((channel) => [...channel.values()]).filter((each) => each.to);
  Object.assign(store, { commands: state.commands, shortcuts: state.shortcuts, samples: state.samples, bot: state.bot });
  Object.assign(store, { connected: state.connected, windows: state.windows, team: state.team, about: state.about });
  store.people = new Map(state.people.map((each, at) => [each.id, { ...each, hue: at % 5 }]));
  store.channels = new Map(state.channels.map((each) => [each.id, each]));
  store.messages = new Map(state.channels.map((each) => [each.id, new Map()]));
  for (const message of [...state.messages, ...whispers].sort((a, b) => compare(a.ts, b.ts))) keep(message);
}

export function keep(message) {
  store.messages.get(message.channel)?.set(message.ts, message);
}

export function drop(channel, ts) {
  store.messages.get(channel)?.delete(ts);
}

// Ids of messages are "seconds.micros": as numbers they would lose their end.
export function compare(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export const me = () => store.people.get(store.me);
export const persons = () => [...store.people.values()].filter((each) => !each.bot);
export const nameOf = (id) => store.people.get(id)?.real_name ?? id;
export const firstName = (person) => person.real_name.split(" ")[0];

// The channels of the person: the direct message last.
export function myChannels() {
  const mine = [...store.channels.values()].filter((each) => each.members.includes(store.me));
  return [...mine.filter((each) => each.kind !== "im"), ...mine.filter((each) => each.kind === "im")];
}

export function channelName(channel) {
  return channel.kind === "im" ? nameOf(store.bot) : channel.name;
}

const seen = (message) => !message.to || message.to === store.me;

export function inChannel(id) {
  return [...(store.messages.get(id)?.values() ?? [])].filter((each) => seen(each) && (!each.thread || each.broadcast));
}

export function inThread(id, ts) {
  return [...(store.messages.get(id)?.values() ?? [])].filter((each) => seen(each) && (each.ts === ts || each.thread === ts));
}

// The replies of every thread of a channel, in one pass.
export function repliesByThread(id) {
  const threads = new Map();
  for (const message of store.messages.get(id)?.values() ?? []) {
    if (!message.thread || !seen(message)) continue;
    if (!threads.has(message.thread)) threads.set(message.thread, []);
    threads.get(message.thread).push(message);
  }
  return threads;
}

const place = (person, channel) => `${person} ${channel}`;

export function newest(id) {
  return [...(store.messages.get(id)?.keys() ?? [])].at(-1) ?? "0.0";
}

export function readAll(person, id) {
  store.read.set(place(person, id), newest(id));
}

export function unread(person, channel) {
  const read = store.read.get(place(person, channel.id)) ?? "0.0";
  let count = 0;
  for (const message of [...(store.messages.get(channel.id)?.values() ?? [])].reverse()) {
    if (compare(message.ts, read) <= 0) break;
    if (message.user !== person && (!message.to || message.to === person)) count += 1;
  }
  return count;
}
