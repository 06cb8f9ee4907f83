import assert from "node:assert/strict";
import { test } from "node:test";

import { MAX_SERIES } from "../store/seriesStore.js";
import { held, page, paths } from "./support/page.js";
import { Server, settled } from "./support/server.js";

test("history comes first, then from its cursor what history does not have", async () => {
  const server = new Server();
  server.publish("kitchen", 1, 10);
  server.store();
  server.publish("kitchen", 2, 20);
  const { feed, store, states, recovered } = page(server);
  feed.start();
  await settled();
  server.publish("kitchen", 3, 30);
  assert.deepEqual(paths(server), ["/api/series", "/api/history", "/live e:1-0"]);
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [2, 20], [3, 30]]);
  assert.deepEqual(states.map(({ name }) => name), ["connecting", "live"]);
  assert.deepEqual(recovered, [], "what came while the page loaded was not lost");
});

test("after a lost connection only the missed part is asked for, and its size is told", async () => {
  const server = new Server();
  const { feed, store, timers, states, recovered } = page(server);
  feed.start();
  await settled();
  server.publish("kitchen", 1, 10);
  server.sockets[0].cut();
  server.publish("kitchen", 2, 20);
  server.publish("kitchen", 3, 30);
  await timers.pass(250);
  assert.deepEqual(paths(server).slice(2), ["/live e:0-0", "/live e:1-0"]);
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [2, 20], [3, 30]]);
  assert.deepEqual(recovered, [2]);
  assert.deepEqual(states.at(-2), { name: "waiting", failed: false, waitMilliseconds: 250 });
});

test("a connection lost between the greeting and the missed readings loses none", async () => {
  const server = new Server();
  const { feed, store, timers } = page(server);
  feed.start();
  await settled();
  const [first] = server.sockets;
  first.cut();
  server.publish("kitchen", 1, 10);
  const { prototype } = Object.getPrototypeOf(server.WebSocket);
  const { relay } = prototype;
  prototype.relay = function () {
    this.cut();
  };
  await timers.pass(250);
  prototype.relay = relay;
  await timers.pass(5_000);
  assert.deepEqual(held(store, "kitchen"), [[1, 10]]);
});

test("a reset loads history anew and forgets what is not in it", async () => {
  const server = new Server();
  const { feed, store, timers } = page(server);
  feed.start();
  await settled();
  server.publish("kitchen", 1, 10);
  server.sockets[0].cut();
  server.journal = [];
  for (let time = 5; time < 8; time++) server.publish("kitchen", time, time);
  server.store();
  server.start = 2;
  await timers.pass(2_000);
  server.publish("kitchen", 8, 8);
  assert.deepEqual(held(store, "kitchen"), [[5, 5], [6, 6], [7, 7], [8, 8]]);
  assert.ok(paths(server).includes("/live e:3-0"));
});

test("what was corrected is loaded anew, once for corrections that come together", async () => {
  const server = new Server();
  for (let time = 1; time < 4; time++) server.publish("kitchen", time, time * 10);
  server.store();
  const { feed, store, timers } = page(server);
  feed.start();
  await settled();
  server.journal[1] = ["kitchen", 1, 10];
  for (let i = 0; i < 2; i++) {
    server.sockets[0].send({ type: "changed", series: ["kitchen"], cursor: "e:3-0" });
  }
  await timers.pass(250);
  server.publish("kitchen", 4, 40);
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [3, 30], [4, 40]]);
  assert.deepEqual(paths(server).slice(3), ["/api/series", "/api/history", "/live e:3-0"]);
});

test("a name that is gone after a correction leaves the page, chosen or not", async () => {
  const server = new Server();
  for (const name of ["kichen", "typo", "cellar"]) server.publish(name, 1, 10);
  server.store();
  const { feed, store, timers } = page(server);
  feed.start();
  await settled();
  const correct = async () => {
    server.journal = server.journal
      .filter(([name]) => name !== "typo")
      .map(([name, ...rest]) => [name === "kichen" ? "kitchen" : name, ...rest]);
    server.store();
    server.sockets[0].send({ type: "changed", series: ["kichen"], cursor: "e:3-0" });
    await timers.pass(250);
  };
  await correct();
  assert.deepEqual([...store.series.keys()], ["cellar", "kitchen"]);
  assert.deepEqual([store.totalCount, held(store, "kitchen")], [2, [[1, 10]]]);
  server.publish("kichen", 2, 20);
  server.publish("typo", 2, 20);
  server.store();
  feed.selectSeries(["typo", "kichen", "cellar", "tomorrow"]);
  await settled();
  await correct();
  assert.deepEqual([...store.series.keys()], ["cellar", "tomorrow"], "that was never there");
  feed.selectSeries(["cellar"]);
  await settled();
  server.journal = server.journal.filter(([name]) => name !== "cellar");
  server.store();
  await correct();
  assert.deepEqual([...store.series.keys()], ["kitchen"], "nothing that was chosen is left");
});

