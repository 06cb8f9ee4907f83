import assert from "node:assert/strict";
import { test } from "node:test";

import { paletteStyle, PALETTES } from "../chart/palette.js";
import { MAX_AUTOMATIC_SERIES } from "../store/seriesStore.js";
import { colorDistance, contrastRatio, hueOf, styleColor, VISION_TYPES } from "./support/colors.js";

const SCHEMES = /** @type {const} */ (["light", "dark"]);

for (const scheme of SCHEMES) {
  const colors = PALETTES[scheme];
  test(`each line colour has a contrast of 3:1 on the ${scheme} background`, () => {
    for (const color of colors) {
      const ratio = contrastRatio(color, styleColor("card", scheme));
      assert.ok(ratio >= 3, `${color}: ${ratio.toFixed(2)}`);
    }
  });

  test(`line colours differ for all types of vision on the ${scheme} background`, () => {
    for (const visionType of VISION_TYPES) {
      for (const [i, a] of colors.entries()) {
        for (const b of colors.slice(i + 1)) {
          const distance = colorDistance(a, b, visionType);
          assert.ok(distance >= 0.08, `${a} and ${b}, ${visionType}: ${distance.toFixed(3)}`);
        }
      }
    }
  });

  for (const name of ["ink", "muted", "accent", "ok", "waiting", "error", "limit", "missing"]) {
    test(`${name} is legible on the ${scheme} background`, () => {
      for (const background of ["card", "page"]) {
        const ratio = contrastRatio(styleColor(name, scheme), styleColor(background, scheme));
        assert.ok(ratio >= 4.5, `on ${background}: ${ratio.toFixed(2)}`);
      }
    });
  }

  test(`text on the accent and in a notice is legible in the ${scheme} scheme`, () => {
    for (const [text, background] of [["accent-ink", "accent"], ["notice-ink", "notice"]]) {
      const ratio = contrastRatio(styleColor(text, scheme), styleColor(background, scheme));
      assert.ok(ratio >= 4.5, `${text}: ${ratio.toFixed(2)}`);
    }
  });
}

test("the colours of a slot have the same hue in both schemes", () => {
  for (const [slot, light] of PALETTES.light.entries()) {
    const difference = Math.abs(hueOf(light) - hueOf(PALETTES.dark[slot]));
    const degrees = Math.min(difference, 360 - difference);
    assert.ok(degrees < 20, `slot ${slot}: ${degrees.toFixed(0)}°`);
  }
});

test("all series of a page have different line styles", () => {
  const styles = new Set();
  for (let slot = 0; slot < MAX_AUTOMATIC_SERIES; slot++) {
    styles.add(JSON.stringify(paletteStyle(slot, false)));
  }
  assert.equal(styles.size, MAX_AUTOMATIC_SERIES);
});

test("lines have dashes only once all colours are used", () => {
  const { length } = PALETTES.dark;
  for (let slot = 0; slot < length; slot++) assert.deepEqual(paletteStyle(slot, true).dash, []);
  assert.notDeepEqual(paletteStyle(length, true).dash, []);
});
