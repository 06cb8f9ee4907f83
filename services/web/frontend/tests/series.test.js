import assert from "node:assert/strict";
import { test } from "node:test";

import { Series } from "../store/series.js";

/** @param {[number, number][]} readings */
function seriesOf(readings) {
  const series = new Series("kitchen", 0);
  series.add(readings.map(([time]) => time), readings.map(([, value]) => value));
  return series;
}

/** @param {Series} series */
const readingsOf = (series) => series.times.map((time, i) => [time, series.values[i]]);

test("readings are in the order of their time, whatever order they come in", () => {
  const series = seriesOf([[3, 30], [1, 10], [5, 50], [2, 20], [4, 40]]);
  assert.deepEqual(readingsOf(series), [[1, 10], [2, 20], [3, 30], [4, 40], [5, 50]]);
});

test("the same time again overwrites, also within one frame", () => {
  const series = seriesOf([[1, 10], [2, 20], [2, 21], [3, 30]]);
  series.add([1, 3, 1], [11, 31, 12]);
  assert.deepEqual(readingsOf(series), [[1, 12], [2, 21], [3, 31]]);
});

test("late readings land where a sorted map would put them", () => {
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const expected = new Map();
  const series = new Series("a", 0);
  for (let frame = 0; frame < 200; frame++) {
    const size = 1 + Math.floor(random() * 6);
    const times = Array.from({ length: size }, () => Math.floor(random() * 300));
    const values = times.map(() => random());
    times.forEach((time, i) => expected.set(time, values[i]));
    series.add(times, values);
  }
  assert.deepEqual(readingsOf(series), [...expected].sort((a, b) => a[0] - b[0]));
});

test("history takes the place of what is held up to its end and leaves what is newer", () => {
  const series = seriesOf([[1, 10], [2, 20], [3, 30], [4, 40]]);
  series.replace([0, 1, 3], [0, 11, 31], 0);
  assert.deepEqual(readingsOf(series), [[0, 0], [1, 11], [3, 31], [4, 40]]);
});

test("a bucket stands for all of its readings", () => {
  const series = seriesOf([[119, 1], [120, 2], [179, 3], [180, 4]]);
  series.replace([60, 120], [10, 20], 60);
  assert.deepEqual(readingsOf(series), [[60, 10], [120, 20], [180, 4]]);
  assert.equal(series.gap, 300);
});

test("trimming keeps one reading before the window, and memory bounded", () => {
  const series = new Series("a", 0);
  for (let time = 0; time < 5_000; time++) {
    series.add([time], [time]);
    series.trim(time - 60);
  }
  assert.ok(series.times.length <= 60 + 258, `${series.times.length} held`);
  series.trim(10_000);
  assert.deepEqual(readingsOf(series), [[4_999, 4_999]]);
});

test("a flood within the window is bounded by number", () => {
  const series = new Series("a", 0);
  for (let i = 0; i < 30; i++) {
    const times = Array.from({ length: 10_000 }, (_, j) => i + j / 10_000);
    series.add(times, times);
  }
  assert.ok(series.times.length <= 100_256);
  assert.equal(series.last?.time, 29.9999);
});

test("a gap is five usual intervals, and at least three seconds", () => {
  assert.equal(seriesOf([]).gap, 3);
  assert.equal(seriesOf([[0, 0], [0.1, 0], [0.2, 0]]).gap, 3);
  assert.equal(seriesOf([[0, 0], [10, 0], [20, 0], [500, 0], [510, 0]]).gap, 50);
});