test("a reset at history's own cursor goes on, and fills the hole once history can", async () => {
  const server = new Server();
  server.publish("kitchen", 1, 10);
  server.store();
  server.publish("kitchen", 2, 20);
  server.start = 2; // the database is behind what the journal still has
  const { feed, store, timers } = page(server);
  feed.start();
  await timers.pass(1_000);
  server.publish("kitchen", 3, 30);
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [3, 30]]);
  const asked = server.asked.length;
  assert.ok(asked < 8, "no loop");
  server.store();
  server.ping();
  await timers.pass(100);
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [2, 20], [3, 30]]);
  assert.equal(paths(server).at(-1), "/live e:3-0");
  server.ping();
  await timers.pass(100);
  assert.equal(server.asked.length, asked + 4, "settled: one look, then series, history and live");
});

test("without a database it is live at once, and takes history's cursor when there is one", async () => {
  const server = new Server();
  server.stored = null;
  server.publish("kitchen", 1, 10);
  const { feed, store, timers, states } = page(server);
  feed.start();
  await settled();
  server.publish("kitchen", 2, 20);
  assert.equal(paths(server)[2], "/live null");
  assert.deepEqual(held(store, "kitchen"), [[2, 20]]);
  server.ping();
  await settled();
  server.store();
  server.ping();
  await timers.pass(100);
  server.publish("kitchen", 3, 30);
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [2, 20], [3, 30]]);
  assert.deepEqual(states.map(({ name }) => name), ["connecting", "live"], "nobody notices");
});

test("another choice loads its history and keeps what came live", async () => {
  const server = new Server();
  server.publish("kitchen", 1, 10);
  server.store();
  const { feed, store } = page(server);
  feed.start();
  await settled();
  server.publish("kitchen", 2, 20);
  feed.selectSeries(null);
  await settled();
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [2, 20]]);
  assert.equal(server.sockets.length, 1);
});

test("of very many series only those that are drawn are asked for", async () => {
  const server = new Server();
  for (let i = 0; i < 1_000; i++) server.publish(`series ${i}`, 1, i);
  server.store();
  const { feed, store } = page(server);
  feed.start();
  await settled();
  const [, history, live] = server.asked;
  assert.equal(history.searchParams.getAll("series").length, MAX_SERIES);
  assert.equal(live.searchParams.getAll("series").length, MAX_SERIES);
  assert.equal(store.series.size, MAX_SERIES);
  assert.equal(store.totalCount, 1_000);
});

test("a series that begins while the page is open gets its unit once it is listed", async () => {
  const server = new Server();
  const { feed, store, timers } = page(server);
  feed.start();
  await settled();
  server.units.set("kitchen", "°C");
  server.publish("kitchen", 1, 10);
  await timers.pass(1_100);
  assert.equal(store.series.get("kitchen")?.unit, null);
  server.store();
  server.ping();
  await settled();
  assert.equal(store.series.get("kitchen")?.unit, "°C");
});

test("after any row of disconnects the store has exactly what the journal has", async () => {
  let seed = 11;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const server = new Server();
  const { feed, store, timers } = page(server, random);
  feed.start();
  for (let step = 0; step < 400; step++) {
    const chance = random();
    if (chance < 0.1) server.sockets[0]?.cut();
    else if (chance < 0.15) server.up = !server.up;
    else if (chance < 0.25) server.store();
    else if (chance < 0.3) feed.selectSeries(null);
    else if (chance < 0.4) server.ping();
    else server.publish(`s${Math.floor(random() * 3)}`, Math.floor(random() * 500), random());
    await timers.pass(random() * 400);
  }
  server.up = true;
  await timers.pass(20_000);
  server.store();
  const { series } = await server.fetchJson("http://host/api/history");
  for (const [name, { t, value }] of Object.entries(series)) {
    const stored = t.map((/** @type {number} */ time, /** @type {number} */ i) => [time, value[i]]);
    assert.deepEqual(held(store, name), stored);
  }
});

