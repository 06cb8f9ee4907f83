import assert from "node:assert/strict";
import test from "node:test";

import { differenceText } from "../page/compare/differenceText.js";
import { Series } from "../store/series.js";

const AGO = "1 day ago";

/** @param {string | null} unit @param {number[]} values */
function createSeries(unit, values) {
  const series = new Series("room");
  series.unit = unit;
  series.addReadings(values.map((_, i) => i), values);
  return series;
}

test("a value is followed by its difference and the value from then", () => {
  const room = createSeries("°C", [21.4, 20.6]);
  const text = (/** @type {number | null} */ value, /** @type {number} */ then) =>
    differenceText(room, value, { value: then, ago: AGO }, false);
  assert.equal(text(21.4, 20.6), ", +0.8 vs 20.6 °C 1 day ago");
  assert.equal(text(20.6, 21.4), ", -0.8 vs 21.4 °C 1 day ago");
  assert.equal(text(20.6, 20.6), ", 0.0 vs 20.6 °C 1 day ago");
  assert.equal(text(null, 20.6), ", 20.6 °C 1 day ago");
});

test("a series without a unit has none in the text", () => {
  const text = differenceText(createSeries(null, [3, 5]), 3, { value: 5, ago: AGO }, false);
  assert.equal(text, ", -2 vs 5 1 day ago");
});
