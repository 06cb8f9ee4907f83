import assert from "node:assert/strict";
import { test } from "node:test";

import { Addresses, namesThatFit } from "../feed/addresses.js";

test("addresses stay below the path that the page is served under", () => {
  const plain = new Addresses("http://pi.local:5000/?window=5m", "");
  assert.equal(plain.readings, "http://pi.local:5000/api/readings");
  assert.equal(plain.live(null, null), "ws://pi.local:5000/live");
  const behind = new Addresses("https://home.example/strip/", "/strip");
  assert.equal(
    behind.live("e:1-0", ["a b&c"]),
    "wss://home.example/strip/live?cursor=e%3A1-0&series=a+b%26c",
  );
  assert.equal(
    behind.stream("e:1-0", ["a b&c"]),
    "https://home.example/strip/api/stream?cursor=e%3A1-0&series=a+b%26c",
  );
  assert.equal(behind.liveness, "https://home.example/strip/livez");
  assert.equal(
    behind.correction("/a b/../ü?#%"),
    "https://home.example/strip/api/series/%2Fa%20b%2F..%2F%C3%BC%3F%23%25",
  );
  const range = new URL(behind.correction("a", { from: 1.5, to: 2 }));
  assert.equal(range.search, "?from=1.500000&to=2.000000");
  const history = new URL(behind.recentHistory(900, null));
  assert.equal(history.origin + history.pathname, "https://home.example/strip/api/history");
  assert.equal(history.searchParams.get("from"), "-15m");
});

test("no more names are asked for than fit in a request line", () => {
  assert.equal(namesThatFit(Array(100).fill("a"), 20).length, 20);
  const long = namesThatFit(Array(20).fill("温".repeat(200)), 20);
  assert.ok(long.length >= 1);
  const address = new Addresses("http://a/", "").recentHistory(60, long);
  assert.ok(new URL(address).search.length < 3_900);
});
