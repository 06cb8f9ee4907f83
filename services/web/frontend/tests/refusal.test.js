import assert from "node:assert/strict";
import { test } from "node:test";

import { explainRefusal, NGINX_LINES } from "../page/status/refusal.js";

const PAGE = { host: "charts.example:8080", hostname: "charts.example" };

test("a proxy that replaces the host is named with the lines to add", () => {
  const refusal = { reason: "origin", error: "no", host: "127.0.0.1:5000" };
  const { detail, lines } = explainRefusal(refusal, PAGE);
  assert.match(detail, /The page is at charts\.example:8080, but Stripchart is asked for 127\.0\.0\.1:5000/);
  assert.match(detail, /List charts\.example in STRIPCHART_ALLOWED_HOSTS/);
  assert.equal(lines, NGINX_LINES);
  assert.match(lines, /^proxy_set_header Host \$http_host;$/m);
});

test("any other refusal is shown in the server's words, without lines", () => {
  const { detail, lines } = explainRefusal({ reason: "host", error: "add the name" }, PAGE);
  assert.equal(detail, "Reason: add the name.");
  assert.equal(lines, "");
});
