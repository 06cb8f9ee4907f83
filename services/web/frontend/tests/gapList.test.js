import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeFormat } from "../format.js";
import { describeGaps } from "../page/status/gapList.js";

const REASON = "the journal was lost and recreated";

/** @param {number | null} from @param {number | null} to @param {number | null} count */
const gap = (from, to, count = 12) => ({ from, to, count, reason: REASON });

/** @param {ReturnType<typeof gap>[]} gaps */
const said = (gaps) =>
  describeGaps(gaps, new TimeFormat("UTC")).map((text) => text.replaceAll("\u202f", " "));

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
