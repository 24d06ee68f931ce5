// Loaded before Microsoft's Agents Playground, which has no setting for it: it listens on this machine alone, talks to nobody else, and
// ends with whoever started it, however that one ended.
const fs = require("fs");
const net = require("net");

const input = fs.fstatSync(0);
if (input.isFIFO() || input.isSocket()) {
  process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0)).resume();
}

const HERE = /^(localhost|127(\.\d+){3}|::1|\[::1\]|::ffff:127(\.\d+){3})$/;

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  if (first && typeof first === "object" && "port" in first) {
    return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest);
  }
  if (/^\d+$/.test(String(first))) {
    return listen.call(this, { port: Number(first), host: "127.0.0.1" }, ...rest.filter((each) => typeof each === "function"));
  }
  return listen.call(this, first, ...rest);
};

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const first = Array.isArray(given[0]) ? given[0][0] : given[0];
  const host = first && typeof first === "object" ? first.host || "localhost" : given[1];
  if (typeof host === "string" && !HERE.test(host)) {
    process.stderr.write(`refused to connect to ${host}\n`);
    process.nextTick(() => this.destroy(new Error(`only this machine, not ${host}`)));
    return this;
  }
  return connect.apply(this, given);
};
