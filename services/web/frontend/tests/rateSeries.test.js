import assert from "node:assert/strict";
import test from "node:test";

import { RateSeries } from "../store/rateSeries.js";
import { Series } from "../store/series.js";

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
