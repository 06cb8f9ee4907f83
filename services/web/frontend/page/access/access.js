/** @typedef {"view" | "write" | "admin"} Role */
/**
 * @typedef {object} Me who uses this page, as the server answers at `/api/me`
 * @property {string} kind how that was found, such as "user", or "everybody" without any login
 * @property {string} name
 * @property {Role} role
 * @property {string[] | null} series
 * @property {boolean} login_required
 * @property {boolean} exposed true if other machines reach a server that asks for no login
 */

const UNAUTHORIZED = 401;

/** Knows who uses this page and what they may do, and notices when they are signed out. */
export class Access extends EventTarget {
  /** Who uses this page; null if not known. @type {Me | null} */
  me = null;
  #isSignedOut = false;

  /**
   * @param {import("../../feed/addresses.js").Addresses} addresses
   * @param {(address: string, options?: RequestInit) => Promise<Response>} fetch
   */
  constructor(addresses, fetch) {
    super();
    this.addresses = addresses;
    this.send = fetch;
  }

  /** True once the server has asked for a login. The page sends no more requests. */
  get isSignedOut() {
    return this.#isSignedOut;
  }

  /**
   * Send a request, and notice if the server asks for a login.
   *
   * @param {string} address
   * @param {RequestInit} [options]
   * @returns {Promise<Response>}
   */
  fetch = async (address, options) => {
    if (this.#isSignedOut) throw new Error("signed out");
    const response = await this.send(address, options);
    if (response.status === UNAUTHORIZED) this.signOut();
    return response;
  };

  /** Ask the server who uses this page. Without an answer, what is known stays. */
  async refresh() {
    try {
      const headers = { Accept: "application/json" };
      const response = await this.fetch(this.addresses.me, { headers, cache: "no-store" });
      if (!response.ok) return;
      const me = /** @type {Me} */ (await response.json());
      if (JSON.stringify(me) === JSON.stringify(this.me)) return;
      this.me = me;
    } catch {
      return;
    }
    this.dispatchEvent(new Event("change"));
  }

  /** Stop all requests, because nobody is logged in any more. */
  signOut() {
    if (this.#isSignedOut) return;
    this.#isSignedOut = true;
    this.dispatchEvent(new Event("signout"));
  }
}
