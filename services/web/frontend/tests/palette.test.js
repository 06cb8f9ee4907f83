import assert from "node:assert/strict";
import { test } from "node:test";

import { lineStyleOf, PALETTES } from "../chart/palette.js";
import { MAX_SERIES } from "../store/seriesStore.js";
import { contrast, distance, SIGHTS, styled } from "./support/colors.js";

const GROUNDS = /** @type {const} */ (["light", "dark"]);

for (const ground of GROUNDS) {
  const colors = PALETTES[ground];
  test(`every line can be seen on the ${ground} ground`, () => {
    for (const color of colors) {
      const ratio = contrast(color, styled("card", ground));
      assert.ok(ratio >= 3, `${color}: ${ratio.toFixed(2)}`);
    }
  });

  test(`the lines' colours stay apart for all eyes on the ${ground} ground`, () => {
    for (const sight of SIGHTS) {
      for (const [i, a] of colors.entries()) {
        for (const b of colors.slice(i + 1)) {
          const apart = distance(a, b, sight);
          assert.ok(apart >= 0.08, `${a} and ${b}, ${sight}: ${apart.toFixed(3)}`);
        }
      }
    }
  });

  for (const name of ["ink", "muted", "accent", "live", "wait", "away", "limit", "missing"]) {
    test(`${name} can be read on the ${ground} ground`, () => {
      for (const under of ["card", "page"]) {
        const ratio = contrast(styled(name, ground), styled(under, ground));
        assert.ok(ratio >= 4.5, `on ${under}: ${ratio.toFixed(2)}`);
      }
    });
  }

  test(`text on the accent and in a notice can be read on the ${ground} ground`, () => {
    for (const [text, under] of [["accent-ink", "accent"], ["notice-ink", "notice"]]) {
      const ratio = contrast(styled(text, ground), styled(under, ground));
      assert.ok(ratio >= 4.5, `${text}: ${ratio.toFixed(2)}`);
    }
  });
}

test("all series that are drawn look different", () => {
  const looks = new Set();
  for (let slot = 0; slot < MAX_SERIES; slot++) looks.add(JSON.stringify(lineStyleOf(slot, false)));
  assert.equal(looks.size, MAX_SERIES);
});

test("the first six series need no dashes", () => {
  for (let slot = 0; slot < 6; slot++) assert.deepEqual(lineStyleOf(slot, true).dash, []);
  assert.notDeepEqual(lineStyleOf(6, true).dash, []);
});
