import assert from "node:assert/strict";
import { test } from "node:test";

import { MAX_SERIES, SeriesStore } from "../store/seriesStore.js";
import { held } from "./support/page.js";

/** @param {string | null} unit @param {number[]} t @param {number[]} value */
const raw = (unit, t, value) => ({ unit, tier: "raw", bucket: null, t, value });

/** @param {Record<string, any>} series */
const history = (series) => ({ from: 0, to: 100, cursor: "e:1-0", series });

test("no more series are held than are drawn, and the others are counted", () => {
  const store = new SeriesStore(60);
  for (let i = 0; i < 1_000; i++) store.addReadings(`series ${i}`, [1], [1]);
  assert.equal(store.series.size, MAX_SERIES);
  assert.equal(store.totalCount, 1_000);
});

test("what is before all that the page shows takes no place", () => {
  const store = new SeriesStore(60);
  store.replaceHistory({ ...history({}), from: 940, to: 1_000 }, true);
  for (let i = 0; i < 1_000; i++) store.addReadings(`past ${i}`, [1, 2], [1, 2]);
  store.addReadings("kitchen", [1, 950], [1, 95]);
  assert.deepEqual([...store.series.keys()], ["kitchen"]);
  assert.equal(store.totalCount, 1);
});

test("the list of series says the units, and which of them are shown", () => {
  const store = new SeriesStore(60);
  store.addReadings("kitchen", [1], [1]);
  const before = store.layoutVersion;
  const listing = [{ name: "kitchen", unit: "°C" }, { name: "attic", unit: null }];
  store.updateInfo(listing, new Set(["kitchen"]));
  assert.equal(store.series.get("kitchen")?.unit, "°C");
  assert.ok(store.layoutVersion > before);
  assert.equal(store.totalCount, 2);
});

test("history from scratch forgets what it does not know", () => {
  const store = new SeriesStore(60);
  store.addReadings("kitchen", [1, 9], [1, 9]);
  store.replaceHistory(history({ kitchen: raw(null, [1, 2], [10, 20]) }), false);
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [2, 20], [9, 9]]);
  store.replaceHistory(history({ kitchen: raw(null, [1, 2], [10, 20]) }), true);
  assert.deepEqual(held(store, "kitchen"), [[1, 10], [2, 20]]);
});

test("buckets are kept with their lowest, highest and mean", () => {
  const store = new SeriesStore(60);
  const extremes = { min: [0, 0], max: [9, 9], count: [2, 2] };
  const columns = { unit: null, tier: "1min", bucket: 60, t: [0, 60], mean: [4, 5], ...extremes };
  store.replaceHistory(history({ a: columns }), true);
  const summary = store.series.get("a")?.summary(0, 100);
  assert.deepEqual(summary, { min: 0, max: 9, mean: 4.5, count: 4 });
});

test("a range that is looked at says everything, also that there is nothing", () => {
  const store = new SeriesStore(60);
  store.replaceHistory({ ...history({ a: raw(null, [950], [1]) }), from: 940, to: 1_000 }, true);
  store.addReadings("b", [990], [1]);
  const names = [...store.series.keys()];
  const gap = { from: 5, to: 6, count: 1, reason: "lost" };
  store.addHistory({ ...history({ a: raw(null, [5], [7]) }), to: 940, gaps: [gap] }, names, 1);
  for (const name of names) {
    assert.deepEqual(store.series.get(name)?.selectSegments(0, 1_000, 1).missing, []);
  }
  assert.equal(store.series.get("a")?.nearest(5, 1)?.value, 7);
  assert.deepEqual(store.gaps, [gap]);
  const { gaps } = store;
  store.addHistory({ ...history({}), gaps: [gap] }, names, 1);
  assert.equal(store.gaps, gaps);
});

test("names that mean something to JavaScript are names like others", () => {
  const store = new SeriesStore(60);
  const columns = JSON.stringify(raw(null, [1], [2]));
  store.replaceHistory(history(JSON.parse(`{"__proto__": ${columns}}`)), true);
  store.addReadings("constructor", [3], [4]);
  assert.deepEqual([...store.series.keys()], ["__proto__", "constructor"]);
  assert.equal(store.newestTime, 3);
});

test("only chosen series are held, and each keeps its place", () => {
  const store = new SeriesStore(60);
  for (const name of ["a", "b", "c"]) store.addReadings(name, [1], [1]);
  const { slot } = /** @type {import("../store/series.js").Series} */ (store.series.get("c"));
  store.selectSeries(["c", "d"]);
  assert.deepEqual([...store.series.keys()], ["c"]);
  store.updateInfo([], new Set(["c", "d"]));
  assert.deepEqual([...store.series.keys()], ["c", "d"]);
  assert.equal(store.series.get("c")?.slot, slot);
  assert.notEqual(store.series.get("d")?.slot, slot);
  store.addReadings("a", [2], [2]);
  store.replaceHistory(history({ a: raw(null, [1], [2]), d: raw(null, [1], [2]) }), false);
  assert.deepEqual([...store.series.keys()], ["c", "d"]);
  assert.deepEqual(held(store, "d"), [[1, 2]]);
  assert.equal(store.totalCount, 4);
});

test("the newest reading is known also where it is long before what is loaded", () => {
  const store = new SeriesStore(60);
  const listed = { name: "a", unit: null, first: 1, last: 5, value: 7 };
  store.updateInfo([listed], new Set(["a"]));
  store.replaceHistory({ ...history({}), from: 940, to: 1_000 }, true);
  assert.equal(store.newestTime, 5);
  store.addReadings("a", [950], [8]);
  store.updateInfo([listed], new Set(["a"]));
  assert.deepEqual(store.series.get("a")?.newest, { time: 950, value: 8 });
});

test("what is erased is not the first nor the newest reading any more", () => {
  const store = new SeriesStore(60);
  const listed = { name: "a", unit: null, first: 1, last: 99, value: 7 };
  store.updateInfo([listed], new Set(["a"]), true);
  store.replaceHistory(history({ a: raw(null, [1, 99], [7, 7]) }), true);
  assert.deepEqual([store.firstTime, store.newestTime], [1, 99]);
  store.updateInfo([{ ...listed, first: 20, last: 30 }], new Set(["a"]), true);
  store.replaceHistory(history({ a: raw(null, [20, 30], [7, 7]) }), true);
  assert.deepEqual([store.firstTime, store.newestTime], [20, 30]);
  store.updateInfo([{ name: "a", unit: null, first: null, last: null }], new Set(["a"]), true);
  store.replaceHistory(history({}), true);
  assert.deepEqual([store.firstTime, store.newestTime], [Infinity, null]);
});
