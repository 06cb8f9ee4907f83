import assert from "node:assert/strict";
import test from "node:test";

import { LINE_FIGURES } from "../page/panel/lineFigures.js";
import { Series } from "../store/series.js";

test("a state that is drawn as a line has its shares of the time, and no mean of its readings", () => {
  const door = new Series("door");
  Object.assign(door, { kind: "state", states: { 0: "closed", 1: "open" }, completeFrom: 0 });
  door.addReadings([0, 90, 100], [0, 1, 0]);
  const stats = LINE_FIGURES.stats(door, 0, 200, 200);
  assert.deepEqual(stats.map(({ label }) => label), ["for", "open", "changes"]);
  assert.match(stats[1].value, /^5/);
});

test("a measure has its mean", () => {
  const kitchen = new Series("kitchen");
  kitchen.addReadings([0, 90, 100], [20, 21, 22]);
  const stats = LINE_FIGURES.stats(kitchen, 0, 200, 200);
  assert.deepEqual(stats.map(({ label }) => label), ["min", "mean", "max"]);
});
