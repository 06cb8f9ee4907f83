import assert from "node:assert/strict";
import { test } from "node:test";

import { cachedReadings, connectFeed, requestedPaths } from "./support/feed.js";
import { FakeServer, settle } from "./support/server.js";

/**
 * Return the milliseconds of each wait.
 *
 * @param {import("../feed/liveConnection.js").ConnectionState[]} states
 */
const waitsOf = (states) =>
  states.flatMap((state) => (state.name === "waiting" ? [state.waitMilliseconds] : []));

test("a connection that is silent for 15 s is closed and opened again", async () => {
  const server = new FakeServer();
  const { feed, timers, states } = connectFeed(server);
  feed.start();
  await timers.advance(14_000);
  server.ping();
  await timers.advance(14_000);
  assert.equal(states.at(-1)?.name, "live");
  await timers.advance(1_001);
  assert.equal(states.at(-1)?.name, "waiting");
  await timers.advance(250);
  assert.equal(server.sockets.length, 1, "the silent one is closed, another one is open");
});

test("the back-off grows up to 5 s, and reconnectNow skips it", async () => {
  const server = new FakeServer();
  server.isUp = false;
  const { feed, timers, states } = connectFeed(server);
  feed.start();
  await timers.advance(40_000);
  const waits = waitsOf(states);
  assert.deepEqual(waits.slice(0, 3), [250, 375, 562.5]);
  assert.ok(waits.every((wait, i) => i === 0 || wait > waits[i - 1] || wait === 5_000));
  assert.equal(waits.at(-1), 5_000);
  assert.ok(states.slice(1).every((state) => state.name === "waiting" && state.failed));
  server.isUp = true;
  feed.reconnectNow();
  await settle();
  assert.equal(states.at(-1)?.name, "live");
  feed.reconnectNow();
  await settle();
  assert.equal(server.sockets.length, 1, "a live connection stays open");
});

test("an invalid frame ends the connection, and its readings are replayed", async () => {
  const server = new FakeServer();
  const { feed, store, timers } = connectFeed(server);
  const { warn } = console;
  console.warn = () => {};
  feed.start();
  await settle();
  server.publish("kitchen", 1, 10);
  server.sockets[0].send({ type: "readings", cursor: "e:99-0", series: { 77: [[1], [1]] } });
  console.warn = warn;
  server.publish("kitchen", 2, 20);
  await timers.advance(250);
  assert.equal(requestedPaths(server).at(-1), "/live e:1-0");
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [2, 20]]);
});

test("the back-off grows while connections end right after the greeting", async () => {
  const server = new FakeServer();
  const { feed, timers, states } = connectFeed(server);
  feed.start();
  for (let i = 0; i < 40; i++) {
    await timers.advance(100);
    server.sockets[0]?.disconnect();
  }
  const waits = waitsOf(states);
  assert.deepEqual(waits.slice(0, 4), [250, 375, 562.5, 843.75]);
});

test("a restarting server is contacted after the pause in its reason", async () => {
  const server = new FakeServer();
  const { feed, timers, states } = connectFeed(server);
  feed.start();
  await settle();
  server.sockets[0].disconnect("the server restarts: retry in 3.21 s");
  assert.deepEqual(states.at(-1), { name: "waiting", failed: false, waitMilliseconds: 3_210 });
  await timers.advance(3_200);
  assert.equal(server.sockets.length, 0);
  await timers.advance(20);
  assert.equal(states.at(-1)?.name, "live");
});

test("an event stream with the same cursor replaces a WebSocket that is blocked", async () => {
  const server = new FakeServer();
  server.blocksWebSockets = true;
  const { feed, store, timers, states } = connectFeed(server);
  feed.start();
  await timers.advance(300);
  assert.deepEqual(requestedPaths(server).slice(2), ["/live e:0-0", "/livez", "/api/stream e:0-0"]);
  assert.equal(states.at(-1)?.name, "live");
  server.publish("kitchen", 1, 10);
  server.sockets[0].disconnect("the server restarts: retry in 0.50 s");
  server.publish("kitchen", 2, 20);
  assert.deepEqual(states.at(-1), { name: "waiting", failed: false, waitMilliseconds: 500 });
  await timers.advance(501);
  assert.equal(requestedPaths(server).at(-1), "/api/stream e:1-0");
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [2, 20]]);
});

