import assert from "node:assert/strict";
import { test } from "node:test";

import { TREND_FIGURES } from "../page/panel/lineFigures.js";
import { Series } from "../store/series.js";

/**
 * @param {Series} series
 * @param {number} from
 * @param {number} to
 */
function changeOf(series, from, to) {
  const stats = TREND_FIGURES.stats(series, from, to, to);
  return stats.find(({ label }) => label === "change")?.value;
}

/** @param {...number} values */
function seriesOf(...values) {
  const series = new Series("kitchen");
  series.addReadings(values.map((_, i) => 10 * (i + 1)), values);
  return series;
}

test("the change is from the first to the last reading of the window", () => {
  const series = seriesOf(1, 3, 8, 20);
  assert.equal(changeOf(series, 0, 60), "+19");
  assert.equal(changeOf(series, 15, 35), "+5");
  assert.equal(changeOf(series, 15, 25), "0");
  assert.equal(changeOf(seriesOf(20, 8), 0, 60), "-12");
});

test("a window without readings has no change, although a line crosses it", () => {
  const series = seriesOf(1, 3, 8, 20);
  assert.equal(changeOf(series, 22, 28), undefined);
  assert.equal(changeOf(series, 100, 200), undefined);
});

test("the change of a counter that begins again is its increase", () => {
  const counter = Object.assign(seriesOf(100, 104, 1, 3), { kind: "counter" });
  assert.equal(changeOf(counter, 0, 60), "+7");
});
