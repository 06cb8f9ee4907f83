import assert from "node:assert/strict";
import test from "node:test";

import { HistoryColumns } from "../store/historyColumns.js";
import { heldAt, knowsValueAt, stateRuns, summarizeStates } from "../store/heldValues.js";
import { Series } from "../store/series.js";

/**
 * @param {number} from
 * @param {[number, number][]} readings
 * @param {{ t: number, value: number } | null} [before]
 */
function seriesFrom(from, readings, before) {
  const series = new Series("door");
  const [t, value] = [0, 1].map((column) => readings.map((reading) => reading[column]));
  series.replaceNewest({ unit: null, tier: "raw", bucket: null, t, value, before }, from);
  return series;
}

test("a value is held between two readings", () => {
  const series = seriesFrom(0, [[100, 1], [700, 0]]);
  assert.equal(heldAt(series, 400)?.value, 1);
  assert.equal(heldAt(series, 700)?.value, 0);
  assert.equal(heldAt(series, 9_000)?.value, 0);
});

test("a value before the first reading is unknown, unless the reading before the range is", () => {
  assert.equal(heldAt(seriesFrom(0, [[100, 1]]), 50), null);
  assert.equal(knowsValueAt(seriesFrom(0, [[100, 1]]), 50), false);
  const series = seriesFrom(0, [[100, 1]], { t: -5_000, value: 0 });
  assert.deepEqual(heldAt(series, 50), {
    value: 0, min: 0, max: 0, since: -5_000, isExact: false,
  });
  const empty = seriesFrom(0, [], null);
  assert.equal(heldAt(empty, 50), null);
  assert.equal(knowsValueAt(empty, 50), true);
});

test("a value is held since the first of equal readings", () => {
  const series = seriesFrom(0, [[10, 0], [20, 1], [30, 1], [40, 1]]);
  assert.deepEqual(heldAt(series, 45), { value: 1, min: 1, max: 1, since: 20, isExact: true });
});

test("runs join equal readings and reach from one end of the range to the other", () => {
  const series = seriesFrom(0, [[10, 0], [20, 1], [30, 1], [40, 0]], { t: -1, value: 0 });
  assert.deepEqual(
    stateRuns(series, 5, 50, 0.1).map(({ from, to, min }) => [from, to, min]),
    [[5, 20, 0], [20, 40, 1], [40, 50, 0]],
  );
});

test("there is no run in a range that is not loaded", () => {
  const series = seriesFrom(100, [[110, 1]]);
  series.addHistory(
    new HistoryColumns(
      { unit: null, tier: "raw", bucket: null, t: [10], value: [0] }, 0, 50, 1,
    ),
  );
  assert.deepEqual(
    stateRuns(series, 0, 200, 0.1).map(({ from, to, min }) => [from, to, min]),
    [[10, 50, 0], [110, 200, 1]],
  );
});

test("a bucket with two values is a run with both", () => {
  const series = seriesFrom(100, []);
  series.addHistory(
    new HistoryColumns(
      {
        unit: null, tier: "1m", bucket: 10, t: [0, 10, 20],
        min: [0, 0, 1], max: [0, 1, 1], mean: [0, 0.25, 1], count: [4, 4, 4],
      },
      0, 100, 10,
    ),
  );
  assert.deepEqual(
    stateRuns(series, 0, 60, 1).map(({ from, to, min, max }) => [from, to, min, max]),
    [[0, 10, 0, 0], [10, 20, 0, 1], [20, 60, 1, 1]],
  );
});

test("a summary weights values by time and counts changes", () => {
  const series = seriesFrom(0, [[0, 0], [90, 1]]);
  const summary = summarizeStates(series, 0, 100);
  assert.equal(summary?.mean, 0.1);
  assert.equal(summary?.changes, 1);
  assert.deepEqual([...(summary?.shares ?? [])], [[0, 90], [1, 10]]);
  assert.equal(summarizeStates(seriesFrom(0, []), 0, 100), null);
});

test("a late reading before the range changes what is held", () => {
  const series = seriesFrom(100, [], { t: 10, value: 0 });
  series.addReadings([50], [1]);
  assert.equal(heldAt(series, 30)?.value, 0);
  assert.equal(heldAt(series, 150)?.value, 1);
});
