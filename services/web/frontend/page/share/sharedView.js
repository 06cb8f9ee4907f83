import { ViewPage } from "../views/viewPage.js";
import { ViewsClient } from "../views/viewsClient.js";

/** @typedef {import("../views/setUpViews.js").ViewParts} ViewParts */

/** The one view that there is below a share link needs no name. */
const NAME = "";

/**
 * Show the view of a share link, and follow its changes. Nothing can be changed here.
 *
 * @param {ViewParts} parts
 * @returns {Pick<ReturnType<typeof import("../views/setUpViews.js").setUpViews>,
 *   "start" | "onViews">}
 */
export function setUpSharedView(parts) {
  const client = new ViewsClient(parts.addresses, parts.fetch);
  const page = new ViewPage(NAME, {
    ...parts,
    client: { read: () => client.readShared(), list: async () => [{ name: NAME }] },
    fetchSeries: async () => (await parts.fetchJson(parts.addresses.series)).series,
  });
  return {
    start: () => page.start(),
    // The server tells of no other view.
    async onViews() {
      if (!page.isStarted) return;
      const before = page.saved?.revision;
      await page.readSaved();
      if (!page.saved || page.saved.revision === before) return;
      page.showSaved(page.saved);
      await page.updateSeries();
    },
  };
}
