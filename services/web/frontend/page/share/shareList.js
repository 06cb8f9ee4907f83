import { byId, createElement, setText } from "../dom.js";
import { ShareRefusedError } from "./sharesClient.js";

/** @typedef {import("./sharesClient.js").ListedShare} ListedShare */

/** The list of share links, each with a button that revokes it. */
export class ShareList {
  #ends = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  /** The shares that are shown, as JSON. */
  #shown = "";

  /** @param {import("./sharesClient.js").SharesClient} client */
  constructor(client) {
    this.client = client;
    this.element = byId("share-list");
  }

  /** Read the list and show it. */
  async update() {
    try {
      this.#show(await this.client.list());
      this.#showError("");
    } catch (error) {
      if (!(error instanceof ShareRefusedError)) throw error;
      this.#showError(`The links can't be listed. ${error.message}`);
    }
  }

  /** @param {ListedShare[]} shares */
  #show(shares) {
    const text = JSON.stringify(shares);
    // A new button would not have the focus, nor the click that has begun.
    if (text === this.#shown) return;
    this.#shown = text;
    const items = shares.map((share) => this.#createItem(share)).reverse();
    this.element.replaceChildren(...items);
    byId("share-list-part").hidden = !items.length;
  }

  /** @param {string} text */
  #showError(text) {
    if (text) byId("share-list-part").hidden = false;
    setText(byId("share-list-error"), text);
  }

  /** @param {ListedShare} share */
  #createItem(share) {
    const { id, title, series, view, expires, creator } = share;
    const name = title || view || series.join(", ");
    const end = expires === null ? "never ends" : `ends ${this.#ends.format(expires * 1_000)}`;
    const by = creator ? [" · by ", createElement("bdi", "", creator)] : [];
    const revoke = createElement("button", "button danger", "Revoke");
    revoke.type = "button";
    revoke.setAttribute("aria-label", `Revoke ${name}, ${end}`);
    revoke.addEventListener("click", () => this.#revoke(id));
    return createElement(
      "li",
      "",
      createElement(
        "span",
        "share-text",
        createElement("bdi", "share-name", name),
        createElement("span", "share-facts", end, ...by),
      ),
      revoke,
    );
  }

  /** @param {string} id */
  async #revoke(id) {
    try {
      await this.client.revoke(id);
    } catch (error) {
      if (!(error instanceof ShareRefusedError)) throw error;
      this.#showError(`Not revoked. ${error.message}`);
      return;
    }
    await this.update();
    // The button is gone, and the focus must not be lost with it.
    /** @type {HTMLElement | null} */
    const next = this.element.querySelector("button");
    (next ?? byId("share-heading")).focus();
  }
}
