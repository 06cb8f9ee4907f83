import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseKioskColumns } from "../page/panel/kioskGrid.js";

test("the columns of kiosk view follow the area and the number of panels", () => {
  assert.equal(chooseKioskColumns(1, 1_920, 1_000), 1);
  assert.equal(chooseKioskColumns(4, 1_920, 1_000), 2);
  assert.equal(chooseKioskColumns(8, 1_280, 740), 3);
  assert.equal(chooseKioskColumns(9, 1_920, 1_000), 3);
  assert.equal(chooseKioskColumns(6, 700, 1_200), 2);
  assert.equal(chooseKioskColumns(3, 400, 1_200), 1);
  assert.equal(chooseKioskColumns(0, 400, 1_200), 1);
});