test("a viewer of quiet series does not fall behind: a ping moves the cursor", async () => {
  const server = new Server();
  const { feed, timers } = page(server);
  feed.start();
  await settled();
  server.sockets[0].send({ type: "ping", now: 1, cursor: "e:0-7" });
  server.sockets[0].send({ type: "ping", now: 1, cursor: null });
  server.sockets[0].cut();
  await timers.pass(250);
  assert.equal(paths(server).at(-1), "/live e:0-7");
});

test("history that comes after another choice is forgotten", async () => {
  const server = new Server();
  server.publish("kitchen", 1, 10);
  server.store();
  const { feed, store } = page(server);
  const answers = /** @type {(() => void)[]} */ ([]);
  const { fetchJson } = server;
  feed.dependencies.fetchJson = async (address) => {
    const answer = await fetchJson(address);
    if (address.includes("/api/series")) return answer;
    return new Promise((resolve) => answers.push(() => resolve(answer)));
  };
  feed.start();
  await settled();
  answers[0]();
  await settled();
  feed.selectSeries(["kitchen"]);
  await settled();
  server.publish("kitchen", 0, 0);
  server.store();
  feed.selectSeries(null);
  await settled();
  answers[2]();
  await settled();
  answers[1]();
  await settled();
  assert.deepEqual(held(store, "kitchen"), [[0, 0], [1, 10]]);
});

test("what a person has chosen is all that is asked for, until they choose the newest", async () => {
  const server = new Server();
  server.publish("a", 1, 10);
  server.publish("b", 2, 20);
  server.publish("c", 3, 30);
  server.store();
  const { feed, store } = page(server);
  feed.selectSeries(["b", "later"]);
  feed.start();
  await settled();
  assert.deepEqual([...store.series.keys()], ["b", "later"]);
  server.publish("a", 4, 40);
  server.publish("later", 5, 50);
  await settled();
  assert.deepEqual(held(store, "later"), [[5, 50]]);
  assert.deepEqual(server.asked.at(-1)?.searchParams.getAll("series"), ["b", "later"]);
  server.store();
  feed.selectSeries(["a"]);
  await settled();
  assert.deepEqual([...store.series.keys()], ["a"]);
  assert.deepEqual(held(store, "a"), [[1, 10], [4, 40]]);
  feed.selectSeries(null);
  await settled();
  assert.deepEqual([...store.series.keys()].sort(), ["a", "b", "c", "later"]);
  assert.deepEqual(held(store, "c"), [[3, 30]]);
});

test("a choice counts also while all is being loaded", async () => {
  const server = new Server();
  server.publish("a", 1, 10);
  server.publish("b", 2, 20);
  server.store();
  const { feed, store } = page(server);
  const { fetchJson } = server;
  feed.dependencies.fetchJson = (address) => {
    if (address.includes("series=a")) feed.selectSeries(["b"]);
    return fetchJson(address);
  };
  feed.selectSeries(["a"]);
  feed.start();
  await settled();
  assert.deepEqual([...store.series.keys()], ["b"]);
  assert.deepEqual(held(store, "b"), [[2, 20]]);
  assert.deepEqual(server.asked.at(-1)?.searchParams.getAll("series"), ["b"]);
});

test("that history was reset is said", async () => {
  const server = new Server();
  const { feed, resets } = page(server);
  feed.start();
  await settled();
  assert.equal(resets(), 0);
  server.sockets[0].send({ type: "reset", reason: "trimmed", cursor: "e:2-0" });
  assert.equal(resets(), 1);
});

test("of many series those that still come are shown by themselves", async () => {
  const server = new Server();
  for (let i = 0; i < MAX_SERIES; i++) server.publish(`old ${i}`, 1, i);
  server.publish("new", 100_000, 1);
  server.store();
  const { feed, store } = page(server);
  feed.start();
  await settled();
  assert.deepEqual([...store.series.keys()], ["new"]);
});
