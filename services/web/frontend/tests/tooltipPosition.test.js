import assert from "node:assert/strict";
import { test } from "node:test";

import { tooltipPosition } from "../page/panel/tooltipPosition.js";

const AREA = { left: 50, right: 850, top: 10, bottom: 310 };
const BOX = { width: 200, height: 60 };

/** A horizontal line. @param {number} y */
const line = (y) => Array.from({ length: 400 }, (_, i) => ({ x: 50 + 2 * i, y }));

/** @param {number} x @param {{ x: number, y: number }[]} points */
const corner = (x, points, box = BOX, area = AREA) => {
  const found = tooltipPosition(box, x, area, points, -1);
  return found && [found.x, found.y];
};

test("the tooltip is right of the pointer, at the top", () => {
  assert.deepEqual(corner(100, []), [114, 10]);
});

test("the tooltip does not cover a line", () => {
  assert.deepEqual(corner(100, line(30)), [114, 250]);
  assert.deepEqual(corner(100, [...line(30), ...line(300)]), [114, 130]);
});

test("at the right edge the tooltip is left of the pointer", () => {
  assert.deepEqual(corner(800, []), [586, 10]);
});

test("a tooltip too wide for either side is centred", () => {
  assert.deepEqual(corner(450, line(30), { width: 500, height: 60 }), [200, 250]);
});

test("a tooltip larger than the chart begins at its top, and covers the value axis", () => {
  assert.deepEqual(corner(450, [], { width: 820, height: 400 }), [30, 10]);
  assert.deepEqual(corner(450, [], { width: 900, height: 400 }), [0, 10]);
});

test("the tooltip keeps its slot unless another is clearly better", () => {
  const top = tooltipPosition(BOX, 100, AREA, line(290), -1) ?? { slot: -1 };
  const few = [{ x: 150, y: 20 }];
  assert.equal(tooltipPosition(BOX, 101, AREA, few, top.slot)?.slot, top.slot);
  assert.notEqual(tooltipPosition(BOX, 101, AREA, line(30), top.slot)?.slot, top.slot);
});

test("the tooltip is beside the selection, from wherever the pointer is", () => {
  const area = { ...AREA, selection: { left: 300, right: 500 } };
  assert.deepEqual(corner(100, [], BOX, area), [514, 10]);
  assert.deepEqual(corner(80, [], BOX, area), [94, 10]);
  assert.deepEqual(corner(400, [], BOX, area), [514, 10]);
  assert.deepEqual(corner(600, line(30), BOX, area), [614, 250]);
});

test("without room beside the selection the tooltip is above the chart, or hidden", () => {
  const area = { ...AREA, selection: { left: 100, right: 800 } };
  assert.equal(corner(400, [], BOX, area), null);
  assert.equal(corner(400, [], BOX, { ...area, above: 60 })?.[1], -60);
});

test("among lines everywhere the tooltip is above the chart, if it fits there", () => {
  const lines = [30, 160, 290].flatMap(line);
  assert.equal(tooltipPosition(BOX, 100, { ...AREA, above: 60 }, lines, -1)?.y, -60);
  assert.equal(tooltipPosition(BOX, 100, { ...AREA, above: 59 }, lines, -1)?.y, 10);
  assert.equal(tooltipPosition(BOX, 100, { ...AREA, above: 60 }, line(30), -1)?.y, 250);
});
