import assert from "node:assert/strict";
import { test } from "node:test";
import { OverviewSeries } from "../page/overview/overviewSeries.js";

const NOW = 10_000;
const listed = (more = {}) => ({ name: "a", unit: "W", first: 0, last: NOW, value: 1, ...more });
const readings = (t) => ({ unit: "W", tier: "raw", bucket: null, t, value: t.map(() => 1) });

test("a reading is late after five of its usual intervals", () => {
  const series = new OverviewSeries(listed());
  series.setHistory(readings([9_700, 9_800, 9_900, 10_000]), 9_000, NOW);
  assert.equal(series.isLate(NOW + 500), false);
  assert.equal(series.isLate(NOW + 506), true);
});

test("the usual interval is that of the readings, not of the buckets", () => {
  const series = new OverviewSeries(listed());
  const bucket = { unit: "W", tier: "1m", bucket: 600, t: [8_400, 9_000], count: [60, 60] };
  series.setHistory({ ...bucket, min: [1, 1], max: [1, 1], mean: [1, 1] }, 8_000, NOW);
  assert.equal(series.isLate(NOW + 50), false);
  assert.equal(series.isLate(NOW + 60), true);
});

test("a state is never late", () => {
  const series = new OverviewSeries(listed({ guessed_kind: "state" }));
  series.setHistory(readings([9_990, 9_995, 10_000]), 9_000, NOW);
  assert.equal(series.isLate(NOW + 86_400), false);
});

test("a kind that was set wins over the guessed one", () => {
  assert.equal(new OverviewSeries(listed({ kind: "measure", guessed_kind: "state" })).kind, "measure");
});

test("a series without a reading in the loaded history is late", () => {
  const series = new OverviewSeries(listed({ last: 100 }));
  assert.equal(series.isLate(NOW), false);
  series.setHistory(undefined, 9_000, NOW);
  assert.equal(series.isLate(NOW), true);
});

test("an older reading does not replace the newest one", () => {
  const series = new OverviewSeries(listed());
  const { revision } = series;
  series.addReading(NOW - 1, 7);
  assert.deepEqual(series.newest, { time: NOW, value: 1 });
  assert.equal(series.revision, revision);
  series.addReading(NOW + 1, 8);
  assert.deepEqual(series.newest, { time: NOW + 1, value: 8 });
});
