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
 * @param {() => import("../views/viewDocument.js").ViewDocument | null} parts.namedView the view
 *   that the page is for
 */
export function setUpSharing({ access, board, format, view, namedView }) {
  const client = new SharesClient(access.addresses, access.fetch);
  new ShareDialog(client, () => {
    const document = namedView();
    const names = board.shownSeries.map(({ name }) => name);
    return {
      title: document?.title ?? "",
      series: (document && selectorsOf(document)) ?? names,
      times: timeChoices(view, (from, to) => format.range(from, to)),
      isOpen: access.me?.login_required === false,
    };
  });
}

/**
 * Return the names and patterns of all panels, so that later series join as in the view; null if
 * some panel chooses by tags, which a share link can't.
 *
 * @param {import("../views/viewDocument.js").ViewDocument} view
 */
export function selectorsOf({ panels }) {
  if (panels.some(({ tags }) => tags.length)) return null;
  return [...new Set(panels.flatMap(({ series }) => series))];
}
