/**
 * Remember which button of which series has the focus, because new legends get new buttons.
 *
 * @param {HTMLElement} root contains all legends
 * @returns {() => void} gives the focus back if it was lost
 */
export function rememberLegendFocus(root) {
  const focused = document.activeElement;
  const entry = focused && root.contains(focused) ? entryOf(focused) : null;
  if (!focused || !entry) return () => {};
  const { series } = entry.dataset;
  const selector = `.${focused.className.split(" ").join(".")}`;
  return () => {
    if (document.activeElement === focused) return;
    for (const other of root.querySelectorAll("[data-series]")) {
      if (!(other instanceof HTMLElement) || other.dataset.series !== series) continue;
      const button = other.closest("li")?.querySelector(selector);
      if (button instanceof HTMLElement) button.focus({ preventScroll: true });
      return;
    }
  };
}

/**
 * Return the legend's entry that a button belongs to, or null.
 *
 * @param {Element} button
 * @returns {HTMLElement | null}
 */
const entryOf = (button) => button.closest("li")?.querySelector("[data-series]") ?? null;
