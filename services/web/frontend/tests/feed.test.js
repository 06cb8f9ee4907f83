import assert from "node:assert/strict";
import { test } from "node:test";

import { cachedReadings, connectFeed, requestedPaths } from "./support/feed.js";
import { seededRandom } from "./support/random.js";
import { FakeServer, settle } from "./support/server.js";

test("the feed loads the history, then receives later readings from its cursor", async () => {
  const server = new FakeServer();
  server.publish("kitchen", 1, 10);
  server.storeJournal();
  server.publish("kitchen", 2, 20);
  const { feed, store, states, recoveredCounts } = connectFeed(server);
  feed.start();
  await settle();
  server.publish("kitchen", 3, 30);
  assert.deepEqual(requestedPaths(server), ["/api/series", "/api/history", "/live e:1-0"]);
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [2, 20], [3, 30]]);
  assert.deepEqual(states.map(({ name }) => name), ["connecting", "live"]);
  assert.deepEqual(recoveredCounts, [], "the first replay is not a recovery");
});

test("a lost connection resumes at its cursor, and the replayed readings are counted", async () => {
  const server = new FakeServer();
  const { feed, store, timers, states, recoveredCounts } = connectFeed(server);
  feed.start();
  await settle();
  server.publish("kitchen", 1, 10);
  server.sockets[0].disconnect();
  server.publish("kitchen", 2, 20);
  server.publish("kitchen", 3, 30);
  await timers.advance(250);
  assert.deepEqual(requestedPaths(server).slice(2), ["/live e:0-0", "/live e:1-0"]);
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [2, 20], [3, 30]]);
  assert.deepEqual(recoveredCounts, [2]);
  assert.deepEqual(states.at(-2), { name: "waiting", failed: false, waitMilliseconds: 250 });
});

test("a connection lost between the greeting and the replay loses no readings", async () => {
  const server = new FakeServer();
  const { feed, store, timers } = connectFeed(server);
  feed.start();
  await settle();
  const [first] = server.sockets;
  first.disconnect();
  server.publish("kitchen", 1, 10);
  const { prototype } = Object.getPrototypeOf(server.WebSocket);
  const { relay } = prototype;
  prototype.relay = function () {
    this.disconnect();
  };
  await timers.advance(250);
  prototype.relay = relay;
  await timers.advance(5_000);
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10]]);
});

test("a reset replaces the cached readings with the history", async () => {
  const server = new FakeServer();
  const { feed, store, timers } = connectFeed(server);
  feed.start();
  await settle();
  server.publish("kitchen", 1, 10);
  server.sockets[0].disconnect();
  server.journal = [];
  for (let time = 5; time < 8; time++) server.publish("kitchen", time, time);
  server.storeJournal();
  server.firstPosition = 2;
  await timers.advance(2_000);
  server.publish("kitchen", 8, 8);
  assert.deepEqual(cachedReadings(store, "kitchen"), [[5, 5], [6, 6], [7, 7], [8, 8]]);
  assert.ok(requestedPaths(server).includes("/live e:3-0"));
});

test("corrections that come together cause one reload", async () => {
  const server = new FakeServer();
  for (let time = 1; time < 4; time++) server.publish("kitchen", time, time * 10);
  server.storeJournal();
  const { feed, store, timers } = connectFeed(server);
  feed.start();
  await settle();
  server.journal[1] = ["kitchen", 1, 10];
  for (let i = 0; i < 2; i++) {
    server.sockets[0].send({ type: "changed", series: ["kitchen"], cursor: "e:3-0" });
  }
  await timers.advance(250);
  server.publish("kitchen", 4, 40);
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [3, 30], [4, 40]]);
  assert.deepEqual(requestedPaths(server).slice(3), ["/api/series", "/api/history", "/live e:3-0"]);
});

test("a reset at the history's own cursor goes live, and the gap is filled later", async () => {
  const server = new FakeServer();
  server.publish("kitchen", 1, 10);
  server.storeJournal();
  server.publish("kitchen", 2, 20);
  server.firstPosition = 2; // the database is behind what the journal still has
  const { feed, store, timers } = connectFeed(server);
  feed.start();
  await timers.advance(1_000);
  server.publish("kitchen", 3, 30);
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [3, 30]]);
  const requestCount = server.requests.length;
  assert.ok(requestCount < 8, "no loop");
  server.storeJournal();
  server.ping();
  await timers.advance(100);
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [2, 20], [3, 30]]);
  assert.equal(requestedPaths(server).at(-1), "/live e:3-0");
  server.ping();
  await timers.advance(100);
  // One check, then series, history and live.
  assert.equal(server.requests.length, requestCount + 4);
});

