import assert from "node:assert/strict";
import test from "node:test";

import { lastAt } from "../store/heldValues.js";
import { RateSeries } from "../store/rateSeries.js";
import { Series } from "../store/series.js";
import { bucketHistory } from "./support/history.js";

/** @param {RateSeries} series @returns {number[][]} times and rates */
const columnsOf = ({ readings: { t, mean, start, end } }) =>
  [t, mean].map((column) => [...column.subarray(start, end)]);

test("a counter has a rate, and none where it starts again", () => {
  const counter = new Series("requests");
  counter.completeFrom = 0;
  counter.addReadings([0, 10, 20, 30], [10, 30, 0, 5]);
  const rate = new RateSeries(counter);
  assert.deepEqual(columnsOf(rate), [[10, 30], [2, 0.5]]);
  counter.addReadings([40], [15]);
  assert.deepEqual(rate.newest, { time: 40, value: 1 });
});

test("the rate of energy is power, and the one of bytes is per second", () => {
  const units = [["kWh", "kW"], ["B", "B/s"], ["l", "l/h"], [null, "/s"]].map(([unit, expected]) => {
    const counter = new Series("meter");
    counter.unit = unit;
    return [new RateSeries(counter).unit, expected];
  });
  for (const [unit, expected] of units) assert.equal(unit, expected);
});

test("a rate is known at the end of a past window, and from buckets alone", () => {
  const counter = new Series("meter");
  counter.unit = "kWh";
  const t = [0, 3_600, 7_200];
  const increasing = { ...bucketHistory(3_600, t, [1, 2, 5]), unit: "kWh" };
  counter.replaceNewest(increasing, 0);
  const rate = new RateSeries(counter);
  assert.deepEqual(rate.newest, { time: 10_800, value: 3 });
  assert.equal(lastAt(rate, 3_700)?.value, 1);
});

test("rates of readings that come one by one equal those of all at once", () => {
  const [live, whole] = [new Series("live"), new Series("whole")];
  live.completeFrom = whole.completeFrom = 0;
  const times = Array.from({ length: 700 }, (_, i) => i + (i % 3) / 10);
  const values = times.map((_, i) => (i * 7) % 500);
  const rate = new RateSeries(live);
  for (const [i, time] of times.entries()) {
    live.addReadings([time], [values[i]]);
    assert.ok(rate.readings.length <= i + 1);
  }
  whole.addReadings(times, values);
  assert.deepEqual(columnsOf(rate), columnsOf(new RateSeries(whole)));
});

test("rates are appended, and derived again after a late reading", () => {
  const counter = new Series("requests");
  counter.completeFrom = 0;
  counter.addReadings([0, 10, 20], [0, 10, 20]);
  const rate = new RateSeries(counter);
  const before = rate.readings;
  counter.addReadings([30], [60]);
  assert.equal(rate.readings, before);
  assert.deepEqual(columnsOf(rate)[1], [1, 1, 4]);
  counter.addReadings([15], [10]);
  assert.ok(rate.readings.version > before.version);
  assert.deepEqual(columnsOf(rate)[1], [1, 0, 2, 4]);
});
