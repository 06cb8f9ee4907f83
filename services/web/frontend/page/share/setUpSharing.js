import { timeChoices } from "./shareChoices.js";
import { ShareDialog } from "./shareDialog.js";
import { SharesClient } from "./sharesClient.js";

/**
 * Connect the menu to the dialog that shares what the page shows.
 *
 * @param {object} parts
 * @param {import("../access/access.js").Access} parts.access
 * @param {import("../panel/board.js").Board} parts.board
 * @param {import("../../format.js").TimeFormat} parts.format
 * @param {import("../../view/timeView.js").TimeView} parts.view
 * @param {() => { name: string, title: string } | null} parts.namedView the view that the page is
 *   for
 */
export function setUpSharing({ access, board, format, view, namedView }) {
  const client = new SharesClient(access.addresses, access.fetch);
  new ShareDialog(client, () => ({
    view: namedView(),
    series: board.shownSeries.map(({ name }) => name),
    times: timeChoices(view, (from, to) => format.range(from, to)),
    isOpen: access.me?.login_required === false,
  }));
}
