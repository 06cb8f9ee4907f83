/**
 * @typedef {"view" | "write" | "admin"} Role
 * @typedef {{ name: string, role: Role, created: number, sessions: number }} User
 * @typedef {{ name: string, scope: Role, series: string[] | null, created: number,
 *             expires: number | null, used: number | null }} Token times in seconds
 */

/** Milliseconds that the server may take: a password is hashed slowly on purpose. */
const TIMEOUT_MS = 30_000;

/** A request about access that was refused, with the reason for people. */
export class AccessRefusedError extends Error {}

/** Asks the server about users and tokens. Its methods throw AccessRefusedError. */
export class AccountClient {
  /**
   * @param {URL} root address of the server
   * @param {(address: string, options: RequestInit) => Promise<Response>} fetch
   * @param {() => void} onSignedOut called when nobody is logged in any more
   */
  constructor(root, fetch, onSignedOut) {
    this.root = root;
    this.fetch = fetch;
    this.onSignedOut = onSignedOut;
  }

  /** @returns {Promise<User[]>} */
  async users() {
    return (await this.#request("GET", "api/users")).users;
  }

  /** @param {{ name: string, password: string, role: string }} user */
  addUser(user) {
    return this.#request("POST", "api/users", user);
  }

  /**
   * @param {string} name
   * @param {{ role?: string, password?: string }} change
   */
  changeUser(name, change) {
    return this.#request("PATCH", `api/users/${encodeURIComponent(name)}`, change);
  }

  /** @param {string} name */
  removeUser(name) {
    return this.#request("DELETE", `api/users/${encodeURIComponent(name)}`);
  }

  /** @returns {Promise<Token[]>} */
  async tokens() {
    return (await this.#request("GET", "api/tokens")).tokens;
  }

  /**
   * @param {{ name: string, scope: string, expires: string, series: string[] | null }} token
   * @returns {Promise<{ name: string, token: string }>}
   */
  addToken(token) {
    return this.#request("POST", "api/tokens", token);
  }

  /** @param {string} name */
  revokeToken(name) {
    return this.#request("DELETE", `api/tokens?${new URLSearchParams({ name })}`);
  }

  /** @param {{ old: string, new: string }} passwords */
  changePassword(passwords) {
    return this.#request("PUT", "api/me/password", passwords);
  }

  /** End all own sessions. */
  signOutEverywhere() {
    return this.#request("DELETE", "api/me/sessions");
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async #request(method, path, body) {
    const address = new URL(path, this.root).href;
    const headers = { Accept: "application/json", "Content-Type": "application/json" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    /** @type {Response} */
    let response;
    try {
      const content = body && JSON.stringify(body);
      response = await this.fetch(address, {
        method, headers, signal, body: content, cache: "no-store",
      });
    } catch {
      throw new AccessRefusedError("The server does not answer. Look at what it has, and try again.");
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    if (response.status === 401) this.onSignedOut();
    throw new AccessRefusedError(sentence(answer.error ?? `the server answered ${response.status}`));
  }
}

/**
 * Make a sentence of an error of the server.
 *
 * @param {string} error
 */
export function sentence(error) {
  const text = error.charAt(0).toUpperCase() + error.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
