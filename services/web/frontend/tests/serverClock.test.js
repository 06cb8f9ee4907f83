import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock } from "../store/serverClock.js";

test("the clock follows the frame with the shortest delay", () => {
  let monotonic = 100;
  const clock = new ServerClock(() => monotonic, 5_000);
  assert.equal(clock.now(), 5_000);
  clock.observe(7_000);
  assert.equal(clock.now(), 7_000);
  monotonic = 105;
  clock.observe(7_004.2); // delayed by 0.8 s
  assert.equal(clock.now(), 7_005);
});

test("the clock follows the next frame after a restart", () => {
  let monotonic = 0;
  const clock = new ServerClock(() => monotonic, 0);
  clock.observe(1_000);
  monotonic = 1; // it stopped during a sleep of an hour, or the server's clock was set back
  clock.restart();
  clock.observe(900);
  assert.equal(clock.now(), 900);
});

test("the clock follows at once when the server's clock is set forward or back", () => {
  let monotonic = 0;
  const clock = new ServerClock(() => monotonic, 0);
  for (const jump of [3_600, -3_600, 31_536_000, -31_536_000]) {
    const before = clock.now();
    clock.observe(before + jump);
    assert.equal(clock.now(), before + jump);
    monotonic += 5;
    clock.observe(before + jump + 4); // delayed by 1 s
    assert.equal(clock.now(), before + jump + 5);
  }
});
