import assert from "node:assert/strict";
import { test } from "node:test";

import {
  formatReading,
  formatSeriesMean,
  formatSeriesParts,
  formatSeriesValue,
} from "../format.js";
import { Series } from "../store/series.js";

/**
 * Format a number with these decimals, in the language of the machine.
 *
 * @param {number} value
 * @param {number} decimals
 */
const localized = (value, decimals) =>
  value.toLocaleString(undefined, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });

let clock = 0;

/**
 * @param {string | null} unit
 * @param {...number} values
 */
function seriesOf(unit, ...values) {
  const series = new Series("kitchen");
  series.unit = unit;
  addValues(series, ...values);
  return series;
}

/**
 * @param {Series} series
 * @param {...number} values
 */
function addValues(series, ...values) {
  series.addReadings(values.map(() => ++clock), values);
}

test("all values of a series have the same decimals", () => {
  const series = seriesOf("°C", 21.9, 22);
  assert.equal(formatSeriesValue(series, 22), `${localized(22, 1)} °C`);
  addValues(series, 23);
  assert.equal(formatSeriesValue(series, 23), `${localized(23, 1)} °C`);
});

test("decimals stay while all recent values are whole numbers, and near a power of ten", () => {
  const series = seriesOf("°C", 21.5);
  assert.equal(formatSeriesValue(series, 21), `${localized(21, 1)} °C`);
  for (let i = 0; i < 100; i++) addValues(series, 20 + (i % 3));
  assert.equal(formatSeriesValue(series, 21), `${localized(21, 1)} °C`);
  const speed = seriesOf("rpm", 999.25);
  assert.equal(formatSeriesValue(speed, 999), `${localized(999, 2)} rpm`);
  for (let i = 0; i < 50; i++) addValues(speed, 1_000 + i);
  assert.equal(formatSeriesValue(speed, 1_020), `${localized(1_020, 2)} rpm`);
});

test("all values of a series have the same prefix, also around a limit", () => {
  const series = seriesOf("W", 990, 985.5);
  assert.equal(formatSeriesValue(series, 3_000), `${localized(3_000, 1)} W`);
  addValues(series, ...Array.from({ length: 40 }, () => 1_100));
  assert.equal(formatSeriesParts(series, 1_100).unit, "W");
  addValues(series, ...Array.from({ length: 40 }, () => 5_100));
  assert.deepEqual(formatSeriesParts(series, 5_123), { number: localized(5.12, 2), unit: "kW" });
  addValues(series, ...Array.from({ length: 40 }, () => 900));
  assert.equal(formatSeriesParts(series, 900).unit, "kW");
});

test("decimals that were set are used, without a prefix", () => {
  const format = (/** @type {number} */ decimals) =>
    formatSeriesValue({ unit: "W", decimals }, 1_234.5678);
  assert.equal(format(3), `${localized(1_234.568, 3)} W`);
  assert.equal(format(0), `${localized(1_235, 0)} W`);
});

test("a counter has the decimals of its readings", () => {
  const series = Object.assign(seriesOf("kWh", 18_671.832), { kind: "counter" });
  assert.equal(formatSeriesValue(series, 18_671.832), `${localized(18_671.832, 3)} kWh`);
});

test("small changes of a large value are visible", () => {
  const series = seriesOf("Pa.", 101_325.02, 101_325.04);
  assert.equal(formatSeriesValue(series, 101_325.03), `${localized(101_325.03, 2)} Pa.`);
});

test("rounding errors of the sender are not shown", () => {
  const rate = seriesOf("°C/h", 2205.6, 2205.6000000000004);
  assert.equal(formatSeriesValue(rate, 2205.6), `${localized(2205.6, 1)} °C/h`);
  const series = seriesOf(null, 0.1 + 0.2, 0.7 + 0.1);
  assert.equal(formatSeriesValue(series, 0.1 + 0.2), localized(0.3, 3));
  assert.equal(formatSeriesValue(seriesOf(null, 5, -0.5, 0.001), -0.001), localized(-0.001, 3));
});

test("a mean has one more digit than whole numbers, if it is short", () => {
  assert.equal(formatSeriesMean(seriesOf(null, 3, 4), 3.4444), localized(3.4, 1));
  assert.equal(formatSeriesMean(seriesOf("ppm", 723, 724), 723.62), `${localized(724, 0)} ppm`);
  assert.equal(formatSeriesMean(seriesOf("°C", 21.5), 21.5333), `${localized(21.5, 1)} °C`);
});

