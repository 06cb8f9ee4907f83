import assert from "node:assert/strict";
import { test } from "node:test";

import { PALETTES } from "../chart/palette.js";
import { colorName, visibleColor } from "../chart/setColor.js";
import { contrastRatio, styleColor } from "./support/colors.js";

const SCHEMES = /** @type {const} */ (["light", "dark"]);

test("a colour of the palette has its counterpart in each scheme", () => {
  for (const [slot, light] of PALETTES.light.entries()) {
    const dark = PALETTES.dark[slot];
    for (const color of [light, dark]) {
      assert.deepEqual([visibleColor(color, false), visibleColor(color, true)], [light, dark]);
    }
  }
});

test("an own colour stays as it is where it can be seen, and can always be seen", () => {
  for (const dark of [false, true]) assert.equal(visibleColor("#e03131", dark), "#e03131");
  for (const color of ["#000000", "#ffffff", "#ffff00", "#000080", "#777777"]) {
    for (const scheme of SCHEMES) {
      const visible = visibleColor(color, scheme === "dark");
      assert.match(visible, /^#[0-9a-f]{6}$/);
      assert.ok(contrastRatio(visible, styleColor("card", scheme)) >= 3, `${color} ${scheme}`);
    }
  }
});

test("each colour of the palette has a name of its own", () => {
  const names = PALETTES.light.map(colorName);
  assert.deepEqual([...new Set(names)], names);
  assert.equal(colorName("#808080"), "grey");
  assert.equal(colorName("#ff0000"), "red");
});
