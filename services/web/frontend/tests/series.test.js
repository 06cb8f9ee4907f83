import assert from "node:assert/strict";
import { test } from "node:test";

import { HistoryColumns } from "../store/historyColumns.js";
import { Series } from "../store/series.js";
import { bucketHistory, rawHistory } from "./support/history.js";
import { seededRandom } from "./support/random.js";

/** @param {[number, number][]} readings */
function seriesOf(readings) {
  const series = new Series("kitchen");
  series.addReadings(readings.map(([time]) => time), readings.map(([, value]) => value));
  return series;
}

/**
 * Return an empty series that is complete from a time on.
 *
 * @param {number} completeFrom
 */
function emptySeriesFrom(completeFrom) {
  const series = new Series("kitchen");
  series.replaceNewest(rawHistory([], []), completeFrom);
  return series;
}

/** @param {Series} series */
function readingsOf({ readings }) {
  const { t, mean, start, end } = readings;
  return Array.from(t.subarray(start, end), (time, i) => [time, mean[start + i]]);
}

test("readings in any order are sorted by time", () => {
  const series = seriesOf([[3, 30], [1, 10], [5, 50], [2, 20], [4, 40]]);
  assert.deepEqual(readingsOf(series), [[1, 10], [2, 20], [3, 30], [4, 40], [5, 50]]);
});

test("a reading replaces an older one of the same time, also within one frame", () => {
  const series = seriesOf([[1, 10], [2, 20], [2, 21], [3, 30]]);
  series.addReadings([1, 3, 1], [11, 31, 12]);
  assert.deepEqual(readingsOf(series), [[1, 12], [2, 21], [3, 31]]);
  assert.deepEqual(series.newest, { time: 3, value: 31 });
});

test("late readings lie where a sorted map has them", () => {
  const random = seededRandom(7);
  const expected = new Map();
  const series = new Series("a");
  for (let frame = 0; frame < 400; frame++) {
    const count = 1 + Math.floor(random() * 6);
    const times = Array.from({ length: count }, () => Math.floor(random() * 900));
    const values = times.map(() => random());
    times.forEach((time, i) => expected.set(time, values[i]));
    series.addReadings(times, values);
  }
  assert.deepEqual(readingsOf(series), [...expected].sort((a, b) => a[0] - b[0]));
});

test("history replaces the readings up to its end, and newer ones stay", () => {
  const series = seriesOf([[1, 10], [2, 20], [3, 30], [4, 40]]);
  series.replaceNewest(rawHistory([0, 1, 3], [0, 11, 31]), 0);
  assert.deepEqual(readingsOf(series), [[0, 0], [1, 11], [3, 31], [4, 40]]);
});

test("a bucket replaces its readings, and late ones are added to it", () => {
  const series = seriesOf([[119, 1], [120, 2], [179, 3], [180, 4]]);
  series.replaceNewest(bucketHistory(60, [60, 120], [10, 20]), 60);
  assert.deepEqual(readingsOf(series), [[180, 4]]);
  assert.equal(series.completeFrom, 180);
  series.addReadings([130, 200], [95, 5]);
  assert.deepEqual(readingsOf(series), [[180, 4], [200, 5]]);
  const [{ min, max, mean, count }] = series.layers;
  assert.deepEqual([min[1], max[1], mean[1], count[1]], [19, 95, 35, 5]);
});

test("months of readings need limited memory, and lose no extreme", () => {
  const series = new Series("a");
  series.completeFrom = 0;
  const [readingsPerFrame, frames] = [2_000, 200];
  for (let frame = 0; frame < frames; frame++) {
    const times = Array.from(
      { length: readingsPerFrame },
      (_, i) => (frame * readingsPerFrame + i) * 60,
    );
    series.addReadings(times, times.map((time) => (time === 6_000_000 ? 99 : 1)));
  }
  const end = readingsPerFrame * frames * 60;
  assert.ok(series.readings.length < 36_000);
  assert.ok(series.readings.t.length <= 65_536);
  assert.ok(series.archive.end <= 8_192);
  assert.deepEqual(series.selectSegments(0, end, end / 1_000).missing, []);
  const summary = series.summary(0, end);
  assert.deepEqual(
    [summary?.min, summary?.max, summary?.count],
    [1, 99, readingsPerFrame * frames],
  );
});

test("a late reading is added to the archive", () => {
  const series = new Series("a");
  series.completeFrom = 0;
  const times = Array.from({ length: 60_000 }, (_, i) => i);
  series.addReadings(times, times.map(() => 1));
  series.addReadings([100.5], [50]);
  assert.equal(series.summary(90, 110)?.max, 50);
});

test("a window without history is missing", () => {
  const series = new Series("a");
  series.replaceNewest(rawHistory([9_000, 9_500], [1, 2]), 9_000);
  assert.deepEqual(series.selectSegments(0, 10_000, 10).missing, [[0, 9_000]]);
});

test("history that is too coarse is drawn, but still missing", () => {
  const series = new Series("a");
  series.replaceNewest(rawHistory([9_000, 9_500], [1, 2]), 9_000);
  const coarse = bucketHistory(100, [0, 5_000, 8_900], [5, 5, 5]);
  series.addHistory(new HistoryColumns(coarse, 0, 10_000, 100));
  const { segments, missing } = series.selectSegments(0, 10_000, 10);
  assert.deepEqual(segments.map(({ from, to }) => [from, to]), [[0, 9_000], [9_000, 10_000]]);
  assert.deepEqual(missing, [[0, 9_000]]);
  assert.deepEqual(series.selectSegments(0, 10_000, 100).missing, []);
});

