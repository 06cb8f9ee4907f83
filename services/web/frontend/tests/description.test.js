import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeFormat } from "../format.js";
import { describeChart, describedKey } from "../page/panel/description.js";
import { STATE_FIGURES } from "../page/panel/stateFigures.js";
import { Series } from "../store/series.js";

test("a chart is described in sentences", () => {
  const kitchen = new Series("kitchen");
  kitchen.unit = "°C";
  kitchen.addReadings([10, 20, 30], [20, 21, 25]);
  const mean = (22).toLocaleString(undefined, { minimumFractionDigits: 1 });
  const view = { from: 5, to: 65, now: 65, live: true };
  assert.equal(
    describeChart(
      [
        { series: kitchen, label: "kitchen" },
        { series: new Series("attic"), label: "attic" },
      ],
      view,
      new TimeFormat("UTC"),
    ),
    `The last 1 min. kitchen: 3 readings from 20 °C to 25 °C, mean ${mean} °C. ` +
      "attic: no readings.",
  );
});

test("a paused window is described by its range", () => {
  const view = { from: 0, to: 60, now: 60, live: false };
  assert.match(describeChart([], view, new TimeFormat("UTC")), /1970.*00:00.*01:00/);
});

test("a paused window is described as it was at its end", () => {
  const door = Object.assign(new Series("door"), { kind: "state" });
  door.addReadings([0, 600, 900], [0, 1, 0]);
  const view = { from: 0, to: 720, now: 10_000, live: false };
  const described = [{ series: door, label: "door" }];
  const text = describeChart(described, view, new TimeFormat("UTC"), STATE_FIGURES);
  assert.match(text, /door: open for 2 min, open 17%, changes 1\.$/);
});

test("a live window says how far it is ahead", () => {
  const view = { from: 0, to: 900, now: 600, live: true };
  const text = describeChart([], view, new TimeFormat("UTC"));
  assert.equal(text, "The last 10 min and 5 min ahead.");
});

test("the key of a description follows the window and loaded history, not live readings", () => {
  const series = new Series("kitchen");
  const keyOf = (/** @type {import("../view/timeRange.js").TimeRange} */ range) =>
    describedKey(range, [series]);
  const key = keyOf({ span: 60 });
  series.addReadings([10], [20]);
  assert.equal(keyOf({ span: 60 }), key);
  assert.notEqual(keyOf({ span: 120 }), key);
  assert.notEqual(keyOf({ from: 0, to: 60 }), keyOf({ from: 1, to: 61 }));
  series.replaceNewest({ unit: null, tier: "raw", bucket: null, t: [5], value: [1] }, 0);
  assert.notEqual(keyOf({ span: 60 }), key);
});
