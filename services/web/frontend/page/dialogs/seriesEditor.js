import { formatCount } from "../../format.js";
import { byId } from "../dom.js";
import { setUpDialog } from "./dialog.js";
import { SettingsForm } from "./settingsForm.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ from: number, to: number }} Range seconds */
/**
 * @typedef {object} SeriesEditorOptions
 * @property {import("../../feed/addresses.js").Addresses} addresses
 * @property {import("../../view/timeView.js").TimeView} view
 * @property {import("../../format.js").TimeFormat} format
 * @property {(address: string, options?: RequestInit) => Promise<Response>} fetch
 * @property {(name: string, newName: string | null) => void} onRename null: the series was deleted
 * @property {() => void} onChange called when the server has accepted other settings
 */

const FETCH_TIMEOUT_MS = 20_000;

/** The dialog that sets how a series is shown, renames it, erases a range or deletes it. */
export class SeriesEditor {
  #name = "";
  /** @type {Range | null} */
  #range = null;

  /** @param {SeriesEditorOptions} options */
  constructor(options) {
    this.options = options;
    const { dialog, open } = setUpDialog("editor");
    this.dialog = dialog;
    this.show = open;
    this.fields = /** @type {HTMLFieldSetElement} */ (byId("editor-fields"));
    this.name = input("editor-name");
    this.settings = new SettingsForm();
    this.eraseConfirmation = input("editor-erase-confirm");
    this.deleteConfirmation = input("editor-delete-name");
    onSubmit("editor-rename", () => this.#rename());
    onSubmit("editor-settings", () => this.#saveSettings());
    onSubmit("editor-erase", () => this.#erase());
    onSubmit("editor-delete", () => this.#delete());
    this.eraseConfirmation.addEventListener("change", () => this.#updateButtons());
    for (const field of [this.name, this.deleteConfirmation]) {
      field.addEventListener("input", () => this.#updateButtons());
    }
  }

  /** @param {Series} series */
  open(series) {
    this.#name = series.name;
    this.#range = erasableRange(series, this.options.view);
    byId("editor-series").textContent = series.name;
    this.name.value = series.name;
    this.settings.show(series);
    this.deleteConfirmation.value = "";
    this.eraseConfirmation.checked = false;
    this.#updateRange(series);
    this.#showError("");
    this.#updateButtons();
    this.show();
  }

  /** @param {Series} series */
  #updateRange(series) {
    const range = this.#range;
    byId("editor-erase").hidden = !range;
    byId("editor-erase-hint").hidden = range !== null;
    if (!range) return;
    const { format } = this.options;
    const count = series.summary(range.from, range.to)?.count ?? 0;
    const readings = `${formatCount(count)} reading${count === 1 ? "" : "s"}`;
    const [from, to] = [format.dateTime(range.from), format.dateTime(range.to)];
    byId("editor-erase-range").textContent = `Visible range, ${from} to ${to}: ${readings}`;
  }

  /** Disable buttons that would change nothing or lack their confirmation. */
  #updateButtons() {
    submitButton("editor-rename").disabled = !this.name.value || this.name.value === this.#name;
    submitButton("editor-erase").disabled = !this.eraseConfirmation.checked;
    submitButton("editor-delete").disabled = this.deleteConfirmation.value !== this.#name;
  }

  async #saveSettings() {
    const { change, problem } = this.settings;
    if (problem) this.#showError(problem);
    else if (!Object.keys(change).length) this.dialog.close();
    else if (await this.#patch(change)) this.options.onChange();
  }

  async #rename() {
    const name = this.name.value;
    if (await this.#patch({ name })) this.options.onRename(this.#name, name);
  }

  /** @param {{ name: string } | Partial<import("./settingsForm.js").Settings>} change */
  #patch(change) {
    const address = this.options.addresses.correction(this.#name);
    return this.#send("PATCH", address, JSON.stringify(change));
  }

  async #erase() {
    if (!this.#range || !this.eraseConfirmation.checked) return;
    await this.#send("DELETE", this.options.addresses.correction(this.#name, this.#range));
  }

  async #delete() {
    if (this.deleteConfirmation.value !== this.#name) return;
    const deleted = await this.#send("DELETE", this.options.addresses.correction(this.#name));
    if (deleted) this.options.onRename(this.#name, null);
  }

  /**
   * Send a correction, then close the dialog or show a message in it.
   *
   * @param {"PATCH" | "DELETE"} method
   * @param {string} address
   * @param {string} [body]
   * @returns {Promise<boolean>} true if the server accepted the correction
   */
  async #send(method, address, body) {
    this.#showError("");
    this.fields.disabled = true;
    try {
      const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
      const headers = { Accept: "application/json", "Content-Type": "application/json" };
      const response = await this.options.fetch(address, { method, body, headers, signal });
      const result = await response.json().catch(() => ({}));
      const retryAfter = response.headers.get("Retry-After");
      const bucketsBefore = result.whole_buckets_before;
      if (!response.ok) this.#showError(errorText(response.status, result.error, retryAfter));
      else if (bucketsBefore !== undefined) this.#showError(this.#bucketsText(bucketsBefore));
      else this.dialog.close();
      return response.ok;
    } catch {
      this.#showError(
        "The server does not answer, but may have made the change. Check before you try again.",
      );
      return false;
    } finally {
      this.fields.disabled = false;
    }
  }

  /** @param {number} before seconds: the server keeps only buckets before this time */
  #bucketsText(before) {
    const time = this.options.format.dateTime(before, 1);
    return (
      `Erased. Before ${time} only averages are stored; ` +
      "those that reach beyond the range remain."
    );
  }

  /** @param {string} text */
  #showError(text) {
    const message = byId("editor-error");
    message.textContent = text;
    // The button that caused it may be far below.
    if (text) message.scrollIntoView({ block: "nearest" });
  }
}

/**
 * Return the visible range if its readings can be erased: the window is paused and the series has
 * readings in it.
 *
 * @param {Series} series
 * @param {{ live: boolean, from: number, to: number, now: number }} view
 * @returns {Range | null} null if the range can't be erased
 */
export function erasableRange(series, { live, from, to, now }) {
  const range = { from: Math.max(0, from), to: Math.min(to, now) };
  return !live && range.from < range.to && series.summary(range.from, range.to) ? range : null;
}

/**
 * Explain why the server refused a correction, and what to do.
 *
 * @param {number} status
 * @param {string | undefined} error the server's reason
 * @param {string | null} retryAfter seconds
 * @returns {string}
 */
export function errorText(status, error, retryAfter) {
  const reason = error ? `: ${error}` : "";
  const when = retryAfter ? `in ${retryAfter} s` : "later";
  switch (status) {
    case 400:
      return `The server refused the change${reason}.`;
    case 401:
      return "You are signed out. Log in again to change something.";
    case 403:
      return `The server refused the change${reason}.`;
    case 404:
      return "This series no longer exists.";
    case 409:
      return "A series with this name already exists. Series can't be merged: choose another name.";
    case 413:
      return "The text is too long. Shorten it.";
    case 503:
      return `The server can't make changes now. Try again ${when}.`;
    default:
      return `The server answered with status ${status}${reason}.`;
  }
}

/**
 * Run an action instead of submitting a form.
 *
 * @param {string} id of the form
 * @param {() => void} action
 */
function onSubmit(id, action) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}

/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (byId(id));

/** @param {string} formId */
const submitButton = (formId) =>
  /** @type {HTMLButtonElement} */ (byId(formId).querySelector("button"));
