import assert from "node:assert/strict";
import { test } from "node:test";

import { HistoryColumns } from "../store/historyColumns.js";
import { bucketHistory } from "./support/history.js";

test("a bucket that was cut off is not covered, one that is still being filled is", () => {
  const history = bucketHistory(100, [0, 100, 200, 300], [1, 2, 3, 4]);
  const past = new HistoryColumns(history, 30, 330, 10, 5_000);
  assert.deepEqual([past.from, past.to], [100, 300]);
  const newest = new HistoryColumns(history, 30, 330, 10, 330);
  assert.deepEqual([newest.from, newest.to], [100, 330]);
});

test("buckets of a fraction of a second have exact edges", () => {
  const start = 1_795_342_272;
  const t = Array.from({ length: 500 }, (_, i) => (start * 1e6 + i * 20_000) / 1e6);
  const history = bucketHistory(0.02, t, t.map(() => 1));
  const columns = new HistoryColumns(history, start, start + 10, 0.05, start + 100);
  assert.deepEqual([columns.from, columns.to], [start, start + 10]);
  for (const [i, time] of t.entries()) {
    assert.equal(columns.endOf(i), t[i + 1] ?? start + 10);
    columns.addLate(time, 1);
    columns.addLate(time + 0.019, 1);
  }
  assert.equal(columns.t.length, t.length);
  assert.ok(columns.count.every((count) => count === 6));
});

test("a mean beyond the range of a number is between the minimum and the maximum", () => {
  const history = { ...bucketHistory(10, [0], [0]), min: [1e308], max: [1.5e308], mean: [null] };
  assert.equal(new HistoryColumns(history, 0, 10, 10).mean[0], 1.25e308);
});

test("an empty bucket is a gap if buckets usually have several readings", () => {
  const dense = bucketHistory(60, [0, 60, 120, 180], [1, 1, 1, 1]);
  assert.equal(new HistoryColumns(dense, 0, 240, 60).gapSeconds, 90);
  const sparse = { ...bucketHistory(60, [0, 60, 120], [1, 1, 1]), count: [1, 1, 1] };
  assert.equal(new HistoryColumns(sparse, 0, 180, 60).gapSeconds, 300);
});

/** A sender with a reading in each 120 s, and then one in each 10 s, in buckets of 30 s. */
function changedCadence() {
  const slow = Array.from({ length: 50 }, (_, i) => i * 120);
  const fast = Array.from({ length: 200 }, (_, i) => 6_000 + i * 30);
  const t = [...slow, ...fast];
  const count = t.map((time) => (time < 6_000 ? 1 : 3));
  return { ...bucketHistory(30, t, t.map(() => 1)), count };
}

test("the slow part of buckets whose sender became faster has no gaps", () => {
  assert.equal(new HistoryColumns(changedCadence(), 0, 12_000, 30).gapSeconds, 180);
});

test("a few long intervals between fast buckets are gaps", () => {
  const { t, ...others } = changedCadence();
  const late = t.map((time, i) => (i < 50 ? time / 4 : time + 90 * Math.floor(i / 60)));
  assert.equal(new HistoryColumns({ ...others, t: late }, 0, 12_000, 30).gapSeconds, 50);
});
