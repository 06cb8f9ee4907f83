import assert from "node:assert/strict";
import { test } from "node:test";

import { MOST_SERIES, SeriesStore } from "../store/store.js";

/** @param {string | null} unit @param {number[]} t @param {number[]} value */
const raw = (unit, t, value) => ({ unit, tier: "raw", bucket: null, t, value });

/** @param {Record<string, any>} series */
const history = (series) => ({ from: 0, to: 100, cursor: "e:1-0", series });

test("no more series are held than are drawn, and the others are counted", () => {
  const store = new SeriesStore(60);
  for (let i = 0; i < 1_000; i++) store.add(`series ${i}`, [1], [1], 9);
  assert.equal(store.series.size, MOST_SERIES);
  assert.equal(store.total, 1_000);
});

test("what is before the window is ignored, and takes no place", () => {
  const store = new SeriesStore(60);
  for (let i = 0; i < 1_000; i++) store.add(`past ${i}`, [1, 2], [1, 2], 1_000);
  store.add("kitchen", [1, 950, 940, 2], [1, 95, 94, 2], 1_000);
  assert.deepEqual([...store.series.keys()], ["kitchen"]);
  assert.deepEqual(store.series.get("kitchen")?.times, [940, 950]);
  assert.deepEqual(store.series.get("kitchen")?.values, [94, 95]);
  assert.equal(store.total, 1);
});

test("the list of series says the units, and which of them are shown", () => {
  const store = new SeriesStore(60);
  store.add("kitchen", [1], [1], 9);
  const before = store.layout;
  const listing = [{ name: "kitchen", unit: "°C" }, { name: "attic", unit: null }];
  store.describe(listing, new Set(["kitchen"]));
  assert.equal(store.series.get("kitchen")?.unit, "°C");
  assert.ok(store.layout > before);
  assert.equal(store.total, 2);
});

test("history from scratch forgets what it does not know", () => {
  const store = new SeriesStore(60);
  store.add("kitchen", [1, 9], [1, 9], 9);
  store.replace(history({ kitchen: raw(null, [1, 2], [10, 20]) }), false);
  assert.deepEqual(store.series.get("kitchen")?.times, [1, 2, 9]);
  store.replace(history({ kitchen: raw(null, [1, 2], [10, 20]) }), true);
  assert.deepEqual(store.series.get("kitchen")?.times, [1, 2]);
});

test("of buckets the mean is taken", () => {
  const store = new SeriesStore(60);
  const extremes = { min: [0, 0], max: [9, 9], count: [2, 2] };
  const columns = { unit: null, tier: "1min", bucket: 60, t: [0, 60], mean: [4, 5], ...extremes };
  store.replace(history({ a: columns }), true);
  assert.deepEqual(store.series.get("a")?.values, [4, 5]);
});

test("names that mean something to JavaScript are names like others", () => {
  const store = new SeriesStore(60);
  const columns = JSON.stringify(raw(null, [1], [2]));
  store.replace(history(JSON.parse(`{"__proto__": ${columns}}`)), true);
  store.add("constructor", [3], [4], 9);
  assert.deepEqual([...store.series.keys()], ["__proto__", "constructor"]);
  assert.equal(store.newest, 3);
});
