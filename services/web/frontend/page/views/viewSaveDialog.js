import { setUpDialog } from "../dialogs/dialog.js";
import { byId, setText } from "../dom.js";
import { nameOfTitle } from "./viewDocument.js";
import { ViewRefusedError } from "./viewsClient.js";

/** @typedef {import("./viewDocument.js").ViewDocument} ViewDocument */

/** The dialog that asks for title and name of a new view, and saves it. */
export class ViewSaveDialog {
  /** @type {ViewDocument | null} */
  #document = null;
  /** Revision of the view that has the name already. @type {number | null} */
  #existing = null;
  /** True once somebody typed a name of his own. */
  #isNamed = false;

  /**
   * @param {import("./viewsClient.js").ViewsClient} client
   * @param {(name: string) => void} onSaved
   */
  constructor(client, onSaved) {
    this.client = client;
    this.onSaved = onSaved;
    this.dialog = setUpDialog("view-save");
    this.title = /** @type {HTMLInputElement} */ (byId("view-save-heading"));
    this.name = /** @type {HTMLInputElement} */ (byId("view-save-name"));
    this.title.addEventListener("input", () => {
      if (!this.#isNamed) this.name.value = nameOfTitle(this.title.value);
      this.#update();
    });
    this.name.addEventListener("input", () => {
      this.#isNamed = true;
      this.#update();
    });
    byId("view-save-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save(null);
    });
    byId("view-save-replace").addEventListener("click", () => this.#save(this.#existing));
  }

  /**
   * @param {ViewDocument} document
   * @param {string} heading of the dialog
   * @param {string} [name] that is proposed
   */
  open(document, heading, name = "") {
    this.#document = document;
    this.#isNamed = name !== "";
    byId("view-save-title").textContent = heading;
    this.title.value = document.title;
    this.name.value = name || nameOfTitle(document.title);
    this.#update();
    this.dialog.open();
    this.title.select();
  }

  #update() {
    setText(byId("view-save-error"), "");
    byId("view-save-replace").hidden = true;
    const name = this.name.value.trim();
    setText(byId("view-save-address"), name ? this.client.addresses.viewPage(name) : "");
  }

  /** @param {number | null} revision of the view to replace; null makes a new one */
  async #save(revision) {
    if (!this.#document) return;
    const name = this.name.value.trim();
    const document = { ...this.#document, title: this.title.value.trim(), revision };
    try {
      const saved = await this.client.save(name, document);
      this.dialog.dialog.close();
      this.onSaved(saved.name);
    } catch (error) {
      if (!(error instanceof ViewRefusedError)) throw error;
      this.#showRefusal(name, error);
    }
  }

  /**
   * @param {string} name
   * @param {ViewRefusedError} error
   */
  #showRefusal(name, error) {
    this.#existing = error.revision;
    const isTaken = error.isConflict && error.revision !== null;
    byId("view-save-replace").hidden = !isTaken;
    const text = isTaken
      ? `There is a view ${name} already. Choose another name, or replace it.`
      : error.message;
    setText(byId("view-save-error"), text);
    this.name.focus();
  }
}
