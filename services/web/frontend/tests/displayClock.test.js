import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock } from "../store/serverClock.js";
import { DisplayClock } from "../view/displayClock.js";

/** A clock and a pace; `pass` lets frames of 16 ms go by while readings come. */
function page() {
  let ticks = 0;
  const clock = new ServerClock(() => ticks, 1_000);
  const pace = new DisplayClock(clock);
  /** @type {number[]} */
  const steps = [];
  const pass = (/** @type {number} */ seconds, newest = (/** @type {number} */ _now) => NaN) => {
    for (const end = ticks + seconds; ticks < end; ) {
      ticks += 0.016;
      const before = pace.now;
      const time = newest(clock.now());
      pace.advance(Number.isNaN(time) ? null : time);
      steps.push((pace.now - before) / 0.016);
    }
  };
  return { clock, pace, pass, steps, sleep: (/** @type {number} */ s) => (ticks += s) };
}

/** The newest of readings that come each `interval` and take `late` seconds. */
const every = (/** @type {number} */ interval, /** @type {number} */ late) =>
  (/** @type {number} */ now) => Math.floor((now - late) / interval) * interval;

test("the window stays behind by as much as the next reading takes to come", () => {
  const { clock, pace, pass } = page();
  pass(30, every(0.1, 0.05));
  const behind = clock.now() - pace.now;
  assert.ok(behind > 0.13 && behind < 0.2, `${behind}`);
});

test("series that are slow are not waited for, and a late one only so long", () => {
  const { clock, pace, pass } = page();
  pass(120, every(10, 0.08));
  assert.ok(clock.now() - pace.now < 0.15);
  pass(200, every(10, 5));
  assert.ok(pace.delaySeconds <= 0.5);
});

test("the pace is even, whatever the clock does", () => {
  const { clock, pass, steps } = page();
  pass(2, every(0.1, 0.05));
  clock.observe(clock.now() + 0.3);
  pass(10, every(0.2, 0.2));
  assert.ok(steps.every((step) => step > 0.94 && step < 1.06));
});

test("after a sleep it goes on from now", () => {
  const { clock, pace, pass, sleep } = page();
  pass(1, every(0.1, 0));
  sleep(3_600);
  pass(0.016);
  clock.observe(clock.now() + 60);
  pass(0.016);
  assert.ok(Math.abs(clock.now() - pace.now) < 0.6);
});
