const REFRESH_MILLISECONDS = 5_000;
const IDS = ["status-headline", "status-time", "status-figures"];

/** Replaces the figures of the status page by those of now, while somebody looks at it. */
export class StatusRefresh {
  #document;
  #load;

  /**
   * @param {Document} page
   * @param {() => Promise<string>} load Returns the page as HTML.
   */
  constructor(page, load) {
    this.#document = page;
    this.#load = load;
  }

  start() {
    setInterval(() => {
      if (!this.#document.hidden) this.refresh();
    }, REFRESH_MILLISECONDS);
  }

  /** Loads the page once, and replaces the parts that have changed. */
  async refresh() {
    /** @type {Document} */
    let loaded;
    try {
      loaded = new DOMParser().parseFromString(await this.#load(), "text/html");
    } catch {
      this.#replace("status-headline", "Stripchart does not answer. These figures are old.");
      return;
    }
    for (const id of IDS) {
      const next = loaded.getElementById(id);
      if (next) this.#replaceBy(id, next);
    }
  }

  /** @param {string} id @param {string} text */
  #replace(id, text) {
    const shown = this.#document.getElementById(id);
    if (shown && shown.textContent !== text) shown.textContent = text;
  }

  /** @param {string} id @param {HTMLElement} next */
  #replaceBy(id, next) {
    const shown = this.#document.getElementById(id);
    if (!shown || shown.innerHTML === next.innerHTML) return;
    // A table that is scrolled with the keyboard keeps the focus.
    const focused = this.#document.activeElement?.getAttribute("aria-labelledby");
    shown.replaceChildren(...next.childNodes);
    const again = shown.querySelector(`[tabindex][aria-labelledby="${focused}"]`);
    if (again instanceof HTMLElement) again.focus();
  }
}
