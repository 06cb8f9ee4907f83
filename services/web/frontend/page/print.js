import { setText, byId } from "./dom.js";

/** Pixels of the bitmap for each pixel of the page, so that lines are sharp on paper. */
const PRINT_PIXEL_RATIO = 2;

/**
 * Draw all charts in the size and the colours of paper before the page is printed, and as before
 * afterwards.
 *
 * @param {object} parts
 * @param {import("./panel/board.js").Board} parts.board
 * @param {import("../chart/theme.js").Theme} parts.theme
 * @param {import("../view/timeView.js").TimeView} parts.view
 * @param {import("../format.js").TimeFormat} parts.format
 */
export function setUpPrinting({ board, theme, view, format }) {
  const root = document.documentElement;
  /** The scheme that was chosen; undefined for that of the system. @type {string | undefined} */
  let scheme;
  const redraw = (/** @type {number | undefined} */ pixelRatio) => {
    theme.readColors();
    for (const panel of board.panels) {
      const { plot, canvas } = panel;
      plot.chart.options.devicePixelRatio = pixelRatio;
      canvas.style.removeProperty("width");
      canvas.style.removeProperty("height");
      plot.chart.resize();
      panel.updateHidden();
      panel.draw(true);
    }
  };
  window.addEventListener("beforeprint", () => {
    if (root.hasAttribute("data-print")) return;
    scheme = root.dataset.theme;
    root.dataset.theme = "light";
    root.toggleAttribute("data-print", true);
    setText(byId("print-title"), format.range(view.from, view.to));
    redraw(PRINT_PIXEL_RATIO);
  });
  window.addEventListener("afterprint", () => {
    if (!root.hasAttribute("data-print")) return;
    root.toggleAttribute("data-print", false);
    if (scheme === undefined) delete root.dataset.theme;
    else root.dataset.theme = scheme;
    redraw(undefined);
  });
}
