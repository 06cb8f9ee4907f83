import assert from "node:assert/strict";
import { test } from "node:test";

import { parseRange, formatRange } from "../view/timeRange.js";
import { TimeView } from "../view/timeView.js";

/** @param {TimeView} view */
const rangeOf = (view) => [view.from, view.to];

test("a live view ends now, and moves", () => {
  const view = new TimeView(1_000, { span: 60 });
  assert.deepEqual(rangeOf(view), [940, 1_000]);
  view.advance(1_001);
  assert.deepEqual(rangeOf(view), [941, 1_001]);
});

test("whoever pans or zooms has paused it, and time leaves it alone", () => {
  const view = new TimeView(1_000, { span: 60 });
  view.pan(-100);
  assert.equal(view.live, false);
  view.advance(2_000);
  assert.deepEqual(rangeOf(view), [840, 900]);
  view.zoom(0.5, 870);
  assert.deepEqual(rangeOf(view), [855, 885]);
  view.resume();
  assert.deepEqual([view.live, view.from, view.to], [true, 1_970, 2_000]);
});

test("the place that is zoomed at stays where it is", () => {
  const view = new TimeView(1_000, { from: 0, to: 100 });
  view.zoom(2, 75);
  const share = (75 - view.from) / view.span;
  assert.ok(Math.abs(share - 0.75) < 1e-9 || view.from === 0);
});

test("only so much future is shown, and nothing before 1970", () => {
  const view = new TimeView(1_000, { span: 100 });
  view.pan(1e9);
  assert.deepEqual(rangeOf(view), [950, 1_050]);
  view.pan(-1e9);
  assert.deepEqual(rangeOf(view), [0, 100]);
});

test("all goes back to the first reading, and is an hour when there is none", () => {
  const view = new TimeView(100_000, { span: Infinity });
  assert.equal(view.span, 3_600);
  view.firstTime = 50_000;
  assert.ok(view.from < 50_000 && view.from > 48_000);
  assert.deepEqual(view.range, { span: Infinity });
});

test("a change is said once, and time going by is none", () => {
  const view = new TimeView(1_000);
  let changes = 0;
  view.addEventListener("change", () => changes++);
  view.advance(1_001);
  assert.equal(changes, 0);
  view.pause();
  view.pause();
  assert.equal(changes, 1);
  view.resume();
  view.resume();
  assert.equal(changes, 2);
});

test("a window is a word in an address", () => {
  for (const [word, asked] of Object.entries({
    "5m": { span: 300 },
    "24h": { span: 86_400 },
    all: { span: Infinity },
    "90s": { span: 90 },
    "100..250.5": { from: 100, to: 250.5 },
  })) {
    assert.deepEqual(parseRange(word), asked);
    assert.equal(formatRange(asked), word);
  }
  assert.deepEqual(parseRange("15m"), { span: 900 });
  for (const word of ["", "5", "0s", "-5m", "9..3", "x..y", "5m "]) {
    assert.equal(parseRange(word), null);
  }
});
