import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock } from "../store/serverClock.js";
import { DisplayClock } from "../view/displayClock.js";

const FRAME_SECONDS = 0.016;

/** Return a display clock; `run` advances it frame by frame while readings arrive. */
function createClock() {
  let monotonic = 0;
  const clock = new ServerClock(() => monotonic, 1_000);
  const display = new DisplayClock(clock);
  /** Speed of the displayed time in each frame. @type {number[]} */
  const speeds = [];
  const run = (
    /** @type {number} */ seconds,
    newestAt = /** @type {(now: number) => number | null} */ (() => null),
  ) => {
    for (const end = monotonic + seconds; monotonic < end; ) {
      monotonic += FRAME_SECONDS;
      const before = display.now;
      display.advance(newestAt(clock.now()));
      speeds.push((display.now - before) / FRAME_SECONDS);
    }
  };
  const sleep = (/** @type {number} */ seconds) => (monotonic += seconds);
  return { clock, display, run, speeds, sleep };
}

/**
 * Return a function that returns the newest reading that has arrived at a time.
 *
 * @param {number} intervalSeconds between two readings
 * @param {number} delaySeconds from the time of a reading to its arrival
 */
const arrivals = (intervalSeconds, delaySeconds) => (/** @type {number} */ now) =>
  Math.floor((now - delaySeconds) / intervalSeconds) * intervalSeconds;

test("the display is behind by the time that the next reading takes to arrive", () => {
  const { clock, display, run } = createClock();
  run(30, arrivals(0.1, 0.05));
  const behind = clock.now() - display.now;
  assert.ok(behind > 0.13 && behind < 0.2, `${behind}`);
});

test("the display does not wait for slow series, and at most 0.5 s for late ones", () => {
  const { clock, display, run } = createClock();
  run(120, arrivals(10, 0.08));
  assert.ok(clock.now() - display.now < 0.15);
  run(200, arrivals(10, 5));
  assert.ok(display.delaySeconds <= 0.5);
});

test("the display runs at an even speed while the clock and the delay change", () => {
  const { clock, run, speeds } = createClock();
  run(2, arrivals(0.1, 0.05));
  clock.observe(clock.now() + 0.3);
  run(10, arrivals(0.2, 0.2));
  assert.ok(speeds.every((speed) => speed > 0.94 && speed < 1.06));
});

test("the display jumps to now after a sleep", () => {
  const { clock, display, run, sleep } = createClock();
  run(1, arrivals(0.1, 0));
  sleep(3_600);
  run(FRAME_SECONDS);
  clock.observe(clock.now() + 60);
  run(FRAME_SECONDS);
  assert.ok(Math.abs(clock.now() - display.now) < 0.6);
});

test("the window reaches to a sender that is ahead, evenly, and not beyond ten minutes", () => {
  const { display, run } = createClock();
  run(5, (now) => now);
  assert.equal(display.aheadSeconds, 0);
  run(5, arrivals(1, -300));
  const { aheadSeconds } = display;
  assert.ok(aheadSeconds > 299 && aheadSeconds < 301.5, `${aheadSeconds}`);
  run(30, arrivals(1, -300));
  assert.ok(Math.abs(display.aheadSeconds - aheadSeconds) < 1, `${display.aheadSeconds}`);
  run(5, () => 1e9);
  assert.equal(display.aheadSeconds, 600);
});

test("the window narrows again after the sender's clock was set", () => {
  const { clock, display, run } = createClock();
  run(5, arrivals(1, -20));
  assert.ok(display.aheadSeconds > 19);
  const newest = clock.now() + 20;
  run(40, () => newest);
  assert.equal(display.aheadSeconds, 0);
});