test("an unreachable server keeps the WebSocket as transport", async () => {
  const server = new FakeServer();
  const { feed, timers, states } = connectFeed(server);
  feed.start();
  await settle();
  server.isUp = false;
  server.sockets[0].disconnect();
  await timers.advance(10_000);
  server.isUp = true;
  await timers.advance(6_000);
  assert.equal(states.at(-1)?.name, "live");
  assert.equal(requestedPaths(server).at(-1), "/live e:0-0");
  assert.ok(!requestedPaths(server).some((path) => path.startsWith("/api/stream")));
});

test("a WebSocket is tried again after an event stream was refused", async () => {
  const server = new FakeServer();
  server.blocksWebSockets = true;
  const { feed, timers } = connectFeed(server);
  feed.start();
  await timers.advance(300);
  server.isUp = false;
  server.sockets[0].disconnect();
  await timers.advance(1_000);
  server.isUp = true;
  server.blocksWebSockets = false;
  await timers.advance(10_000);
  assert.equal(requestedPaths(server).at(-1), "/live e:0-0");
});

test("a refused page learns the reason, and what has happened to it", async () => {
  const server = new FakeServer();
  server.blocksWebSockets = true;
  server.refusal = { reason: "origin", error: "no", host: "127.0.0.1:5000" };
  const { feed, timers, states, refusals } = connectFeed(server);
  feed.start();
  await timers.advance(300);
  assert.deepEqual(refusals, [server.refusal]);
  assert.equal(states.at(-1)?.name, "live", "event streams have no origin");
  server.isUp = false;
  server.sockets[0].disconnect();
  await timers.advance(6_000);
  assert.equal(refusals.at(-1), null, "a server that does not answer refuses nothing");
});

test("a page whose history is refused learns the reason", async () => {
  const server = new FakeServer();
  server.refusal = { reason: "host", error: "not known" };
  const { feed, timers, refusals } = connectFeed(server);
  server.fetchJson = async () => {
    throw new Error("403");
  };
  feed.dependencies.fetchJson = server.fetchJson;
  feed.start();
  await timers.advance(100);
  assert.deepEqual(refusals, [server.refusal]);
});

test("a page that is signed out makes no more attempts", async () => {
  const server = new FakeServer();
  let isSignedOut = false;
  const { feed, timers, states } = connectFeed(server, () => 1, () => isSignedOut);
  feed.start();
  await settle();
  isSignedOut = true;
  const count = server.requests.length;
  server.sockets[0].disconnect();
  await timers.advance(60_000);
  feed.reconnectNow();
  await settle();
  assert.equal(states.at(-1)?.name, "ended");
  assert.equal(server.requests.length, count);
});

for (const blocksWebSockets of [false, true]) {
  const transport = blocksWebSockets ? "an event stream" : "a WebSocket";
  test(`${transport} is not opened again after access has ended`, async () => {
    const server = new FakeServer();
    server.blocksWebSockets = blocksWebSockets;
    let isSignedOut = false;
    const { feed, timers, states } = connectFeed(server, () => 1, () => isSignedOut);
    feed.connection.dependencies.onAccessEnded = () => (isSignedOut = true);
    feed.start();
    await timers.advance(1_000);
    assert.equal(states.at(-1)?.name, "live");
    const { length } = server.requests;
    server.sockets[0].disconnect("access ended", 4401);
    assert.equal(states.at(-1)?.name, "ended");
    feed.reconnectNow();
    feed.selectSeries(["kitchen"]);
    await timers.advance(60_000);
    assert.equal(server.requests.length, length);
    assert.equal(states.at(-1)?.name, "ended");
  });
}
