import assert from "node:assert/strict";
import { test } from "node:test";

import { MAX_AUTOMATIC_SERIES } from "../store/seriesStore.js";
import { cachedReadings, connectFeed, requestedPaths } from "./support/feed.js";
import { FakeServer, settle } from "./support/server.js";

test("a renamed or deleted series leaves the page, selected or not", async () => {
  const server = new FakeServer();
  for (const name of ["kichen", "typo", "cellar"]) server.publish(name, 1, 10);
  server.storeJournal();
  const { feed, store, timers } = connectFeed(server);
  feed.start();
  await settle();
  const correct = async () => {
    server.journal = server.journal
      .filter(([name]) => name !== "typo")
      .map(([name, ...rest]) => [name === "kichen" ? "kitchen" : name, ...rest]);
    server.storeJournal();
    server.sockets[0].send({ type: "changed", series: ["kichen"], cursor: "e:3-0" });
    await timers.advance(250);
  };
  await correct();
  assert.deepEqual([...store.series.keys()], ["cellar", "kitchen"]);
  assert.deepEqual([store.totalCount, cachedReadings(store, "kitchen")], [2, [[1, 10]]]);
  server.publish("kichen", 2, 20);
  server.publish("typo", 2, 20);
  server.storeJournal();
  feed.selectSeries(["typo", "kichen", "cellar", "tomorrow"]);
  await settle();
  await correct();
  // A selected series that never existed stays selected.
  assert.deepEqual([...store.series.keys()], ["cellar", "tomorrow"]);
  feed.selectSeries(["cellar"]);
  await settle();
  server.journal = server.journal.filter(([name]) => name !== "cellar");
  server.storeJournal();
  await correct();
  assert.deepEqual([...store.series.keys()], ["kitchen"], "the default selection is back");
});

test("another selection loads the history and keeps the live readings", async () => {
  const server = new FakeServer();
  server.publish("kitchen", 1, 10);
  server.storeJournal();
  const { feed, store } = connectFeed(server);
  feed.start();
  await settle();
  server.publish("kitchen", 2, 20);
  feed.selectSeries(null);
  await settle();
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [2, 20]]);
  assert.equal(server.sockets.length, 1);
});

test("only as many series are requested as the page shows without a choice", async () => {
  const server = new FakeServer();
  for (let i = 0; i < 1_000; i++) server.publish(`series ${i}`, 1, i);
  server.storeJournal();
  const { feed, store } = connectFeed(server);
  feed.start();
  await settle();
  const [, history, live] = server.requests;
  assert.equal(history.searchParams.getAll("series").length, MAX_AUTOMATIC_SERIES);
  assert.equal(live.searchParams.getAll("series").length, MAX_AUTOMATIC_SERIES);
  assert.equal(store.series.size, MAX_AUTOMATIC_SERIES);
  assert.equal(store.totalCount, 1_000);
});

test("a proxy that refuses long addresses gets shorter ones", async () => {
  const server = new FakeServer();
  for (let i = 0; i <= MAX_AUTOMATIC_SERIES; i++) server.publish(`${i}${"x".repeat(1_000)}`, 1, i);
  server.storeJournal();
  const { feed, store, timers } = connectFeed(server);
  const { fetchJson } = server;
  feed.dependencies.fetchJson = async (address) => {
    if (address.length > 8_000) throw Object.assign(new Error("414"), { status: 414 });
    return fetchJson(address);
  };
  feed.start();
  await settle();
  assert.equal(store.series.size, 0);
  await timers.advance(60_000);
  assert.equal(store.series.size, 2);
});

test("a history answer from before another selection is ignored", async () => {
  const server = new FakeServer();
  server.publish("kitchen", 1, 10);
  server.storeJournal();
  const { feed, store } = connectFeed(server);
  const answers = /** @type {(() => void)[]} */ ([]);
  const { fetchJson } = server;
  feed.dependencies.fetchJson = async (address) => {
    const answer = await fetchJson(address);
    if (address.includes("/api/series")) return answer;
    return new Promise((resolve) => answers.push(() => resolve(answer)));
  };
  feed.start();
  await settle();
  answers[0]();
  await settle();
  feed.selectSeries(["kitchen"]);
  await settle();
  server.publish("kitchen", 0, 0);
  server.storeJournal();
  feed.selectSeries(null);
  await settle();
  answers[2]();
  await settle();
  answers[1]();
  await settle();
  assert.deepEqual(cachedReadings(store, "kitchen"), [[0, 0], [1, 10]]);
});

test("only selected series are requested until the selection is cleared", async () => {
  const server = new FakeServer();
  server.publish("a", 1, 10);
  server.publish("b", 2, 20);
  server.publish("c", 3, 30);
  server.storeJournal();
  const { feed, store } = connectFeed(server);
  feed.selectSeries(["b", "later"]);
  feed.start();
  await settle();
  assert.deepEqual([...store.series.keys()], ["b", "later"]);
  server.publish("a", 4, 40);
  server.publish("later", 5, 50);
  await settle();
  assert.deepEqual(cachedReadings(store, "later"), [[5, 50]]);
  assert.deepEqual(server.requests.at(-1)?.searchParams.getAll("series"), ["b", "later"]);
  server.storeJournal();
  feed.selectSeries(["a"]);
  await settle();
  assert.deepEqual([...store.series.keys()], ["a"]);
  assert.deepEqual(cachedReadings(store, "a"), [[1, 10], [4, 40]]);
  feed.selectSeries(null);
  await settle();
  assert.deepEqual([...store.series.keys()].sort(), ["a", "b", "c", "later"]);
  assert.deepEqual(cachedReadings(store, "c"), [[3, 30]]);
});

test("a selection during the first load is used", async () => {
  const server = new FakeServer();
  server.publish("a", 1, 10);
  server.publish("b", 2, 20);
  server.storeJournal();
  const { feed, store } = connectFeed(server);
  const { fetchJson } = server;
  feed.dependencies.fetchJson = (address) => {
    if (address.includes("series=a")) feed.selectSeries(["b"]);
    return fetchJson(address);
  };
  feed.selectSeries(["a"]);
  feed.start();
  await settle();
  assert.deepEqual([...store.series.keys()], ["b"]);
  assert.deepEqual(cachedReadings(store, "b"), [[2, 20]]);
  assert.deepEqual(server.requests.at(-1)?.searchParams.getAll("series"), ["b"]);
});

test("old series are not shown by default if not all fit", async () => {
  const server = new FakeServer();
  for (let i = 0; i < MAX_AUTOMATIC_SERIES; i++) server.publish(`old ${i}`, 1, i);
  server.publish("new", 200_000, 1);
  server.storeJournal();
  const { feed, store } = connectFeed(server);
  feed.start();
  await settle();
  assert.deepEqual([...store.series.keys()], ["new"]);
});
