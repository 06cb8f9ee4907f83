import assert from "node:assert/strict";
import { test } from "node:test";
import { Addresses } from "../feed/addresses.js";
import { findOverviewList } from "../page/overview/firstPage.js";

const ROOT = "http://server/charts/";
const addresses = new Addresses(ROOT, "./");
const seriesList = (count) => Array.from({ length: count }, (_, i) => ({ name: `s${i}` }));

/** Return how many series the overview shows for an address; null for the charts. */
async function overviewCount(path, seriesCount) {
  const fetchJson = async () => ({ series: seriesList(seriesCount) });
  const list = await findOverviewList({ href: `${ROOT}${path}` }, addresses, fetchJson);
  return list && list.length;
}

test("more series than the charts show at once open the overview", async () => {
  assert.equal(await overviewCount("", 21), 21);
  assert.equal(await overviewCount("", 20), null);
});

test("an address that chooses something opens the charts", async () => {
  for (const path of ["?series=s1", "?window=1h", "?kiosk", "?charts", "?limit=5", "v/home"]) {
    assert.equal(await overviewCount(path, 100), null, path);
  }
});

test("the overview can be asked for with few series, but not with none", async () => {
  assert.equal(await overviewCount("?overview", 1), 1);
  assert.equal(await overviewCount("?overview", 0), null);
});

test("the charts open while the server does not answer", async () => {
  const fetchJson = () => Promise.reject(new Error("away"));
  assert.equal(await findOverviewList({ href: ROOT }, addresses, fetchJson), null);
});
