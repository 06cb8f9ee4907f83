import assert from "node:assert/strict";
import test from "node:test";

import { StateCells } from "../chart/stateCells.js";
import { Series } from "../store/series.js";

/** @param {number} to end of a window of 100 s */
const viewport = (to) => /** @type {any} */ ({ from: to - 100, to, columnSeconds: 0.1 });

/** Cells of a door that was opened at 910 s, seen at 1,000 s. */
function openDoor() {
  const series = new Series("door");
  series.completeFrom = 0;
  series.addReadings([890, 910], [0, 1]);
  const cells = new StateCells(series);
  cells.update(viewport(1_000), 1_000);
  return { series, cells };
}

test("readings that repeat the value keep the cells, and the last one grows", () => {
  const { series, cells } = openDoor();
  const before = cells.all;
  series.addReadings([1_001, 1_002], [1, 1]);
  assert.ok(cells.isOutdated);
  cells.update(viewport(1_003), 1_003);
  assert.ok(!cells.isOutdated);
  assert.equal(cells.all, before);
  assert.equal(cells.endOf(cells.all.length - 1, 1_003), 1_003);
});

test("another value after repeated ones begins a cell", () => {
  const { series, cells } = openDoor();
  series.addReadings([1_001], [1]);
  cells.update(viewport(1_002), 1_002);
  series.addReadings([1_003], [0]);
  cells.update(viewport(1_004), 1_004);
  assert.deepEqual(
    cells.all.map(({ from, min }) => [from, min]),
    [[890, 0], [910, 1], [1_003, 0]],
  );
});

test("a late reading changes the cells, also with the same value", () => {
  const { series, cells } = openDoor();
  series.addReadings([900], [1]);
  cells.update(viewport(1_000), 1_000);
  assert.deepEqual(cells.all.map(({ from }) => from), [890, 900]);
});
