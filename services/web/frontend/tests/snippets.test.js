import assert from "node:assert/strict";
import { test } from "node:test";

import { createSnippets } from "../page/dialogs/snippets.js";

/** @param {string} address @param {boolean} needsToken */
const texts = (address, needsToken = false) =>
  createSnippets(address, "redis-cli -p 7000 PUBLISH readings", "stripchart", needsToken)
    .map(({ text }) => text);

test("every command addresses this server", () => {
  const [curl, redis, python, own] = texts("http://chart.lan:5000/base/api/readings");
  assert.match(curl, /^curl http:\/\/chart\.lan:5000\/base\/api\/readings -H /);
  assert.match(redis, /^redis-cli -p 7000 PUBLISH readings '\{"series"/);
  assert.match(python, /Request\("http:\/\/chart\.lan:5000\/base\/api\/readings", /);
  assert.equal(own, "stripchart send kitchen 21.5");
});

test("an address with special characters stays one word", () => {
  const [curl, , python] = texts("http://host/it's $(x)\"/api");
  assert.match(curl, /^curl 'http:\/\/host\/it%27s \$\(x\)"\/api' -H /);
  assert.match(python, /Request\("http:\/\/host\/it's \$\(x\)\\"\/api", /);
});

test("a command names the place of the token where programs must log in", () => {
  const [curl, , python] = texts("http://host/api", true);
  assert.match(curl, / -H 'Content-Type: [^']+' -H 'Authorization: Bearer TOKEN' -d /);
  assert.match(python, /add_header\("Authorization", "Bearer TOKEN"\)/);
});
