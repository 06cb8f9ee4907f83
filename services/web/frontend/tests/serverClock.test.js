import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock } from "../store/serverClock.js";

test("the clock follows the server's, by the frame that took the least time", () => {
  let ticks = 100;
  const clock = new ServerClock(() => ticks, 5_000);
  assert.equal(clock.now(), 5_000);
  clock.observe(7_000);
  assert.equal(clock.now(), 7_000);
  ticks = 105;
  clock.observe(7_004.2); // 0.8 s under way
  assert.equal(clock.now(), 7_005);
});

test("after a sleep it starts anew", () => {
  let ticks = 0;
  const clock = new ServerClock(() => ticks, 0);
  clock.observe(1_000);
  ticks = 1; // the ticks stood still while an hour went by; or ran on while the server was set back
  clock.restart();
  clock.observe(900);
  assert.equal(clock.now(), 900);
});

test("a server whose clock is set is followed at once, either way", () => {
  let ticks = 0;
  const clock = new ServerClock(() => ticks, 0);
  for (const jump of [3_600, -3_600, 31_536_000, -31_536_000]) {
    const before = clock.now();
    clock.observe(before + jump);
    assert.equal(clock.now(), before + jump);
    ticks += 5;
    clock.observe(before + jump + 4); // a second under way
    assert.equal(clock.now(), before + jump + 5);
  }
});
