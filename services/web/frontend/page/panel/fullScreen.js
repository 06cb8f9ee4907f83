/** Parameter of the page's address that names the panel to show alone. */
const PARAMETER = "panel";

/**
 * Shows one panel alone on the board, as the address says: `?panel=<id>`.
 *
 * Escape and the browser's Back leave it.
 */
export class FullScreen {
  /** Id of the panel that is shown alone, or null. @type {string | null} */
  panelId = panelOfAddress();
  /** True if Back leads to the board, because the panel was opened there. */
  #isOpenedHere = false;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    window.addEventListener("popstate", () => this.#readAddress());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || this.panelId === null) return;
      if (document.querySelector("dialog[open], [popover]:popover-open")) return;
      this.leave();
    });
  }

  /** @param {string} panelId */
  show(panelId) {
    const url = new URL(location.href);
    url.searchParams.set(PARAMETER, panelId);
    history.pushState(null, "", url.href);
    this.#isOpenedHere = true;
    this.#setPanel(panelId);
  }

  /** Return to the board. */
  leave() {
    if (this.panelId === null) return;
    if (this.#isOpenedHere) {
      history.back();
      return;
    }
    const url = new URL(location.href);
    url.searchParams.delete(PARAMETER);
    history.replaceState(null, "", url.href);
    this.#setPanel(null);
  }

  #readAddress() {
    this.#isOpenedHere = false;
    this.#setPanel(panelOfAddress());
  }

  /** @param {string | null} panelId */
  #setPanel(panelId) {
    if (panelId === this.panelId) return;
    this.panelId = panelId;
    this.onChange();
  }
}

const panelOfAddress = () => new URL(location.href).searchParams.get(PARAMETER);
