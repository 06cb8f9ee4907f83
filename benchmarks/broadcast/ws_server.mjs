// The package `ws` for Node, as its documentation shows a broadcast.
// `node ws_server.mjs REDIS_PORT CHANNEL` says its port.
import { createRequire } from "node:module";
import { createConnection } from "node:net";

const { WebSocketServer } = createRequire(`${process.env.PEERS}/`)("ws");
const [redisPort, channel] = process.argv.slice(2);

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  console.log(server.address().port);
});

function broadcast(message) {
  for (const viewer of server.clients) viewer.send(message, { binary: false });
}

let data = Buffer.alloc(0);

/** One reply of three parts: [where it ends, the last part], or null when it is not all here. */
function reply() {
  let end = data.indexOf("\r\n");
  if (end < 0) return null;
  let at = end + 2;
  let part = null;
  for (let i = 0; i < 3; i++) {
    end = data.indexOf("\r\n", at);
    if (end < 0) return null;
    const number = Number(data.toString("latin1", at + 1, end));
    if (data[at] === 58) return [end + 2, null]; // the confirmation ends with a number
    at = end + 2 + number + 2;
    if (at > data.length) return null;
    part = data.subarray(end + 2, at - 2);
  }
  return [at, part];
}

const redis = createConnection(Number(redisPort), "127.0.0.1");
redis.write(`SUBSCRIBE ${channel}\r\n`);
redis.on("data", (piece) => {
  data = data.length ? Buffer.concat([data, piece]) : piece;
  for (let found = reply(); found !== null; found = reply()) {
    data = data.subarray(found[0]);
    if (found[1] !== null) broadcast(found[1]);
  }
});
