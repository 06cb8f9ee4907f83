import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeFormat } from "../format.js";
import { describeGaps } from "../page/status/gapList.js";

const REASON = "the journal was lost and recreated";

/** @param {number | null} from @param {number | null} to @param {number | null} count */
const gap = (from, to, count = 12) => ({ from, to, count, reason: REASON });

/** @param {ReturnType<typeof gap>[]} gaps */
const described = (gaps) =>
  describeGaps(gaps, new TimeFormat("UTC")).map((text) => text.replaceAll("\u202f", " "));

test("a gap is described with count, time and reason", () => {
  const [sentence] = described([gap(1_795_342_272, 1_795_342_441)]);
  assert.match(
    sentence,
    /^12 readings are missing between .*:11:12.* and .*:14:01.*, because the journal was lost/,
  );
  assert.ok(sentence.endsWith(`because ${REASON}.`));
});

test("one missing reading is described in the singular", () => {
  assert.match(described([gap(0, 1, 1)])[0], /^1 reading is missing between /);
});

test("an unknown count or time is named", () => {
  const time = 1_795_342_272;
  const [uncounted] = described([gap(time, time + 9, null)]);
  assert.match(uncounted, /^Readings may be missing between .*:11:12.* and .*:11:21.*, because the/);
  assert.match(described([gap(null, time)])[0], /12 readings are missing before .*:11:12/);
  assert.match(described([gap(time, null)])[0], /12 readings are missing after .*:11:12/);
  assert.match(described([gap(time, time + 0.4)])[0], /12 readings are missing at .*:11:12/);
  assert.match(described([gap(null, null)])[0], /12 readings are missing at an unknown time/);
});

test("the newest two of many gaps are described, the others counted", () => {
  const many = Array.from({ length: 9 }, (_, i) => gap(60 * i, 60 * i + 1, i));
  const sentences = described(many);
  assert.equal(sentences.length, 3);
  assert.match(sentences[0], /^8 readings/);
  assert.match(sentences[2], /^There are 7 older gaps/);
});
