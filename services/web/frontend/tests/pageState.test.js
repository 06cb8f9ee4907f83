import assert from "node:assert/strict";
import { test } from "node:test";

import { parsePageState, formatPageAddress } from "../page/pageState.js";

const PAGE = "http://host:5000/chart/";

test("an address without parameters selects nothing", () => {
  const nothing = { range: "", series: null, hidden: new Set(), kiosk: false, compare: null };
  const state = { ...nothing, limits: [] };
  assert.deepEqual(parsePageState(PAGE), state);
  assert.equal(formatPageAddress(PAGE, state), PAGE);
});

test("an address restores its state with any names", () => {
  const names = ["kitchen", "a&b=c", "<img onerror>", "\u202e", "x".repeat(200), "a b+c", "°C:1"];
  const hidden = new Set(["a&b=c"]);
  const state = { range: "24h", series: names, hidden, kiosk: true, compare: 86_400 };
  const read = parsePageState(formatPageAddress(PAGE, state));
  assert.deepEqual({ ...read, limits: undefined }, { ...state, limits: undefined });
});

test("other parameters of the address are kept", () => {
  const state = { range: "5m", series: null, hidden: new Set(), kiosk: false, compare: null };
  const url = new URL(formatPageAddress(`${PAGE}?limit=25&theme=x&series=old&kiosk`, state));
  assert.equal(url.search, "?limit=25&theme=x&window=5m");
});

test("limits are lines or bands, for one unit or for all", () => {
  const query = ["25", "°C:18..24", "m/s:3..-1.5", "a:b:1e3", "..24", "W:-5..", "°C:.."];
  const address = new URL(PAGE);
  for (const text of query) address.searchParams.append("limit", text);
  assert.deepEqual(parsePageState(address.href).limits, [
    { unit: null, from: 25, to: 25 },
    { unit: "°C", from: 18, to: 24 },
    { unit: "m/s", from: -1.5, to: 3 },
    { unit: "a:b", from: 1_000, to: 1_000 },
    { unit: null, from: -Infinity, to: 24 },
    { unit: "W", from: -5, to: Infinity },
  ]);
});

test("an invalid limit is ignored", () => {
  const address = new URL(PAGE);
  for (const text of ["x", "", "..", "°C:", "1..2..3", "9e999", "°C:1 2", "1..x"]) {
    address.searchParams.append("limit", text);
  }
  assert.deepEqual(parsePageState(address.href).limits, []);
});

test("an address holds the compared time, and an invalid one is ignored", () => {
  const state = { range: "", series: null, hidden: new Set(), kiosk: false };
  assert.equal(formatPageAddress(PAGE, { ...state, compare: 86_400 }), `${PAGE}?compare=1d`);
  assert.equal(formatPageAddress(`${PAGE}?compare=1d`, { ...state, compare: null }), PAGE);
  assert.equal(parsePageState(`${PAGE}?compare=2w`).compare, 1_209_600);
  assert.equal(parsePageState(`${PAGE}?compare=yesterday`).compare, null);
});
