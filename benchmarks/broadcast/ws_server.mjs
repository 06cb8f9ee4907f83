// Broadcast with the package `ws` for Node, as its documentation shows it.
// `node ws_server.mjs REDIS_PORT CHANNEL` prints the port that it listens on.
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

/** Parse a reply of three parts. Returns its end and its last part, or null if it is incomplete. */
function parseReply() {
  let lineEnd = data.indexOf("\r\n");
  if (lineEnd < 0) return null;
  let position = lineEnd + 2;
  let part = null;
  for (let i = 0; i < 3; i++) {
    lineEnd = data.indexOf("\r\n", position);
    if (lineEnd < 0) return null;
    const length = Number(data.toString("latin1", position + 1, lineEnd));
    // The confirmation of SUBSCRIBE ends with a number, which begins with a colon.
    if (data[position] === 58) return { end: lineEnd + 2, message: null };
    position = lineEnd + 2 + length + 2;
    if (position > data.length) return null;
    part = data.subarray(lineEnd + 2, position - 2);
  }
  return { end: position, message: part };
}

const redis = createConnection(Number(redisPort), "127.0.0.1");
redis.write(`SUBSCRIBE ${channel}\r\n`);
redis.on("data", (chunk) => {
  data = data.length ? Buffer.concat([data, chunk]) : chunk;
  for (let reply = parseReply(); reply !== null; reply = parseReply()) {
    data = data.subarray(reply.end);
    if (reply.message !== null) broadcast(reply.message);
  }
});
