import assert from "node:assert/strict";
import { test } from "node:test";

import { findAbsences, missingReason } from "../page/panel/absences.js";
import { Series } from "../store/series.js";

/** @param {number} time */
const formatTime = (time) => `t${time}`;

/** @param {number[]} times @param {number} from start of the loaded interval */
function seriesAt(times, from = 0) {
  const series = new Series("a");
  const value = times.map(() => 1);
  series.replaceNewest({ unit: null, tier: "raw", bucket: null, t: times, value }, from);
  return series;
}

/** @param {number} from @param {number} to */
const seconds = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/**
 * @param {Series[]} series
 * @param {{ from: number, to: number, now: number }} view
 * @param {boolean} isAway
 * @param {import("../store/seriesStore.js").Gap[]} gaps
 */
const labelsOf = (series, view, isAway = false, gaps = []) =>
  findAbsences(series, view, gaps, isAway, formatTime).map(({ from, to, label }) => [
    from, to, label,
  ]);

const VIEW = { from: 0, to: 200, now: 200 };

test("a break in the only line is without readings, and one that another line fills is not", () => {
  const series = seriesAt([...seconds(0, 50), ...seconds(100, 200)]);
  assert.deepEqual(labelsOf([series], VIEW), [[50, 100, "no readings"]]);
  assert.deepEqual(labelsOf([series, seriesAt(seconds(0, 200))], VIEW), []);
});

test("after the last reading the time of silence is named, once the reading is late", () => {
  const series = seriesAt(seconds(0, 100));
  assert.deepEqual(labelsOf([series], VIEW), [[100, Infinity, "no readings since t100"]]);
  assert.deepEqual(labelsOf([series], { ...VIEW, now: 105, to: 105 }), []);
});

test("lost readings are left to their band", () => {
  const series = seriesAt([...seconds(0, 50), ...seconds(100, 200)]);
  const gap = { from: 40, to: 110, count: 5, reason: "lost" };
  assert.deepEqual(labelsOf([series], VIEW, false, [gap]), []);
});

test("time that is not loaded is named only while nothing can be loaded", () => {
  const series = seriesAt(seconds(100, 200), 100);
  assert.deepEqual(labelsOf([series], VIEW), []);
  assert.deepEqual(labelsOf([series], VIEW, true), [[0, 100, "not loaded"]]);
});

test("a state has no absences, and neither has a chart without series", () => {
  const state = Object.assign(seriesAt([10]), { kind: "state" });
  assert.deepEqual(labelsOf([state], VIEW), []);
  assert.deepEqual(labelsOf([], VIEW), []);
});

test("a missing value has a reason", () => {
  const series = seriesAt([...seconds(100, 110)], 100);
  const gap = { from: 150, to: 160, count: null, reason: "lost" };
  const reason = (/** @type {number} */ time, busy = false, isAway = false) =>
    missingReason(series, time, [gap], { busy, isAway }, formatTime);
  assert.equal(reason(155), "readings lost");
  assert.equal(reason(130), "silent since t110");
  assert.equal(reason(50, false, true), "not loaded");
  assert.equal(reason(50, true), "loading");
  assert.equal(reason(50), "no data");
});