test("without a database the feed is live, and loads the history once there is one", async () => {
  const server = new FakeServer();
  server.storedCount = null;
  server.publish("kitchen", 1, 10);
  const { feed, store, timers, states } = connectFeed(server);
  feed.start();
  await settle();
  server.publish("kitchen", 2, 20);
  assert.equal(requestedPaths(server)[2], "/live null");
  assert.deepEqual(cachedReadings(store, "kitchen"), [[2, 20]]);
  server.ping();
  await settle();
  server.storeJournal();
  server.ping();
  await timers.advance(100);
  server.publish("kitchen", 3, 30);
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [2, 20], [3, 30]]);
  assert.deepEqual(states.map(({ name }) => name), ["connecting", "live"], "the state stays live");
});

test("a series that begins while the page is open gets its unit once it is listed", async () => {
  const server = new FakeServer();
  const { feed, store, timers } = connectFeed(server);
  feed.start();
  await settle();
  server.units.set("kitchen", "°C");
  server.publish("kitchen", 1, 10);
  await timers.advance(1_100);
  assert.equal(store.series.get("kitchen")?.unit, null);
  server.storeJournal();
  server.ping();
  await settle();
  assert.equal(store.series.get("kitchen")?.unit, "°C");
});

test("after any sequence of disconnects the store equals the journal", async () => {
  const random = seededRandom(11);
  const server = new FakeServer();
  const { feed, store, timers } = connectFeed(server, random);
  feed.start();
  for (let step = 0; step < 400; step++) {
    const chance = random();
    if (chance < 0.1) server.sockets[0]?.disconnect();
    else if (chance < 0.15) server.isUp = !server.isUp;
    else if (chance < 0.25) server.storeJournal();
    else if (chance < 0.3) feed.selectSeries(null);
    else if (chance < 0.4) server.ping();
    else server.publish(`s${Math.floor(random() * 3)}`, Math.floor(random() * 500), random());
    await timers.advance(random() * 400);
  }
  server.isUp = true;
  await timers.advance(20_000);
  server.storeJournal();
  const { series } = await server.fetchJson("http://host/api/history");
  for (const [name, { t, value }] of Object.entries(series)) {
    const stored = t.map((/** @type {number} */ time, /** @type {number} */ i) => [time, value[i]]);
    assert.deepEqual(cachedReadings(store, name), stored);
  }
});

test("a ping with a cursor moves the cursor of a page without new readings", async () => {
  const server = new FakeServer();
  const { feed, timers } = connectFeed(server);
  feed.start();
  await settle();
  server.sockets[0].send({ type: "ping", now: 1, cursor: "e:0-7" });
  server.sockets[0].send({ type: "ping", now: 1, cursor: null });
  server.sockets[0].disconnect();
  await timers.advance(250);
  assert.equal(requestedPaths(server).at(-1), "/live e:0-7");
});

test("a reset is reported once", async () => {
  const server = new FakeServer();
  const { feed, resetCount } = connectFeed(server);
  feed.start();
  await settle();
  assert.equal(resetCount(), 0);
  server.sockets[0].send({ type: "reset", reason: "trimmed", cursor: "e:2-0" });
  assert.equal(resetCount(), 1);
});

test("gaps from while the page was open come with the history after the reset", async () => {
  const server = new FakeServer();
  const { feed, store, timers } = connectFeed(server);
  feed.start();
  await settle();
  server.publish("kitchen", 1, 10);
  assert.deepEqual(store.gaps, []);
  const [socket] = server.sockets;
  const gap = { from: 1, to: 5, count: 12, reason: "the journal was lost" };
  server.journal = [["kitchen", 5, 50], ["kitchen", 6, 60]];
  server.storeJournal();
  server.gaps = [gap];
  socket.send({ type: "reset", reason: gap.reason, cursor: "e:2-0" });
  await timers.advance(2_000);
  assert.deepEqual(store.gaps, [gap]);
});

test("changed views are reported, and asked for when the page may have missed some", async () => {
  const server = new FakeServer();
  const { feed, timers, viewChanges } = connectFeed(server);
  feed.start();
  await settle();
  assert.deepEqual(viewChanges, [null]);
  server.sockets[0].send({ type: "views", views: ["home"], cursor: "e:0-0" });
  assert.deepEqual(viewChanges, [null, ["home"]]);
  server.sockets[0].disconnect();
  await timers.advance(250);
  assert.equal(viewChanges.length, 2, "a connection that resumes receives what it missed");
  feed.selectSeries(["kitchen"]);
  await settle();
  await timers.advance(250);
  assert.deepEqual(viewChanges.slice(2), [null]);
});
