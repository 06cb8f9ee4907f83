import { MAX_AUTOMATIC_SERIES } from "../../store/seriesStore.js";
import { byId } from "../dom.js";

/** @typedef {import("./overviewSeries.js").ListedSeries} ListedSeries */

/**
 * Return all series if the page begins with the overview, otherwise null.
 *
 * It is shown if the address asks for it, and if the address chooses nothing and the charts could
 * not show all series at once.
 *
 * @param {{ href: string }} page
 * @param {import("../../feed/addresses.js").Addresses} addresses
 * @param {(address: string) => Promise<any>} fetchJson
 * @returns {Promise<ListedSeries[] | null>}
 */
export async function findOverviewList(page, addresses, fetchJson) {
  const { pathname, search, searchParams } = new URL(page.href);
  const isAsked = searchParams.has("overview");
  const isPlain = search === "" && pathname === addresses.root.pathname;
  if (!isAsked && !isPlain) return null;
  try {
    const list = /** @type {ListedSeries[]} */ ((await fetchJson(addresses.series)).series);
    return list.length > (isAsked ? 0 : MAX_AUTOMATIC_SERIES) ? list : null;
  } catch {
    // The charts show that the server does not answer, and try again.
    return null;
  }
}

/** Return true if the overview is shown, not the charts. */
export const isOverview = () => document.documentElement.dataset.page === "overview";

/** Move the keyboard to the search, where typing replaces what it has. */
export function focusOverviewSearch() {
  const search = /** @type {HTMLInputElement} */ (byId("overview-search"));
  search.focus();
  search.select();
}
