import assert from "node:assert/strict";
import { test } from "node:test";

import { Addresses } from "../feed/addresses.js";
import { HistoryLoader } from "../feed/historyLoader.js";
import { SeriesStore } from "../store/seriesStore.js";
import { TimeView } from "../view/timeView.js";
import { FakeTimers, settle } from "./support/server.js";

/** Create a page with the newest 60 s of one series, and a server with its whole history. */
function createLoader() {
  const timers = new FakeTimers();
  const view = new TimeView(100_000, { span: 60 });
  const store = new SeriesStore(60);
  const raw = { unit: null, tier: "raw", bucket: null, t: [99_950], value: [1] };
  const newest = { from: 99_940, to: 100_000, cursor: "e:1-0", series: { "a b": raw } };
  store.replaceHistory(newest, true);
  /** @type {URL[]} */
  const requests = [];
  const server = { isUp: true };
  const loader = new HistoryLoader({
    store,
    view,
    addresses: new Addresses("http://host/", "/prefix/"),
    columnCount: () => 100,
    timers,
    fetchJson: async (address) => {
      const url = new URL(address);
      requests.push(url);
      await settle();
      if (!server.isUp) throw new Error("refused");
      return answer(url);
    },
  });
  return { timers, view, store, requests, loader, server };
}

/**
 * Answer a request with ten buckets.
 *
 * @param {URL} url
 */
function answer(url) {
  const [from, to, points] = ["from", "to", "points"].map((name) =>
    Number(url.searchParams.get(name)),
  );
  const bucket = Math.ceil((to - from) / points);
  const t = Array.from({ length: 10 }, (_, i) => Math.floor(from / bucket + i) * bucket);
  const ones = t.map(() => 1);
  const values = { min: ones, max: ones, mean: ones, count: ones };
  const series = { "a b": { unit: null, tier: "raw", bucket, t, ...values } };
  return { from, to, cursor: "e:1-0", series };
}

test("cached history is not requested", async () => {
  const { timers, requests, loader } = createLoader();
  loader.loadMissing();
  await timers.advance(1_000);
  assert.equal(requests.length, 0);
});

test("readings of a sender that is ahead are loaded again at a finer resolution", async () => {
  const { timers, view, store, requests, loader } = createLoader();
  const t = Array.from({ length: 36 }, (_, i) => 99_940 + i * 10);
  const ones = t.map(() => 1);
  const early = { unit: null, tier: "raw", bucket: 10, t, min: ones, max: ones, mean: ones, count: ones };
  store.replaceHistory({ from: 99_940, to: 100_000, cursor: "e:1-0", series: { "a b": early } }, true);
  view.show({ from: 100_010, to: 100_030 });
  loader.loadMissing();
  await timers.advance(1_000);
  assert.equal(requests.length, 1);
  const [from, to] = ["from", "to"].map((name) => Number(requests[0].searchParams.get(name)));
  assert.ok(from <= view.from && to >= view.to && to <= 100_300, `${from} ${to}`);
});

test("missing history is requested once, with a margin and a fitting resolution", async () => {
  const { timers, view, requests, loader } = createLoader();
  view.show({ span: 10_000 });
  await timers.advance(1_000);
  loader.loadMissing();
  await timers.advance(1_000);
  assert.equal(requests.length, 1);
  const [url] = requests;
  assert.equal(url.pathname, "/prefix/api/history");
  assert.deepEqual(url.searchParams.getAll("series"), ["a b"]);
  assert.equal(Number(url.searchParams.get("from")), 87_500);
  assert.equal(Number(url.searchParams.get("to")), 100_000, "the future has no margin");
  assert.ok(Number(url.searchParams.get("points")) >= 200);
});

test("a moving window requests nothing until it stops", async () => {
  const { timers, view, requests } = createLoader();
  for (let i = 0; i < 20; i++) {
    view.pan(-100);
    await timers.advance(30);
  }
  assert.equal(requests.length, 0);
  await timers.advance(1_000);
  assert.equal(requests.length, 1);
  view.pan(-10);
  await timers.advance(1_000);
  assert.equal(requests.length, 1, "the margin covers a small move");
});

test("zooming in requests finer history, and zooming out again requests nothing", async () => {
  const { timers, view, requests } = createLoader();
  view.show({ from: 50_000, to: 60_000 });
  await timers.advance(1_000);
  view.show({ from: 54_000, to: 55_000 });
  await timers.advance(1_000);
  assert.equal(requests.length, 2);
  view.show({ from: 50_000, to: 60_000 });
  await timers.advance(1_000);
  assert.equal(requests.length, 2);
});

test("an answer that leaves the range incomplete is not requested again at once", async () => {
  const { timers, view, store, requests, loader } = createLoader();
  store.addHistory = () => {};
  view.show({ from: 1_000, to: 2_000 });
  for (let i = 0; i < 20; i++) {
    loader.loadMissing();
    await timers.advance(250);
  }
  assert.equal(requests.length, 1);
});

test("a failed request is repeated after a pause", async () => {
  const { timers, view, requests, loader, server } = createLoader();
  /** @type {boolean[]} */
  const busyStates = [];
  loader.addEventListener("change", () => busyStates.push(loader.busy));
  server.isUp = false;
  view.show({ span: 10_000 });
  await timers.advance(1_000);
  assert.deepEqual([requests.length, loader.failed, loader.busy], [1, true, false]);
  server.isUp = true;
  await timers.advance(3_000);
  assert.deepEqual([requests.length, loader.failed], [2, false]);
  assert.deepEqual(busyStates, [true, false, true, false]);
});

test("all history is awaited, or the failure of a request", async () => {
  const { timers, view, requests, loader, server } = createLoader();
  /** @type {number[]} */
  const requestCounts = [];
  const awaitAll = () => loader.loadAll().then(() => requestCounts.push(requests.length));
  awaitAll();
  await timers.advance(100);
  assert.deepEqual(requestCounts, [0]);
  view.show({ span: 10_000 });
  awaitAll();
  await timers.advance(50);
  assert.deepEqual(requestCounts, [0]);
  await timers.advance(1_000);
  assert.deepEqual(requestCounts, [0, 1]);
  server.isUp = false;
  view.show({ from: 50_000, to: 60_000 });
  awaitAll();
  await timers.advance(1_000);
  assert.deepEqual(requestCounts, [0, 1, 2]);
});

test("after a reset the history is requested again, and an older answer is ignored", async () => {
  const { timers, view, store, requests, loader } = createLoader();
  const empty = { from: 99_940, to: 100_000, cursor: "e:2-0", series: {} };
  view.show({ span: 10_000 });
  await timers.advance(1_000);
  store.replaceHistory(empty, true);
  loader.loadMissing();
  await timers.advance(1_000);
  assert.equal(requests.length, 2);
  const { fetchJson } = loader.dependencies;
  loader.dependencies.fetchJson = async (address) => {
    const history = await fetchJson(address);
    if (requests.length === 3) store.replaceHistory(empty, true);
    return history;
  };
  view.show({ from: 50_000, to: 60_000 });
  await timers.advance(100);
  assert.equal(requests.length, 3);
  assert.equal(store.series.get("a b")?.nearest(47_600, 100), null);
  await timers.advance(1_000);
  assert.equal(requests.length, 4);
  assert.notEqual(store.series.get("a b")?.nearest(47_600, 100), null);
});
