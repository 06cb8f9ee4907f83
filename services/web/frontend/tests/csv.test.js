import assert from "node:assert/strict";
import { test } from "node:test";

import { formatCsv, formatIsoTime } from "../page/export/csv.js";
import { readingRows } from "../page/readingRows.js";
import { Series } from "../store/series.js";

/** @param {number} time @param {number} value */
const single = (time, value) => {
  return { time, value, min: value, max: value, count: 1, bucketSeconds: 0 };
};

test("times are UTC, to the microsecond", () => {
  assert.equal(formatIsoTime(1_763_793_660.123456), "2025-11-22T06:41:00.123456Z");
  assert.equal(formatIsoTime(0), "1970-01-01T00:00:00.000000Z");
  assert.equal(formatIsoTime(1.000001), "1970-01-01T00:00:01.000001Z");
});

test("single readings and buckets share their columns", () => {
  const bucket = { time: 60, value: 2, min: 1, max: 3, count: 4, bucketSeconds: 60 };
  const rows = [single(1, 21.5), bucket];
  assert.deepEqual(formatCsv([{ name: "kitchen", unit: "°C", kind: "measure", rows }]).split("\r\n"), [
    "series,unit,time,value,min,max,count,seconds",
    "kitchen,°C,1970-01-01T00:00:01.000000Z,21.5,,,,",
    "kitchen,°C,1970-01-01T00:01:00.000000Z,2,1,3,4,60",
    "",
  ]);
});

test("a mean has three more decimals than the readings of its bucket, and a reading is exact", () => {
  const bucket = { time: 60, min: 20, max: 20.5, count: 3, bucketSeconds: 60 };
  const rows = [{ ...bucket, value: 20.133333333333333 }, single(120, 20.133333333333333)];
  const lines = formatCsv([{ name: "kitchen", unit: null, kind: "measure", rows }]).split("\r\n");
  assert.equal(lines[1], "kitchen,,1970-01-01T00:01:00.000000Z,20.1333,20,20.5,3,60");
  assert.equal(lines[2], "kitchen,,1970-01-01T00:02:00.000000Z,20.133333333333333,,,,");
});

test("a bucket of a state or a counter has no mean", () => {
  const bucket = { time: 60, value: 0.5, min: 0, max: 1, count: 4, bucketSeconds: 60 };
  for (const kind of /** @type {const} */ (["state", "counter"])) {
    const rows = [single(1, 1), bucket];
    const lines = formatCsv([{ name: "a", unit: null, kind, rows }]).split("\r\n");
    assert.equal(lines[1], "a,,1970-01-01T00:00:01.000000Z,1,,,,");
    assert.equal(lines[2], "a,,1970-01-01T00:01:00.000000Z,,0,1,4,60");
  }
});

test("a name is quoted, and one that a spreadsheet would run as a formula gets an apostrophe", () => {
  const quoted = (/** @type {string} */ name) =>
    formatCsv([{ name, unit: null, kind: "measure", rows: [single(1, 2)] }]).slice(46).split(",,1970")[0];
  assert.equal(quoted('a "b", c'), '"a ""b"", c"');
  assert.equal(quoted('=HYPERLINK("x")'), `"'=HYPERLINK(""x"")"`);
  assert.equal(quoted("-1"), `"'-1"`);
  assert.equal(quoted("<img onerror>"), "<img onerror>");
});

test("rows contain the readings between two times", () => {
  const series = new Series("kitchen");
  series.addReadings([1, 2, 3, 4], [10, 20, 30, 40]);
  assert.deepEqual([...readingRows(series, 2, 3, 0.01)], [single(2, 20), single(3, 30)]);
});
