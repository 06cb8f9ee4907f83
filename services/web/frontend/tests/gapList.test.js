import assert from "node:assert/strict";
import { test } from "node:test";

import { placeGapBands } from "../chart/gapBands.js";
import { TimeFormat } from "../format.js";
import { sentencesOf } from "../page/status/gapList.js";
import { contrast, styled } from "./support/colors.js";
import { page } from "./support/page.js";
import { Server, settled } from "./support/server.js";

const AREA = { left: 100, right: 1_100 };
const WINDOW = { min: 1_000, max: 2_000 };
const REASON = "the journal was lost and recreated";

/** @param {number | null} from @param {number | null} to @param {number | null} count */
const gap = (from, to, count = 12) => ({ from, to, count, reason: REASON });

/** @param {ReturnType<typeof gap>[]} gaps */
const edges = (gaps) => placeGapBands(gaps, WINDOW, AREA).map(({ left, right }) => [left, right]);

/** @param {ReturnType<typeof gap>[]} gaps */
const said = (gaps) =>
  sentencesOf(gaps, new TimeFormat("UTC")).map((text) => text.replaceAll("\u202f", " "));

test("a stretch lies between its times", () => {
  assert.deepEqual(edges([gap(1_200, 1_300)]), [[300, 400]]);
});

test("a stretch is cut at the edges of the chart, and none is drawn outside", () => {
  assert.deepEqual(edges([gap(500, 1_300)]), [[100, 400]]);
  assert.deepEqual(edges([gap(1_900, 2_500)]), [[1_000, 1_100]]);
  assert.deepEqual(edges([gap(100, 200), gap(2_100, 2_200)]), []);
});

test("where a time is not known, a stretch goes to the edge", () => {
  assert.deepEqual(edges([gap(null, 1_300)]), [[100, 400]]);
  assert.deepEqual(edges([gap(1_900, null)]), [[1_000, 1_100]]);
});

test("a stretch of no length can be seen", () => {
  const [[left, right]] = edges([gap(1_500, 1_500, 1)]);
  assert.ok(left < 600 && right > 600);
  assert.equal(right - left, 5);
});

test("stretches that overlap are one, and come from left to right", () => {
  const gaps = [gap(1_700, 1_800), gap(1_250, 1_400), gap(1_200, 1_300)];
  assert.deepEqual(edges(gaps), [[300, 500], [800, 900]]);
});

test("the hatching stays with the stretch while the window slides over it", () => {
  const [band] = placeGapBands([gap(500, 1_300)], WINDOW, AREA);
  assert.equal(band.start, -400);
});

test("it is said how many readings are missing, when and why", () => {
  const [sentence] = said([gap(1_795_342_272, 1_795_342_441)]);
  assert.match(
    sentence,
    /^Readings are missing: 12 between .*:11:12.* and .*:14:01.*, because the journal was lost and recreated\.$/,
  );
});

test("what is not known is said too", () => {
  const time = 1_795_342_272;
  assert.match(said([gap(time, time + 9, null)])[0], /^Readings may be missing between .*:11:12.* and .*:11:21.*, because the/);
  assert.match(said([gap(null, time)])[0], /missing: 12 before .*:11:12/);
  assert.match(said([gap(time, null)])[0], /missing: 12 after .*:11:12/);
  assert.match(said([gap(time, time + 0.4)])[0], /missing: 12 at .*:11:12/);
  assert.match(said([gap(null, null)])[0], /missing: 12 at an unknown time/);
});

test("of many stretches the newest are told and the others counted", () => {
  const many = Array.from({ length: 9 }, (_, i) => gap(60 * i, 60 * i + 1, i));
  const sentences = said(many);
  assert.equal(sentences.length, 3);
  assert.match(sentences[0], /missing: 8 /);
  assert.match(sentences[2], /7 more such stretches/);
});

test("what was lost while the page is open comes with the history after the reset", async () => {
  const server = new Server();
  const { feed, store, timers } = page(server);
  feed.start();
  await settled();
  server.publish("kitchen", 1, 10);
  assert.deepEqual(store.gaps, []);
  const [socket] = server.sockets;
  server.journal = [["kitchen", 5, 50], ["kitchen", 6, 60]];
  server.store();
  server.gaps = [gap(1, 5)];
  socket.send({ type: "reset", reason: REASON, cursor: "e:2-0" });
  await timers.pass(2_000);
  assert.deepEqual(store.gaps, [gap(1, 5)]);
});

for (const ground of /** @type {const} */ (["light", "dark"])) {
  test(`a stretch can be seen on the ${ground} ground`, () => {
    const ratio = contrast(styled("missing", ground), styled("card", ground));
    assert.ok(ratio >= 4.5, `${ratio.toFixed(2)}`);
  });
}
