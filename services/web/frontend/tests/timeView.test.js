import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeView } from "../view/timeView.js";

/** @param {TimeView} view */
const ends = (view) => [view.from, view.to];

test("a live view ends now and moves with the time", () => {
  const view = new TimeView(1_000, { span: 60 });
  assert.deepEqual(ends(view), [940, 1_000]);
  view.advance(1_001);
  assert.deepEqual(ends(view), [941, 1_001]);
});

test("panning or zooming pauses the view until it is resumed", () => {
  const view = new TimeView(1_000, { span: 60 });
  view.pan(-100);
  assert.equal(view.live, false);
  view.advance(2_000);
  assert.deepEqual(ends(view), [840, 900]);
  view.zoom(0.5, 870);
  assert.deepEqual(ends(view), [855, 885]);
  view.resume();
  assert.deepEqual([view.live, view.from, view.to], [true, 1_940, 2_000]);
});

test("a window of today grows until midnight, and then begins again", () => {
  const midnight = new Date(2026, 10, 27).getTime() / 1_000;
  const view = new TimeView(midnight - 3_600, { span: 1, since: "day" });
  assert.deepEqual(ends(view), [midnight - 86_400, midnight - 3_600]);
  view.advance(midnight - 1);
  assert.deepEqual(ends(view), [midnight - 86_400, midnight - 1]);
  view.advance(midnight + 10);
  assert.deepEqual(ends(view), [midnight - 50, midnight + 10]);
  view.pan(-100);
  view.advance(midnight + 7_200);
  assert.deepEqual(ends(view), [midnight - 150, midnight - 90]);
  view.resume();
  assert.deepEqual(ends(view), [midnight, midnight + 7_200]);
  assert.deepEqual(view.range, { span: 7_200, since: "day" });
});

test("the center of a zoom stays at its position", () => {
  const view = new TimeView(1_000, { from: 0, to: 100 });
  view.zoom(2, 75);
  const share = (75 - view.from) / view.span;
  assert.ok(Math.abs(share - 0.75) < 1e-9 || view.from === 0);
});

test("a view shows at most half a window of the future, and nothing before 1970", () => {
  const view = new TimeView(1_000, { span: 100 });
  view.pan(1e9);
  assert.deepEqual(ends(view), [950, 1_050]);
  view.pan(-1e9);
  assert.deepEqual(ends(view), [0, 100]);
});

test("another length in the past keeps the middle, and never moves beyond now", () => {
  const view = new TimeView(10_000, { from: 4_990, to: 5_010 });
  view.showSpan(1_000);
  assert.deepEqual([view.live, ...ends(view)], [false, 4_500, 5_500]);
  view.show({ from: 9_900, to: 9_960 });
  view.showSpan(1_000);
  assert.deepEqual([view.live, ...ends(view)], [false, 9_000, 10_000]);
  view.showSpan(Infinity);
  assert.equal(view.live, true);
});

test("a step moves by a whole window, and forward at most to now", () => {
  const view = new TimeView(1_000, { span: 100 });
  view.step(-1);
  view.step(-1);
  assert.deepEqual(ends(view), [700, 800]);
  view.step(1);
  view.advance(1_050);
  view.step(1);
  assert.deepEqual(ends(view), [900, 1_000]);
  view.step(1);
  assert.deepEqual(ends(view), [950, 1_050]);
});

test("a proposed length is shown only until somebody has chosen a range", () => {
  const view = new TimeView(1_000);
  view.propose(300);
  assert.deepEqual([view.chosen, ...ends(view)], [false, 700, 1_000]);
  view.pause();
  view.propose(60);
  assert.deepEqual([view.chosen, ...ends(view)], [true, 700, 1_000]);
  view.resume();
  assert.deepEqual(view.range, { span: 300 });
  const linked = new TimeView(1_000, { span: 60 });
  linked.propose(300);
  assert.deepEqual(linked.range, { span: 60 });
});

test("a view that began with a past range keeps its length when it returns to live", () => {
  const view = new TimeView(10_000, { from: 1_000, to: 4_600 });
  view.resume();
  assert.deepEqual(view.range, { span: 3_600 });
});

test("the view of all readings begins at the first one, and is 1 h long without any", () => {
  const view = new TimeView(100_000, { span: Infinity });
  assert.equal(view.span, 3_600);
  view.firstTime = 50_000;
  assert.ok(view.from < 50_000 && view.from > 48_000);
  assert.deepEqual(view.range, { span: Infinity });
});

test("the event change is sent once for each change, but not as time passes", () => {
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

test("a live window also shows what is ahead, and its length does not grow with each pause", () => {
  const view = new TimeView(1_000, { span: 60 });
  view.advance(1_000, 300);
  assert.deepEqual([view.from, view.to, view.span], [940, 1_300, 360]);
  assert.deepEqual(view.range, { span: 60 });
  view.pause();
  view.resume();
  assert.deepEqual([view.from, view.to, view.spanToNow], [940, 1_300, 60]);
  view.advance(1_010);
  assert.deepEqual([view.from, view.to], [950, 1_010]);
});

test("a view that is limited to the newest time shows nothing before it", () => {
  const view = new TimeView(1_000_000, undefined, { span: 3_600 });
  view.show({ span: Infinity });
  assert.deepEqual([view.live, view.span], [true, 3_600]);
  view.propose(86_400);
  assert.equal(view.span, 3_600);
  view.showSpan(60);
  assert.equal(view.span, 60);
  view.pan(-10_000);
  assert.deepEqual([view.live, view.from, view.span], [false, 996_400, 60]);
  view.zoom(1_000);
  assert.deepEqual([view.from, view.span], [996_400, 3_600]);
  view.show({ span: 86_400, since: "month" });
  view.advance(1_000_500);
  assert.deepEqual([view.live, view.from, view.to], [true, 996_900, 1_000_500]);
});

test("a view that is limited to a range stays in it", () => {
  const view = new TimeView(1_000_000, { from: 500, to: 900 }, { from: 500, to: 900 });
  assert.deepEqual([view.live, view.from, view.to], [false, 500, 900]);
  view.zoom(0.5);
  assert.deepEqual([view.from, view.to], [600, 800]);
  view.pan(-1_000);
  assert.deepEqual([view.from, view.to], [500, 700]);
  view.step(1);
  view.step(1);
  assert.deepEqual([view.from, view.to], [700, 900]);
  for (const range of [{ span: 60 }, { span: Infinity }, { from: 0, to: 5_000 }]) {
    view.show({ from: 600, to: 700 });
    view.show(range);
    assert.deepEqual([view.live, view.from, view.to], [false, 500, 900]);
  }
  view.resume();
  assert.deepEqual([view.live, view.from, view.to], [false, 500, 900]);
});
