import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { lookOf, PALETTES } from "../chart/palette.js";
import { MOST_SERIES } from "../store/store.js";

const style = readFileSync(new URL("../app.css", import.meta.url), "utf8");
const [light, dark] = [...style.matchAll(/--card: (#[0-9a-f]{6})/g)].map(([, color]) => color);

/** @param {string} color */
function luminance(color) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {string} a @param {string} b */
function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

for (const [name, colors, ground] of [
  ["light", PALETTES.light, light],
  ["dark", PALETTES.dark, dark],
]) {
  test(`every line can be seen on the ${name} ground`, () => {
    for (const color of colors) {
      const ratio = contrast(color, String(ground));
      assert.ok(ratio >= 3, `${color} on ${ground}: ${ratio.toFixed(2)}`);
    }
  });
}

test("all series that are drawn look different", () => {
  const looks = new Set();
  for (let slot = 0; slot < MOST_SERIES; slot++) looks.add(JSON.stringify(lookOf(slot, false)));
  assert.equal(looks.size, MOST_SERIES);
});
