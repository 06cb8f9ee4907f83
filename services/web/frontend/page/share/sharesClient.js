/** @typedef {import("./shareChoices.js").SharedTime} SharedTime */
/** @typedef {{ series: string[] } | { view: string }} SharedContent */
/** @typedef {{ title: string, expires: string } & SharedContent & SharedTime} ShareRequest */
/** @typedef {{ id: string, link: string, qr: { size: number, path: string } }} MadeShare */
/**
 * A share link in the list. Times are in seconds.
 *
 * @typedef {object} ListedShare
 * @property {string} id
 * @property {string} title
 * @property {string[]} series
 * @property {string | null} view name of the view; null for a link to series
 * @property {number | null} expires
 * @property {string} creator
 */

/** Milliseconds that the server may take to make a link. */
const TIMEOUT_MS = 20_000;

/** A request about share links that failed, with the reason for people. */
export class ShareRefusedError extends Error {}

/** Lists, makes and revokes share links. Its methods throw ShareRefusedError. */
export class SharesClient {
  /**
   * @param {import("../../feed/addresses.js").Addresses} addresses
   * @param {(address: string, options: RequestInit) => Promise<Response>} fetch
   */
  constructor(addresses, fetch) {
    this.addresses = addresses;
    this.fetch = fetch;
  }

  /** @returns {Promise<ListedShare[]>} */
  async list() {
    return (await this.#request(this.addresses.shares)).shares;
  }

  /** @param {ShareRequest} wanted @returns {Promise<MadeShare>} */
  make(wanted) {
    return this.#request(this.addresses.shares, "POST", JSON.stringify(wanted));
  }

  /** @param {string} id */
  revoke(id) {
    return this.#request(this.addresses.share(id), "DELETE");
  }

  /**
   * @param {string} address
   * @param {string} [method]
   * @param {string} [body]
   * @returns {Promise<any>}
   */
  async #request(address, method = "GET", body = undefined) {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { Accept: "application/json" };
    /** @type {Response} */
    let response;
    try {
      response = await this.fetch(address, { method, body, headers, signal, cache: "no-store" });
    } catch {
      throw new ShareRefusedError("The server does not answer. Try again.");
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new ShareRefusedError(answer.error ?? `The server answered ${response.status}`);
  }
}
