import assert from "node:assert/strict";
import { test } from "node:test";

import { chartSize, chooseKioskColumns } from "../page/panel/kioskGrid.js";

/**
 * Choose the columns for panels whose legends have lines of 14 pixels below a title.
 *
 * @param {number} count panels
 * @param {number} width pixels
 * @param {number} height pixels
 * @param {number} [lines] of each legend
 */
const columnsFor = (count, width, height, lines = 1) =>
  chooseKioskColumns(count, (columns) => {
    const rows = Math.ceil(count / columns);
    return chartSize(width / columns, height / rows - 20 - 14 * lines);
  });

test("the columns of kiosk view follow the area and the number of panels", () => {
  assert.equal(columnsFor(1, 1_920, 1_000), 1);
  assert.equal(columnsFor(4, 1_920, 1_000), 2);
  assert.equal(columnsFor(8, 1_280, 740), 3);
  assert.equal(columnsFor(9, 1_920, 1_000), 3);
  assert.equal(columnsFor(6, 1_000, 1_200), 2);
  assert.equal(columnsFor(3, 400, 1_200), 1);
  assert.equal(columnsFor(0, 400, 1_200), 1);
});

test("long legends get higher panels", () => {
  assert.equal(columnsFor(10, 774, 431), 4);
  assert.equal(columnsFor(10, 774, 431, 6), 5);
});

test("columns that leave more places free are not tried", () => {
  /** @type {number[]} */
  const tried = [];
  chooseKioskColumns(10, (columns) => tried.push(columns));
  assert.deepEqual(tried, [1, 2, 3, 4, 5, 10]);
});