test("a mean of small values has one more digit, too", () => {
  const series = seriesOf(null, -0.001, 0);
  assert.equal(formatSeriesMean(series, -0.0005), localized(-0.0005, 4));
});

test("the mean of a state is a number, also if a state has this number", () => {
  const series = Object.assign(seriesOf(null, 0, 1, 2, 3), { kind: "state" });
  assert.equal(formatSeriesMean(series, 1), localized(1, 1));
});

test("values with a power of ten have the same digits", () => {
  const series = seriesOf(null, 1e-9, 1.5e-9, 6.9e-9, 0);
  const texts = [1e-9, 6.9e-9, 2e-9].map((value) => formatSeriesValue(series, value));
  assert.deepEqual(texts, [1e-9, 6.9e-9, 2e-9].map((value) => value.toLocaleString(undefined, {
    notation: "scientific", minimumFractionDigits: 1, maximumFractionDigits: 1,
  })));
  assert.equal(formatSeriesValue(series, 0), "0");
});

test("a single reading is exact, and has no fewer decimals than the others", () => {
  const series = seriesOf("W", 1_234.56789, 20.5);
  assert.equal(formatReading(series, 1_234.56789), `${localized(1_234.56789, 5)} W`);
  assert.equal(formatReading(seriesOf("°C", 21.9, 22), 22), `${localized(22, 1)} °C`);
  assert.equal(formatReading(seriesOf(null, 0.1 + 0.2), 0.1 + 0.2), localized(0.3, 3));
});

test("the value of a state is its word", () => {
  const states = { 0: "closed", 1: "open" };
  const door = { kind: "state", unit: null, states };
  assert.equal(formatSeriesValue(door, 1), "open");
  assert.equal(formatSeriesValue(door, 2), "2");
  assert.equal(formatSeriesValue({ ...door, kind: "measure" }, 1), "1");
});

test("a guessed state has its words, also those of 0 and 1", () => {
  const door = { name: "front door", kind: null, guessed_kind: "state", unit: null };
  assert.equal(formatSeriesValue(door, 1), "open");
  assert.equal(formatSeriesValue({ ...door, states: { 1: "ajar" } }, 1), "ajar");
  assert.equal(formatSeriesValue({ ...door, guessed_kind: "measure" }, 1), "1");
});

test("a series has the digits of the server's sample, however many readings are known", () => {
  const sample = { decimals: 1, typical: 28.9, spread: 1.2 };
  const listed = { unit: "%", sample };
  assert.equal(formatSeriesValue(listed, 29), `${localized(29, 1)} %`);
  const series = new Series("a");
  Object.assign(series, listed);
  addValues(series, 29);
  assert.equal(formatSeriesValue(series, 29), `${localized(29, 1)} %`);
  addValues(series, ...Array.from({ length: 50 }, (_, i) => 60 + i));
  assert.equal(formatSeriesValue(series, 29), `${localized(29, 1)} %`);
});

test("prefix and digits of the sample stay while the window has somewhat other values", () => {
  const listed = { unit: "W", sample: { decimals: 3, typical: 1_050, spread: 400 } };
  const expected = { number: localized(0.95, 2), unit: "kW" };
  assert.deepEqual(formatSeriesParts(listed, 950.125), expected);
  const series = Object.assign(new Series("a"), listed);
  addValues(series, 950.125, 800.5);
  assert.deepEqual(formatSeriesParts(series, 950.125), expected);
  const speed = { unit: "rpm", sample: { decimals: 2, typical: 1_010, spread: 20 } };
  const shown = Object.assign(new Series("b"), speed);
  addValues(shown, 990.25);
  assert.equal(formatSeriesValue(shown, 990.25), formatSeriesValue(speed, 990.25));
});

test("values of another magnitude than the sample get the digits that they need", () => {
  const series = Object.assign(new Series("a"), {
    unit: "W", sample: { decimals: 1, typical: 0, spread: 0 },
  });
  addValues(series, ...Array.from({ length: 20 }, (_, i) => 4_200.5 + i));
  assert.deepEqual(formatSeriesParts(series, 4_213.5), { number: localized(4.21, 2), unit: "kW" });
});

test("a series of the list, without a sample, is formatted by its value alone", () => {
  assert.equal(formatSeriesValue({ unit: "W" }, 1_234.5), `${localized(1.23, 2)} kW`);
  assert.equal(formatSeriesValue({ unit: null }, 12_345_678_901), localized(12_345_678_901, 0));
});
