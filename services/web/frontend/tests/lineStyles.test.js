import assert from "node:assert/strict";
import { test } from "node:test";

import { LineStyles } from "../chart/lineStyles.js";
import { paletteStyle } from "../chart/palette.js";

/** @param {...string} names */
const seriesOf = (...names) => names.map((name) => ({ name }));

test("the order in which series arrive does not change their colours", () => {
  const [first, second] = [new LineStyles(), new LineStyles()];
  first.assign(seriesOf("cpu2", "cpu10", "cpu1"));
  second.assign(seriesOf("cpu10", "cpu1", "cpu2"));
  for (const name of ["cpu1", "cpu2", "cpu10"]) {
    assert.deepEqual(first.of({ name }, false), second.of({ name }, false));
  }
  assert.deepEqual(first.of({ name: "cpu2" }, false), paletteStyle(1, false));
});

test("a series keeps its colour while others join and leave", () => {
  const styles = new LineStyles();
  styles.assign(seriesOf("b", "c"));
  const before = styles.of({ name: "c" }, true);
  styles.assign(seriesOf("a", "b", "c"));
  assert.deepEqual(styles.of({ name: "c" }, true), before);
  assert.deepEqual(styles.of({ name: "a" }, true), paletteStyle(2, true));
  styles.assign(seriesOf("c"));
  assert.deepEqual(styles.of({ name: "c" }, true), before);
  styles.assign(seriesOf("b", "c"));
  assert.deepEqual(styles.of({ name: "b" }, true), paletteStyle(0, true));
});

test("a slot that another series got meanwhile stays with that one", () => {
  const styles = new LineStyles();
  styles.assign(seriesOf("a", "b"));
  styles.assign(seriesOf("b"));
  styles.assign(seriesOf("b", "c"));
  styles.assign(seriesOf("a", "b", "c"));
  assert.deepEqual(styles.of({ name: "c" }, false), paletteStyle(0, false));
  assert.deepEqual(styles.of({ name: "a" }, false), paletteStyle(2, false));
});

test("a colour that was set is used in both schemes, and takes no slot", () => {
  const styles = new LineStyles();
  const red = { name: "a", color: "#e03131" };
  styles.assign([red, { name: "b" }]);
  for (const dark of [false, true]) {
    assert.deepEqual(styles.of(red, dark), { color: "#e03131", dash: [] });
    assert.deepEqual(styles.of({ name: "b" }, dark), paletteStyle(0, dark));
  }
});