test("a window is composed of the best history for each part", () => {
  const series = new Series("a");
  series.replaceNewest(rawHistory([9_000, 9_500], [1, 2]), 9_000);
  const coarse = bucketHistory(100, [0, 5_000, 8_900], [5, 5, 5]);
  series.addHistory(new HistoryColumns(coarse, 0, 10_000, 100));
  const fine = bucketHistory(10, [4_000, 4_010], [7, 7]);
  series.addHistory(new HistoryColumns(fine, 4_000, 6_000, 10));
  const { segments, missing } = series.selectSegments(0, 10_000, 10);
  assert.deepEqual(segments.map(({ source }) => source.bucketSeconds), [100, 10, 100, 0]);
  assert.deepEqual(missing, [[0, 4_000], [6_000, 9_000]]);
});

test("the first history is missing at a finer resolution", () => {
  const series = new Series("a");
  series.replaceNewest(bucketHistory(10, [0, 10, 20], [1, 1, 1]), 0);
  assert.deepEqual(series.selectSegments(0, 30, 10).missing, []);
  assert.deepEqual(series.selectSegments(0, 30, 1).missing, [[0, 30]]);
});

test("an answer coarser than requested is the finest of the server, so nothing is missing", () => {
  const series = emptySeriesFrom(9_000);
  const coarse = bucketHistory(3_600, [0, 3_600], [1, 1]);
  series.addHistory(new HistoryColumns(coarse, 0, 9_000, 1));
  assert.deepEqual(series.selectSegments(0, 9_000, 1).missing, []);
});

test("loaded single readings that reach the live ones are put before them", () => {
  const series = new Series("a");
  series.replaceNewest(rawHistory([100, 110], [1, 2]), 100);
  series.addHistory(new HistoryColumns(rawHistory([50, 60, 100], [5, 6, 99]), 40, 120, 1));
  assert.deepEqual(readingsOf(series), [[50, 5], [60, 6], [100, 1], [110, 2]]);
  assert.equal(series.completeFrom, 40);
  assert.equal(series.layers.length, 0);
});

test("at most six intervals of history are cached", () => {
  const series = emptySeriesFrom(1e6);
  for (let i = 0; i < 50; i++) {
    const history = bucketHistory(1, [i * 100], [1]);
    series.addHistory(new HistoryColumns(history, i * 100, i * 100 + 50, 1));
  }
  assert.ok(series.layers.length <= 6);
});

test("cleared history stays visible until it has been loaded again", () => {
  const series = emptySeriesFrom(9_000);
  series.addHistory(new HistoryColumns(bucketHistory(10, [0, 10], [1, 1]), 0, 9_000, 10));
  series.clear();
  series.replaceNewest(rawHistory([9_950], [1]), 9_940);
  assert.deepEqual(series.selectSegments(0, 100, 10).missing, [[0, 100]]);
  assert.equal(series.selectSegments(0, 100, 10).segments[0].end, 2);
  series.addHistory(new HistoryColumns(bucketHistory(10, [0], [1]), 0, 9_940, 10));
  assert.equal(series.layers.length, 1);
});

test("a gap is five usual intervals, and at least 3 s", () => {
  assert.equal(seriesOf([]).readings.gapSeconds, 3);
  assert.equal(seriesOf([[0, 0], [0.1, 0], [0.2, 0]]).readings.gapSeconds, 3);
  const slow = seriesOf([[0, 0], [10, 0], [20, 0], [500, 0], [510, 0]]);
  assert.equal(slow.readings.gapSeconds, 50);
});

test("the nearest reading is null inside a gap and beyond the maximum distance", () => {
  const series = seriesOf([[0, 0], [1, 10], [2, 20], [60, 30], [61, 40]]);
  assert.equal(series.nearest(1.2, 5)?.value, 10);
  assert.equal(series.nearest(1.6, 5)?.value, 20);
  assert.equal(series.nearest(3, 5), null);
  assert.equal(series.nearest(30, 5), null);
  assert.equal(series.nearest(61.5, 5)?.value, 40);
  assert.equal(series.nearest(90, 5), null);
});

test("the mean of buckets is weighted by their readings", () => {
  const series = emptySeriesFrom(1e6);
  const history = { ...bucketHistory(10, [0, 10], [10, 20]), count: [1, 3] };
  series.addHistory(new HistoryColumns(history, 0, 100, 10));
  assert.deepEqual(series.summary(0, 100), { min: 9, max: 21, mean: 17.5, count: 4 });
  assert.equal(series.summary(50, 60), null);
});

test("a line has no gaps where its sender was slower than it is now", () => {
  const slow = Array.from({ length: 20 }, (_, i) => [i * 120, 1]);
  const fast = Array.from({ length: 150 }, (_, i) => [2_400 + i, 1]);
  const { readings } = seriesOf(/** @type {[number, number][]} */ ([...slow, ...fast]));
  assert.deepEqual([readings.gapSeconds, readings.newestGapSeconds], [600, 5]);
});
