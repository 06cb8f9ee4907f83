import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { lookOf, PALETTES } from "../chart/palette.js";
import { MOST_SERIES } from "../store/store.js";
import { contrast } from "./support/colors.js";

const style = readFileSync(new URL("../app.css", import.meta.url), "utf8");
const [light, dark] = [...style.matchAll(/--card: (#[0-9a-f]{6})/g)].map(([, color]) => color);

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
