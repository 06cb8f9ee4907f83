import assert from "node:assert/strict";
import test from "node:test";

import { lastAt } from "../store/heldValues.js";
import { RateSeries } from "../store/rateSeries.js";
import { Series } from "../store/series.js";
import { bucketHistory } from "./support/history.js";

test("a counter has a rate, and none where it starts again", () => {
  const counter = new Series("requests");
  counter.completeFrom = 0;
  counter.addReadings([0, 10, 20, 30], [10, 30, 0, 5]);
  const rate = new RateSeries(counter);
  assert.deepEqual([...rate.readings.t], [10, 30]);
  assert.deepEqual([...rate.readings.mean], [2, 0.5]);
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
