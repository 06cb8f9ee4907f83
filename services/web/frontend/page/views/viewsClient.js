/** @typedef {import("./viewDocument.js").ViewDocument} ViewDocument */
/** @typedef {{ name: string, title: string, revision: number, panels: number }} ListedView */

/** Milliseconds that the server may take to save a view. */
const TIMEOUT_MS = 20_000;

/** A request about a view that the server refused, with the reason for people. */
export class ViewRefusedError extends Error {
  /**
   * @param {string} message
   * @param {number} status of HTTP; 0 without an answer
   * @param {number | null} revision that the stored view has; null if there is none
   */
  constructor(message, status, revision) {
    super(message);
    this.status = status;
    this.revision = revision;
  }

  /** True if somebody else has changed the view, or it exists already. */
  get isConflict() {
    return this.status === 409;
  }
}

/** Reads, saves and deletes views. Its methods throw ViewRefusedError. */
export class ViewsClient {
  /**
   * @param {import("../../feed/addresses.js").Addresses} addresses
   * @param {(address: string, options: RequestInit) => Promise<Response>} fetch
   */
  constructor(addresses, fetch) {
    this.addresses = addresses;
    this.fetch = fetch;
  }

  /** @returns {Promise<ListedView[]>} */
  async list() {
    return (await this.#request(this.addresses.views)).views;
  }

  /** @param {string} name @returns {Promise<ViewDocument>} */
  read(name) {
    return this.#request(this.addresses.view(name));
  }

  /**
   * Read the view that the share link of this page shows, with the title of the link.
   *
   * @returns {Promise<ViewDocument>}
   */
  async readShared() {
    const { title, view } = await this.#request(this.addresses.shared);
    return { ...view, title };
  }

  /**
   * Save a view in place of the one with the revision of the document.
   *
   * @param {string} name
   * @param {ViewDocument} document
   * @returns {Promise<{ name: string, revision: number }>}
   */
  save(name, document) {
    return this.#request(this.addresses.view(name), "PUT", JSON.stringify(document));
  }

  /** @param {string} name @param {number | null} revision */
  remove(name, revision) {
    const url = new URL(this.addresses.view(name));
    if (revision !== null) url.searchParams.set("revision", String(revision));
    return this.#request(url.href, "DELETE");
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
      throw new ViewRefusedError("The server does not answer. Try again.", 0, null);
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const reason = answer.error ?? `The server answered ${response.status}`;
    throw new ViewRefusedError(reason, response.status, answer.revision ?? null);
  }
}
