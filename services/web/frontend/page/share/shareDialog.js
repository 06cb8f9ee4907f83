import { setUpDialog } from "../dialogs/dialog.js";
import { byId, createElement, setText } from "../dom.js";
import { copyText } from "../export/clipboard.js";
import { isLoopback, parseSeriesLines } from "./shareChoices.js";
import { ShareList } from "./shareList.js";
import { ShareRefusedError } from "./sharesClient.js";

/** @typedef {import("./sharesClient.js").MadeShare} MadeShare */
/** @typedef {import("./shareChoices.js").TimeChoice} TimeChoice */
/**
 * What the page shows now.
 *
 * @typedef {object} Shown
 * @property {{ name: string, title: string } | null} view the view that the page is for
 * @property {string[]} series names
 * @property {TimeChoice[]} times
 * @property {boolean} isOpen true if nobody has to log in
 */

/** Modules of free space that readers of QR codes need around one. */
const QR_MARGIN = 4;

/** The dialog that makes a share link, and lists and revokes those that there are. */
export class ShareDialog {
  /** @type {TimeChoice[]} */
  #times = [];
  /** @type {MadeShare | null} */
  #made = null;
  #title = "";
  /** The view that will be shared; null shares series. @type {Shown["view"]} */
  #view = null;

  /**
   * @param {import("./sharesClient.js").SharesClient} client
   * @param {() => Shown} shown
   */
  constructor(client, shown) {
    this.client = client;
    this.shown = shown;
    this.list = new ShareList(client);
    this.dialog = setUpDialog("share", () => this.#fill());
    this.form = byId("share-form");
    this.title = /** @type {HTMLInputElement} */ (byId("share-heading"));
    this.series = /** @type {HTMLTextAreaElement} */ (byId("share-series"));
    this.window = /** @type {HTMLSelectElement} */ (byId("share-window"));
    this.expires = /** @type {HTMLSelectElement} */ (byId("share-expires"));
    this.link = /** @type {HTMLInputElement} */ (byId("share-link"));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make();
    });
    byId("share-copy").addEventListener("click", () => this.#copy());
    byId("share-send").addEventListener("click", () => this.#send());
    byId("share-another").addEventListener("click", () => {
      this.#showForm();
      this.title.focus();
    });
    // A link that nobody sees any more must not stay in the page.
    this.dialog.dialog.addEventListener("close", () => this.#showForm());
  }

  #fill() {
    const { view, series, times, isOpen } = this.shown();
    this.#times = times;
    this.#view = view;
    this.title.value = view ? view.title : "";
    byId("share-series-field").hidden = view !== null;
    byId("share-view-note").hidden = view === null;
    this.series.value = series.join("\n");
    const options = times.map(({ text }, i) => {
      const option = createElement("option", "", text);
      option.value = String(i);
      return option;
    });
    this.window.replaceChildren(...options);
    this.#showForm();
    this.list.update();
    // Then a link gives nothing that others do not have anyway.
    byId("share-open-note").hidden = !isOpen;
  }

  #showForm() {
    this.#made = null;
    this.link.value = "";
    byId("share-qr-path").removeAttribute("d");
    this.form.hidden = false;
    byId("share-made").hidden = true;
    setText(byId("share-error"), "");
    setText(byId("share-copied"), "");
  }

  async #make() {
    const series = parseSeriesLines(this.series.value);
    if (!this.#view && !series.length) {
      setText(byId("share-error"), "Give a series, or a pattern with *.");
      this.series.focus();
      return;
    }
    const shown = this.title.value.trim();
    const content = this.#view ? { view: this.#view.name } : { series };
    // A link without a title follows that of its view.
    const title = shown === this.#view?.title ? "" : shown;
    const { time } = this.#times[Number(this.window.value)];
    try {
      const made = await this.client.make({
        title, expires: this.expires.value, ...content, ...time,
      });
      this.#title = shown;
      if (this.dialog.dialog.open) this.#showMade(made);
    } catch (error) {
      if (!(error instanceof ShareRefusedError)) throw error;
      setText(byId("share-error"), `No link was made. ${error.message}`);
      return;
    }
    await this.list.update();
  }

  /** @param {MadeShare} made */
  #showMade(made) {
    this.#made = made;
    this.form.hidden = true;
    this.link.value = made.link;
    const { size, path } = made.qr;
    const width = size + 2 * QR_MARGIN;
    byId("share-qr").setAttribute("viewBox", `${-QR_MARGIN} ${-QR_MARGIN} ${width} ${width}`);
    byId("share-qr-path").setAttribute("d", path);
    byId("share-loopback").hidden = !isLoopback(made.link);
    byId("share-send").hidden = typeof navigator.share !== "function";
    byId("share-made").hidden = false;
    byId("share-copy").focus();
  }

  async #copy() {
    if (!this.#made) return;
    const isCopied = await copyText(this.#made.link);
    const hint = "Not copied. Select the link and copy it.";
    setText(byId("share-copied"), isCopied ? "Copied." : hint);
    if (!isCopied) this.link.select();
  }

  /** Open the share sheet of the system. */
  async #send() {
    if (!this.#made) return;
    const title = this.#title || "Stripchart";
    // Whoever closes the sheet has changed their mind.
    await navigator.share({ title, url: this.#made.link }).catch(() => {});
  }
}
