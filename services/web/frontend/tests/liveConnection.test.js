import assert from "node:assert/strict";
import { test } from "node:test";

import { held, page, paths } from "./support/page.js";
import { Server, settled } from "./support/server.js";

test("a link that says nothing for 15 s is dead", async () => {
  const server = new Server();
  const { feed, timers, states } = page(server);
  feed.start();
  await timers.pass(14_000);
  server.ping();
  await timers.pass(14_000);
  assert.equal(states.at(-1)?.name, "live");
  await timers.pass(1_001);
  assert.equal(states.at(-1)?.name, "waiting");
  await timers.pass(250);
  assert.equal(server.sockets.length, 1, "the dead one is closed, a new one is open");
});

test("attempts become rarer, never rarer than 5 s, and don't wait when told to hurry", async () => {
  const server = new Server();
  server.up = false;
  const { feed, timers, states } = page(server);
  feed.start();
  await timers.pass(40_000);
  const waits = states.flatMap((state) => (state.name === "waiting" ? [state.waitMilliseconds] : []));
  assert.deepEqual(waits.slice(0, 3), [250, 375, 562.5]);
  assert.ok(waits.every((wait, i) => i === 0 || wait > waits[i - 1] || wait === 5_000));
  assert.equal(waits.at(-1), 5_000);
  assert.ok(states.slice(1).every((state) => state.name === "waiting" && state.failed));
  server.up = true;
  feed.reconnectNow();
  await settled();
  assert.equal(states.at(-1)?.name, "live");
  feed.reconnectNow();
  await settled();
  assert.equal(server.sockets.length, 1, "a live link is left alone");
});

test("a frame that can't be used ends the connection instead of being passed over", async () => {
  const server = new Server();
  const { feed, store, timers } = page(server);
  const { warn } = console;
  console.warn = () => {};
  feed.start();
  await settled();
  server.publish("kitchen", 1, 10);
  server.sockets[0].send({ type: "readings", cursor: "e:99-0", series: { 77: [[1], [1]] } });
  console.warn = warn;
  server.publish("kitchen", 2, 20);
  await timers.pass(250);
  assert.equal(paths(server).at(-1), "/live e:1-0");
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [2, 20]]);
});

test("a server that greets and falls down again is not pressed", async () => {
  const server = new Server();
  const { feed, timers, states } = page(server);
  feed.start();
  for (let i = 0; i < 40; i++) {
    await timers.pass(100);
    server.sockets[0]?.cut();
  }
  const waits = states.flatMap((state) => (state.name === "waiting" ? [state.waitMilliseconds] : []));
  assert.deepEqual(waits.slice(0, 4), [250, 375, 562.5, 843.75]);
});

test("a server that restarts is asked again when it wants to be", async () => {
  const server = new Server();
  const { feed, timers, states } = page(server);
  feed.start();
  await settled();
  server.sockets[0].cut("the server restarts: retry in 3.21 s");
  assert.deepEqual(states.at(-1), { name: "waiting", failed: false, waitMilliseconds: 3_210 });
  await timers.pass(3_200);
  assert.equal(server.sockets.length, 0);
  await timers.pass(20);
  assert.equal(states.at(-1)?.name, "live");
});

test("where no WebSocket gets through, events do the same, with the same cursor", async () => {
  const server = new Server();
  server.blocked = true;
  const { feed, store, timers, states } = page(server);
  feed.start();
  await timers.pass(300);
  assert.deepEqual(paths(server).slice(2), ["/live e:0-0", "/livez", "/api/stream e:0-0"]);
  assert.equal(states.at(-1)?.name, "live");
  server.publish("kitchen", 1, 10);
  server.sockets[0].cut("the server restarts: retry in 0.50 s");
  server.publish("kitchen", 2, 20);
  assert.deepEqual(states.at(-1), { name: "waiting", failed: false, waitMilliseconds: 500 });
  await timers.pass(501);
  assert.equal(paths(server).at(-1), "/api/stream e:1-0");
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [2, 20]]);
});

test("a server that is away is not taken for one without WebSockets", async () => {
  const server = new Server();
  const { feed, timers, states } = page(server);
  feed.start();
  await settled();
  server.up = false;
  server.sockets[0].cut();
  await timers.pass(10_000);
  server.up = true;
  await timers.pass(6_000);
  assert.equal(states.at(-1)?.name, "live");
  assert.equal(paths(server).at(-1), "/live e:0-0");
  assert.ok(!paths(server).some((path) => path.startsWith("/api/stream")));
});

test("when a stream is refused, a WebSocket is tried again", async () => {
  const server = new Server();
  server.blocked = true;
  const { feed, timers } = page(server);
  feed.start();
  await timers.pass(300);
  server.up = false;
  server.sockets[0].cut();
  await timers.pass(1_000);
  server.up = true;
  server.blocked = false;
  await timers.pass(10_000);
  assert.equal(paths(server).at(-1), "/live e:0-0");
});
