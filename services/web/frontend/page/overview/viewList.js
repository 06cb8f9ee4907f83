import { byId, createElement } from "../dom.js";

/** @typedef {{ name: string, title: string }} ListedView */

/**
 * Show links to the views that have a name.
 *
 * @param {import("../../feed/addresses.js").Addresses} addresses
 * @param {(address: string) => Promise<any>} fetchJson
 */
export async function showViewList(addresses, fetchJson) {
  try {
    const { views } = /** @type {{ views: ListedView[] }} */ (await fetchJson(addresses.views));
    const links = views.map(({ name, title }) => {
      const link = createElement("a", "button", createElement("bdi", "", title || name));
      link.href = addresses.viewPage(name);
      return createElement("li", "", link);
    });
    byId("overview-view-links").replaceChildren(...links);
    byId("overview-views").hidden = !links.length;
  } catch {
    // The next "views" frame tries again; the connection shows that the server is unavailable.
  }
}
