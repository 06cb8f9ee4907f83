/** @typedef {import("./viewDocument.js").ViewDocument} ViewDocument */

/** @type {ViewDocument} */
const EMPTY_VIEW = { title: "", revision: null, window: null, columns: null, panels: [] };

/**
 * Read the file of an exported view. The server checks its content.
 *
 * @param {string} text
 * @returns {{ view: ViewDocument, fault: string }} `fault` is "" if the file may be a view
 */
export function parseViewFile(text) {
  /** @type {unknown} */
  let view;
  try {
    view = JSON.parse(text);
  } catch {
    return { view: EMPTY_VIEW, fault: "The file is not JSON. Choose a file of an exported view." };
  }
  if (typeof view !== "object" || view === null || !("panels" in view)) {
    return { view: EMPTY_VIEW, fault: "The file has no panels. Choose a file of an exported view." };
  }
  const { title = "", ...others } = /** @type {ViewDocument} */ (view);
  return { view: { ...others, title: String(title), revision: null }, fault: "" };
}
