import assert from "node:assert/strict";
import { test } from "node:test";

import { nextReading } from "../page/panel/chartCursor.js";
import { HistoryColumns } from "../store/historyColumns.js";
import { Series } from "../store/series.js";

const WINDOW = { from: 0, to: 100 };

test("the cursor goes to the next single reading on either side", () => {
  const series = new Series("a");
  series.addReadings([10, 20, 30], [1, 2, 3]);
  assert.equal(nextReading(series, 11, 1, WINDOW, 1), 20);
  assert.equal(nextReading(series, 20, 1, WINDOW, 1), 20);
  assert.equal(nextReading(series, 19, -1, WINDOW, 1), 10);
  assert.equal(nextReading(series, 20, -1, WINDOW, 1), 20);
  assert.equal(nextReading(series, 31, 1, WINDOW, 1), null);
  assert.equal(nextReading(series, 9, -1, WINDOW, 1), null);
});

test("the cursor goes to the middle of a bucket", () => {
  const series = new Series("a");
  const t = [0, 10, 20];
  const ones = [1, 1, 1];
  const columns = { t, min: ones, max: ones, mean: ones, count: ones };
  series.replaceNewest({ unit: null, tier: "raw", bucket: null, t: [], value: [] }, 30);
  series.addHistory(new HistoryColumns({ unit: null, tier: "10", bucket: 10, ...columns }, 0, 30, 10));
  assert.equal(nextReading(series, 6, 1, WINDOW, 10), 15);
  assert.equal(nextReading(series, 14, -1, WINDOW, 10), 5);
});
