import assert from "node:assert/strict";
import { test } from "node:test";

import { tooltipPosition } from "../page/panel/tooltipPosition.js";

const AREA = { left: 50, right: 850, top: 10, bottom: 310 };
const BOX = { width: 200, height: 60 };

/** A level line. @param {number} y */
const line = (y) => Array.from({ length: 400 }, (_, i) => ({ x: 50 + 2 * i, y }));

/** @param {number} x @param {{ x: number, y: number }[]} points */
const place = (x, points, box = BOX, last = -1) => {
  const found = tooltipPosition(box, x, AREA, points, last);
  return [found.x, found.y];
};

test("the box stands right of the pointer, at the top", () => {
  assert.deepEqual(place(100, []), [114, 10]);
});

test("it leaves the line alone", () => {
  assert.deepEqual(place(100, line(30)), [114, 250]);
  assert.deepEqual(place(100, [...line(30), ...line(300)]), [114, 130]);
});

test("at the right edge it goes to the left", () => {
  assert.deepEqual(place(800, []), [586, 10]);
});

test("where both sides are too narrow, it is in the middle", () => {
  assert.deepEqual(place(450, line(30), { width: 500, height: 60 }), [200, 250]);
});

test("it stays inside, however great it is", () => {
  assert.deepEqual(place(450, [], { width: 900, height: 400 }), [50, 10]);
});

test("it does not flicker between places that are as good", () => {
  const top = tooltipPosition(BOX, 100, AREA, line(290), -1);
  const few = [{ x: 150, y: 20 }];
  assert.equal(tooltipPosition(BOX, 101, AREA, few, top.slot).slot, top.slot);
  assert.notEqual(tooltipPosition(BOX, 101, AREA, line(30), top.slot).slot, top.slot);
});

test("where lines are everywhere, it goes above the chart if there is room", () => {
  const lines = [30, 160, 290].flatMap(line);
  assert.equal(tooltipPosition(BOX, 100, { ...AREA, above: 60 }, lines, -1).y, -60);
  assert.ok(tooltipPosition(BOX, 100, { ...AREA, above: 59 }, lines, -1).y >= 10);
  assert.ok(tooltipPosition(BOX, 100, { ...AREA, above: 60 }, line(30), -1).y >= 10);
});
