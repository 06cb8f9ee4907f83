import assert from "node:assert/strict";
import { test } from "node:test";

import { isLoopback, parseSeriesLines, timeChoices } from "../page/share/shareChoices.js";
import { chooseAll, limitOf, readSharedPage } from "../page/share/sharedPage.js";
import { TimeView } from "../view/timeView.js";

const NOW = 1_000_000;
const formatRange = (/** @type {number} */ from, /** @type {number} */ to) => `${from} to ${to}`;

test("a live window is shared live, as a range, or with everything else", () => {
  const view = new TimeView(NOW, { span: 3_600 });
  assert.deepEqual(timeChoices(view, formatRange), [
    { text: "The last 1 h, live", time: { window: "3600s" } },
    { text: "Only 996400 to 1000000", time: { from: 996_400, to: 1_000_000 } },
    { text: "All readings", time: {} },
  ]);
});

test("a paused window is shared as a range first", () => {
  const view = new TimeView(NOW, { from: 10, to: 20 });
  const [first, ...others] = timeChoices(view, formatRange);
  assert.deepEqual(first.time, { from: 10, to: 20 });
  assert.deepEqual(others.map(({ time }) => time), [{}]);
});

test("a window of all readings shares all of them first", () => {
  const view = new TimeView(NOW, { span: Infinity });
  view.firstTime = NOW - 100;
  assert.deepEqual(timeChoices(view, formatRange).map(({ text }) => text)[0], "All readings");
});

test("a very short window is shared as one second", () => {
  const view = new TimeView(NOW, { span: 0.1 });
  assert.deepEqual(timeChoices(view, formatRange)[0].time, { window: "1s" });
});

test("names are one on each line, each once", () => {
  assert.deepEqual(parseSeriesLines(" a b \r\n\n c.*\na b\n"), ["a b", "c.*"]);
  assert.deepEqual(parseSeriesLines(" \n"), []);
});

test("addresses of the computer itself are recognised", () => {
  const hosts = ["localhost:5000", "127.0.0.1", "127.1.2.3:80", "[::1]:5000"];
  for (const host of hosts) assert.ok(isLoopback(`http://${host}/s/x/`), host);
  const others = ["192.168.1.7", "charts.example", "localhost.example", "[fe80::1]"];
  for (const host of others) assert.ok(!isLoopback(`http://${host}/s/x/`), host);
});

const SHARE = { title: "A", window: null, from: null, to: null, expires: null };

test("the page knows what is shared", () => {
  assert.equal(readSharedPage({}), null);
  assert.deepEqual(readSharedPage({ share: JSON.stringify(SHARE) }), SHARE);
  assert.equal(limitOf(null), null);
  assert.equal(limitOf(SHARE), null);
  assert.deepEqual(limitOf({ ...SHARE, window: 60 }), { span: 60 });
  assert.deepEqual(limitOf({ ...SHARE, from: 0, to: 9 }), { from: 0, to: 9 });
});

test("all shared series are shown, in natural order", () => {
  const list = Array.from({ length: 30 }, (_, i) => ({ name: `a${30 - i}` }));
  const names = chooseAll(list);
  assert.equal(names.length, 30);
  assert.deepEqual(names.slice(0, 2), ["a1", "a2"]);
});
