import { sortNaturally } from "../naturalOrder.js";
import { byId, setText } from "../dom.js";

/** @typedef {import("../../view/timeView.js").TimeLimit} TimeLimit */
/**
 * What a share link shows. Times are in seconds; `window` is the length of the newest time, and
 * `from` and `to` are the ends of a fixed range. All are null if everything is shown.
 *
 * @typedef {object} SharedPage
 * @property {string} title
 * @property {number | null} window
 * @property {number | null} from
 * @property {number | null} to
 * @property {number | null} expires null if it never ends
 */

/**
 * Return what the link of this page shares; null if the page is not below a share link.
 *
 * @param {DOMStringMap} dataset of the document
 * @returns {SharedPage | null}
 */
export function readSharedPage({ share }) {
  return share === undefined ? null : JSON.parse(share);
}

/**
 * Return the time outside of which nothing is shown.
 *
 * @param {SharedPage | null} share
 * @returns {TimeLimit | null}
 */
export function limitOf(share) {
  if (!share) return null;
  const { window, from, to } = share;
  if (from !== null && to !== null) return { from, to };
  return window === null ? null : { span: window };
}

/**
 * Choose all series: somebody has chosen already which ones are shared.
 *
 * @param {{ name: string }[]} list
 * @returns {string[]}
 */
export const chooseAll = (list) =>
  sortNaturally(list, ({ name }) => name).map(({ name }) => name);

/**
 * Show when the link ends, and hide what needs a time outside of the shared one.
 *
 * @param {SharedPage} share
 */
export function setUpSharedPage(share) {
  byId("open-compare").hidden = limitOf(share) !== null;
  byId("time-toggle").hidden = share.from !== null;
  const end = share.expires === null ? null : new Date(share.expires * 1_000);
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  setText(byId("share-end"), end ? `Shared until ${format.format(end)}` : "Shared with a link");
}
