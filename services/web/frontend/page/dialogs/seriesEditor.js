import { formatCount } from "../../format.js";
import { dialogOf } from "./dialog.js";
import { byId } from "../element.js";

/** @typedef {import("../../store/series.js").Series} Series */
/** @typedef {{ from: number, to: number }} Range seconds */
/**
 * @typedef {object} CorrectionParts
 * @property {import("../../feed/addresses.js").Addresses} addresses
 * @property {import("../../view/timeView.js").TimeView} view
 * @property {import("../../format.js").TimeFormat} format
 * @property {typeof fetch} fetch
 * @property {(name: string, next: string | null) => void} onRename the series has another name,
 *   or null: it is deleted
 */

/** Milliseconds that an answer may take. */
const PATIENCE = 20_000;

/** The dialog in which a series is renamed, given a unit, erased in part, or deleted. */
export class Corrections {
  #name = "";
  /** @type {Range | null} */
  #range = null;

  /** @param {CorrectionParts} parts */
  constructor(parts) {
    this.parts = parts;
    const { dialog, open } = dialogOf("editor");
    this.dialog = dialog;
    this.show = open;
    this.all = /** @type {HTMLFieldSetElement} */ (byId("editor-fields"));
    this.name = input("editor-name");
    this.unit = input("editor-unit");
    this.sure = input("editor-erase-confirm");
    this.typed = input("editor-delete-name");
    this.#onSubmit("editor-rename", () => this.#rename());
    this.#onSubmit("editor-set-unit", () => this.#change({ unit: this.unit.value || null }));
    this.#onSubmit("editor-erase", () => this.#erase());
    this.#onSubmit("editor-delete", () => this.#delete());
    this.sure.addEventListener("change", () => this.#mark());
    for (const field of [this.name, this.typed]) {
      field.addEventListener("input", () => this.#mark());
    }
  }

  /** @param {Series} series */
  open(series) {
    this.#name = series.name;
    this.#range = erasable(series, this.parts.view);
    byId("editor-series").textContent = series.name;
    this.name.value = series.name;
    this.unit.value = series.unit ?? "";
    this.typed.value = "";
    this.sure.checked = false;
    this.#offerRange(series);
    this.#say("");
    this.#mark();
    this.show();
  }

  /** @param {Series} series */
  #offerRange(series) {
    const range = this.#range;
    byId("editor-erase").hidden = !range;
    byId("editor-erase-hint").hidden = range !== null;
    if (!range) return;
    const { format } = this.parts;
    const count = series.summary(range.from, range.to)?.count ?? 0;
    const readings = `${formatCount(count)} reading${count === 1 ? "" : "s"}`;
    const [from, to] = [format.dateTime(range.from), format.dateTime(range.to)];
    byId("editor-erase-range").textContent = `What is visible, from ${from} to ${to}: ${readings}`;
  }

  /** Let nothing be pressed that would do nothing, or that was not meant. */
  #mark() {
    button("editor-rename").disabled = !this.name.value || this.name.value === this.#name;
    button("editor-erase").disabled = !this.sure.checked;
    button("editor-delete").disabled = this.typed.value !== this.#name;
  }

  async #rename() {
    const name = this.name.value;
    if (await this.#change({ name })) this.parts.onRename(this.#name, name);
  }

  /** @param {{ name: string } | { unit: string | null }} change */
  #change(change) {
    return this.#ask("PATCH", this.parts.addresses.correction(this.#name), JSON.stringify(change));
  }

  async #erase() {
    if (!this.#range || !this.sure.checked) return;
    await this.#ask("DELETE", this.parts.addresses.correction(this.#name, this.#range));
  }

  async #delete() {
    if (this.typed.value !== this.#name) return;
    const done = await this.#ask("DELETE", this.parts.addresses.correction(this.#name));
    if (done) this.parts.onRename(this.#name, null);
  }

  /**
   * @param {"PATCH" | "DELETE"} method
   * @param {string} address
   * @param {string} [body]
   * @returns {Promise<boolean>} whether it is done; then the dialog closes unless more is to be said
   */
  async #ask(method, address, body) {
    this.#say("");
    this.all.disabled = true;
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const headers = { Accept: "application/json", "Content-Type": "application/json" };
      const answer = await this.parts.fetch(address, { method, body, headers, signal });
      const document = await answer.json().catch(() => ({}));
      const wait = answer.headers.get("Retry-After");
      const left = document.whole_buckets_before;
      if (!answer.ok) this.#say(refusal(answer.status, document.error, wait));
      else if (left !== undefined) this.#say(this.#coarse(left));
      else this.dialog.close();
      return answer.ok;
    } catch {
      this.#say("The server does not answer. It may have taken the correction all the same.");
      return false;
    } finally {
      this.all.disabled = false;
    }
  }

  /** @param {number} before seconds */
  #coarse(before) {
    const time = this.parts.format.dateTime(before, 1);
    return `Erased. Before ${time} only means are left, which are erased where the range has all of their time.`;
  }

  /** @param {string} text */
  #say(text) {
    byId("editor-error").textContent = text;
  }

  /**
   * @param {string} id of a form
   * @param {() => void} action
   */
  #onSubmit(id, action) {
    byId(id).addEventListener("submit", (event) => {
      event.preventDefault();
      action();
    });
  }
}

/**
 * The visible range, if it can be meant: it must stand still, and the series have readings there.
 *
 * @param {Series} series
 * @param {{ live: boolean, from: number, to: number, now: number }} view
 * @returns {Range | null}
 */
export function erasable(series, { live, from, to, now }) {
  const range = { from: Math.max(0, from), to: Math.min(to, now) };
  return !live && range.from < range.to && series.summary(range.from, range.to) ? range : null;
}

/**
 * Why the server did not take a correction, and what to do.
 *
 * @param {number} status
 * @param {string | undefined} error the server's own words
 * @param {string | null} wait seconds
 */
export function refusal(status, error, wait) {
  const words = error ? `: ${error}` : "";
  switch (status) {
    case 400:
      return `That can't be done${words}.`;
    case 403:
      return "The server takes no corrections from this page.";
    case 404:
      return "There is no such series any more.";
    case 409:
      return "There is a series of this name already. Series are not merged.";
    case 413:
      return "That is too long.";
    case 503:
      return `The server can't take corrections now. Try again${wait ? ` in ${wait} s` : " later"}.`;
    default:
      return `The server answered ${status}${words}.`;
  }
}

/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement} */ (byId(id));

/** The button of a form. @param {string} id */
const button = (id) =>
  /** @type {HTMLButtonElement} */ (byId(id).querySelector("button"));
