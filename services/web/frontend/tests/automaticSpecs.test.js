import assert from "node:assert/strict";
import { test } from "node:test";

import { automaticSpecs, MAX_COUNTER_LINE_SECONDS } from "../page/panel/automaticSpecs.js";

/** @typedef {import("../page/panel/automaticSpecs.js").ArrangedSeries} ArrangedSeries */

/**
 * @param {string} name
 * @param {string | null} unit
 * @param {ArrangedSeries["kind"]} [kind]
 * @param {Record<string, string> | null} [tags]
 */
const series = (name, unit, kind = "measure", tags = null) =>
  /** @type {ArrangedSeries} */ ({ name, unit, kind, tags });

/**
 * @param {ArrangedSeries[]} all
 * @param {number} [spanSeconds]
 */
const arrange = (all, spanSeconds = 60) =>
  automaticSpecs(all, spanSeconds).map(({ id, type, series: names }) => [id, type, names]);

test("measures share a panel by unit, states share one, and counters come last", () => {
  const all = [
    series("meter", "kWh", "counter"),
    series("door", null, "state"),
    series("kitchen", "°C"),
    series("lamp", "W", "state"),
    series("bath", "°C"),
    series("humidity", "%"),
  ];
  assert.deepEqual(arrange(all), [
    ["line-°C", "line", ["kitchen", "bath"]],
    ["line-%", "line", ["humidity"]],
    ["states", "states", ["door", "lamp"]],
    ["bars-kWh", "line", ["meter"]],
  ]);
});

test("counters are bars in windows longer than two hours", () => {
  const meter = [series("meter", "kWh", "counter")];
  const typeIn = (/** @type {number} */ span) => arrange(meter, span)[0][1];
  assert.equal(typeIn(MAX_COUNTER_LINE_SECONDS), "line");
  assert.equal(typeIn(MAX_COUNTER_LINE_SECONDS + 1), "bars");
});

test("series without a unit are grouped by the last part of their names", () => {
  const names = ["web/cpu", "db/cpu", "web/load", "db/load"];
  assert.deepEqual(arrange(names.map((name) => series(name, null))), [
    ["line-cpu", "line", ["web/cpu", "db/cpu"]],
    ["line-load", "line", ["web/load", "db/load"]],
  ]);
});

test("series without a unit are grouped by measurement and field of their tags", () => {
  const tags = (/** @type {string} */ field) => ({ measurement: "cpu", field });
  const all = [
    series("a", null, "measure", tags("user")),
    series("b", null, "measure", tags("idle")),
    series("c", null, "measure", tags("user")),
  ];
  assert.deepEqual(arrange(all).map(([id]) => id), ["line-cpu user", "line-cpu idle"]);
});

test("names that would need one panel each share one", () => {
  assert.deepEqual(arrange([series("a", null), series("b", null)]), [["line", "line", ["a", "b"]]]);
});
