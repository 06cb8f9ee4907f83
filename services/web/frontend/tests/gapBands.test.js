import assert from "node:assert/strict";
import { test } from "node:test";

import { placeGapBands } from "../chart/gapBands.js";
import { contrastRatio, styleColor } from "./support/colors.js";

const AREA = { left: 100, right: 1_100 };
const WINDOW = { min: 1_000, max: 2_000 };

/**
 * @param {number | null} from
 * @param {number | null} to
 */
const gap = (from, to) => ({ from, to, count: 12, reason: "the journal was lost" });

/** @param {ReturnType<typeof gap>[]} gaps */
const edges = (gaps) => placeGapBands(gaps, WINDOW, AREA).map(({ left, right }) => [left, right]);

test("a band lies between the times of its gap", () => {
  assert.deepEqual(edges([gap(1_200, 1_300)]), [[300, 400]]);
});

test("a band is cut off at the edges of the chart, and not drawn outside", () => {
  assert.deepEqual(edges([gap(500, 1_300)]), [[100, 400]]);
  assert.deepEqual(edges([gap(1_900, 2_500)]), [[1_000, 1_100]]);
  assert.deepEqual(edges([gap(100, 200), gap(2_100, 2_200)]), []);
});

test("a band with an unknown end extends to the edge", () => {
  assert.deepEqual(edges([gap(null, 1_300)]), [[100, 400]]);
  assert.deepEqual(edges([gap(1_900, null)]), [[1_000, 1_100]]);
});

test("the band of a gap of no length is 5 px wide", () => {
  const [[left, right]] = edges([gap(1_500, 1_500)]);
  assert.ok(left < 600 && right > 600);
  assert.equal(right - left, 5);
});

test("overlapping gaps become one band, and bands are sorted from left to right", () => {
  const gaps = [gap(1_700, 1_800), gap(1_250, 1_400), gap(1_200, 1_300)];
  assert.deepEqual(edges(gaps), [[300, 500], [800, 900]]);
});

test("the hatching starts at the uncut start of the gap", () => {
  const [band] = placeGapBands([gap(500, 1_300)], WINDOW, AREA);
  assert.equal(band.start, -400);
});

for (const scheme of /** @type {const} */ (["light", "dark"])) {
  test(`gap bands have enough contrast on the ${scheme} background`, () => {
    const ratio = contrastRatio(styleColor("missing", scheme), styleColor("card", scheme));
    assert.ok(ratio >= 4.5, `${ratio.toFixed(2)}`);
  });
}
