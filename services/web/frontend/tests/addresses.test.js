import assert from "node:assert/strict";
import { test } from "node:test";

import { Addresses } from "../feed/addresses.js";

const prefixed = new Addresses("https://home.example/strip/", "/strip/");

test("addresses without a prefix are below the root of the server", () => {
  const addresses = new Addresses("http://pi.local:5000/?window=5m", "./");
  assert.equal(addresses.readings, "http://pi.local:5000/api/readings");
  assert.equal(addresses.live(null, null), "ws://pi.local:5000/live");
});

test("addresses under a path that only the proxy knows are below it", () => {
  const addresses = new Addresses("http://pi.local/charts/?window=5m", "./");
  assert.equal(addresses.stream(null, null), "http://pi.local/charts/api/stream");
});

test("addresses with a prefix are below it, with escaped names", () => {
  assert.equal(
    prefixed.live("e:1-0", ["a b&c"]),
    "wss://home.example/strip/live?cursor=e%3A1-0&series=a+b%26c",
  );
  assert.equal(
    prefixed.stream("e:1-0", ["a b&c"]),
    "https://home.example/strip/api/stream?cursor=e%3A1-0&series=a+b%26c",
  );
  assert.equal(prefixed.liveness, "https://home.example/strip/livez");
  assert.equal(
    prefixed.correction("/a b/../ü?#%"),
    "https://home.example/strip/api/series?series=%2Fa+b%2F..%2F%C3%BC%3F%23%25",
  );
});

test("a correction of a range has its times to the microsecond", () => {
  const address = new URL(prefixed.correction("a", { from: 1.5, to: 2 }));
  assert.equal(address.search, "?series=a&from=1.500000&to=2.000000");
});

for (const name of [".", "..", "a/../b"]) {
  test(`the series ${name} can be corrected: a browser does not shorten its address`, () => {
    const address = new URL(prefixed.correction(name));
    assert.equal(address.pathname, "/strip/api/series");
    assert.equal(address.searchParams.get("series"), name);
  });
}

test("the recent history begins whole minutes ago", () => {
  const address = new URL(prefixed.recentHistory(900, null));
  assert.equal(address.origin + address.pathname, "https://home.example/strip/api/history");
  assert.equal(address.searchParams.get("from"), "-15m");
});

test("the history of a range has its times, points and names", () => {
  const address = new URL(prefixed.history({ from: 1, to: 2.5 }, 500, ["a", "b"]));
  assert.equal(address.origin + address.pathname, "https://home.example/strip/api/history");
  assert.deepEqual([...address.searchParams].sort(), [
    ["before", "true"], ["from", "1.000000"], ["points", "500"], ["series", "a"], ["series", "b"], ["to", "2.500000"],
  ]);
});

test("a request has no more names than fit in its request line", () => {
  const addresses = new Addresses("http://a/", "./");
  const long = Array(20).fill("温".repeat(1_024));
  assert.equal(addresses.namesThatFit(Array(100).fill("a"), 20).length, 20);
  assert.equal(addresses.namesThatFit(Array(20).fill("docker,a=b/".repeat(93)), 20).length, 20);
  const names = addresses.namesThatFit(long, 20);
  assert.ok(names.length >= 5);
  assert.ok(new URL(addresses.recentHistory(60, names)).search.length < 65_000);
});

test("after a proxy has refused a long address, requests have fewer names", () => {
  const addresses = new Addresses("http://a/", "./");
  addresses.shorten();
  const names = addresses.namesThatFit(Array(20).fill("温".repeat(200)), 20);
  assert.equal(names.length, 1);
  assert.ok(new URL(addresses.recentHistory(60, names)).search.length < 3_900);
});
