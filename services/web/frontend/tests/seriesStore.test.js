import assert from "node:assert/strict";
import { test } from "node:test";

import { MAX_AUTOMATIC_SERIES, SeriesStore } from "../store/seriesStore.js";
import { cachedReadings } from "./support/feed.js";
import { rawHistory } from "./support/history.js";

/** @param {Record<string, any>} series */
const history = (series) => ({ from: 0, to: 100, cursor: "e:1-0", series });

test("the store caches at most MAX_AUTOMATIC_SERIES series and counts the others", () => {
  const store = new SeriesStore(60);
  for (let i = 0; i < 1_000; i++) store.addReadings(`series ${i}`, [1], [1]);
  assert.equal(store.series.size, MAX_AUTOMATIC_SERIES);
  assert.equal(store.totalCount, 1_000);
});

test("100 chosen series share the readings that 20 may hold", () => {
  const store = new SeriesStore(60);
  const names = Array.from({ length: 100 }, (_, i) => `series ${i}`);
  store.selectSeries(names);
  store.updateInfo([], new Set(names));
  store.replaceHistory(history({}), true);
  const times = Array.from({ length: 20_000 }, (_, i) => 100 + i);
  for (const name of names.slice(0, 2)) store.addReadings(name, times, times);
  const [first] = store.series.values();
  assert.equal(store.series.size, 100);
  assert.ok(first.readings.length < 10_000, String(first.readings.length));
  assert.equal(first.summary(100, 20_100)?.count, 20_000);
});

test("a series with only old readings takes no slot", () => {
  const store = new SeriesStore(60);
  store.replaceHistory({ ...history({}), from: 940, to: 1_000 }, true);
  for (let i = 0; i < 1_000; i++) store.addReadings(`past ${i}`, [1, 2], [1, 2]);
  store.addReadings("kitchen", [1, 950], [1, 95]);
  assert.deepEqual([...store.series.keys()], ["kitchen"]);
  assert.equal(store.totalCount, 1);
});

test("the list of series sets units and adds series that are not shown to the count", () => {
  const store = new SeriesStore(60);
  store.addReadings("kitchen", [1], [1]);
  const { layoutVersion } = store;
  const list = [{ name: "kitchen", unit: "°C" }, { name: "attic", unit: null }];
  store.updateInfo(list, new Set(["kitchen"]));
  assert.equal(store.series.get("kitchen")?.unit, "°C");
  assert.ok(store.layoutVersion > layoutVersion);
  assert.equal(store.totalCount, 2);
});

test("history from scratch also replaces newer readings", () => {
  const store = new SeriesStore(60);
  store.addReadings("kitchen", [1, 9], [1, 9]);
  store.replaceHistory(history({ kitchen: rawHistory([1, 2], [10, 20]) }), false);
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [2, 20], [9, 9]]);
  store.replaceHistory(history({ kitchen: rawHistory([1, 2], [10, 20]) }), true);
  assert.deepEqual(cachedReadings(store, "kitchen"), [[1, 10], [2, 20]]);
});

test("buckets keep their minimum, maximum, mean and count", () => {
  const store = new SeriesStore(60);
  const extremes = { min: [0, 0], max: [9, 9], count: [2, 2] };
  const buckets = { unit: null, tier: "1min", bucket: 60, t: [0, 60], mean: [4, 5], ...extremes };
  store.replaceHistory(history({ a: buckets }), true);
  const summary = store.series.get("a")?.summary(0, 100);
  assert.deepEqual(summary, { min: 0, max: 9, mean: 4.5, count: 4 });
});

test("a loaded range is complete, even for a series without readings in it", () => {
  const store = new SeriesStore(60);
  const newest = history({ a: rawHistory([950], [1]) });
  store.replaceHistory({ ...newest, from: 940, to: 1_000 }, true);
  store.addReadings("b", [990], [1]);
  const names = [...store.series.keys()];
  store.addHistory({ ...history({ a: rawHistory([5], [7]) }), to: 940 }, names, 1, 1_000);
  for (const name of names) {
    assert.deepEqual(store.series.get(name)?.selectSegments(0, 1_000, 1).missing, []);
  }
  assert.equal(store.series.get("a")?.nearest(5, 1)?.value, 7);
});

test("gaps of loaded ranges are merged without duplicates", () => {
  const store = new SeriesStore(60);
  const gap = { from: 5, to: 6, count: 1, reason: "lost" };
  store.addHistory({ ...history({}), gaps: [gap] }, [], 1, 1_000);
  assert.deepEqual(store.gaps, [gap]);
  const { gaps } = store;
  store.addHistory({ ...history({}), gaps: [{ ...gap }] }, [], 1, 1_000);
  assert.equal(store.gaps, gaps);
});

test("names with a meaning in JavaScript are ordinary names", () => {
  const store = new SeriesStore(60);
  const columns = JSON.stringify(rawHistory([1], [2]));
  store.replaceHistory(history(JSON.parse(`{"__proto__": ${columns}}`)), true);
  store.addReadings("constructor", [3], [4]);
  assert.deepEqual([...store.series.keys()], ["__proto__", "constructor"]);
  assert.equal(store.newestTime, 3);
});

test("only selected series are cached", () => {
  const store = new SeriesStore(60);
  for (const name of ["a", "b", "c"]) store.addReadings(name, [1], [1]);
  store.selectSeries(["c", "d"]);
  assert.deepEqual([...store.series.keys()], ["c"]);
  store.updateInfo([], new Set(["c", "d"]));
  assert.deepEqual([...store.series.keys()], ["c", "d"]);
  store.addReadings("a", [2], [2]);
  store.replaceHistory(history({ a: rawHistory([1], [2]), d: rawHistory([1], [2]) }), false);
  assert.deepEqual([...store.series.keys()], ["c", "d"]);
  assert.deepEqual(cachedReadings(store, "d"), [[1, 2]]);
  assert.equal(store.totalCount, 4);
});

test("the newest reading is known even if it is older than the loaded history", () => {
  const store = new SeriesStore(60);
  const info = { name: "a", unit: null, first: 1, last: 5, value: 7 };
  store.updateInfo([info], new Set(["a"]));
  store.replaceHistory({ ...history({}), from: 940, to: 1_000 }, true);
  assert.equal(store.newestTime, 5);
  store.addReadings("a", [950], [8]);
  store.updateInfo([info], new Set(["a"]));
  assert.deepEqual(store.series.get("a")?.newest, { time: 950, value: 8 });
});

test("an erased reading is no longer the first or the newest one", () => {
  const store = new SeriesStore(60);
  const info = { name: "a", unit: null, first: 1, last: 99, value: 7 };
  store.updateInfo([info], new Set(["a"]), true);
  store.replaceHistory(history({ a: rawHistory([1, 99], [7, 7]) }), true);
  assert.deepEqual([store.firstTime, store.newestTime], [1, 99]);
  store.updateInfo([{ ...info, first: 20, last: 30 }], new Set(["a"]), true);
  store.replaceHistory(history({ a: rawHistory([20, 30], [7, 7]) }), true);
  assert.deepEqual([store.firstTime, store.newestTime], [20, 30]);
  store.updateInfo([{ name: "a", unit: null, first: null, last: null }], new Set(["a"]), true);
  store.replaceHistory(history({}), true);
  assert.deepEqual([store.firstTime, store.newestTime], [Infinity, null]);
});
