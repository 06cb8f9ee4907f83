import { byId, setText } from "../dom.js";

/** @typedef {import("./access.js").Access} Access */
/** @typedef {import("./access.js").Me} Me */
/** @typedef {import("../../feed/addresses.js").Addresses} Addresses */

/**
 * Show who uses the page, and only the controls that they may use: those that need a role have the
 * attribute `data-needs`.
 *
 * @param {Access} access
 * @param {Addresses} addresses
 */
export function setUpAccessMenu(access, addresses) {
  const link = /** @type {HTMLAnchorElement} */ (byId("menu-account"));
  access.addEventListener("change", () => {
    if (!access.me) return;
    document.documentElement.dataset.role = access.me.role;
    const entry = accountEntry(access.me);
    link.hidden = entry === null;
    if (!entry) return;
    const address = entry.page === "login" ? currentLogin(addresses) : addresses[entry.page];
    link.href = address;
    setText(byId("menu-account-label"), entry.label);
    setText(byId("menu-account-hint"), entry.hint);
  });
  access.addEventListener("signout", () => {
    byId("signed-out").hidden = false;
    const link = byId("signed-out").querySelector("a");
    if (link) link.href = currentLogin(addresses);
  });
  // The role may have changed since the page was loaded.
  byId("open-menu").addEventListener("pointerenter", () => access.refresh());
  byId("open-menu").addEventListener("focus", () => access.refresh());
  access.refresh();
}

/** @param {Addresses} addresses */
const currentLogin = (addresses) => addresses.login(location.href.slice(addresses.root.href.length));

/**
 * Return the entry of the menu that leads to the login or the account.
 *
 * @param {Me} me
 * @returns {{ page: "login" | "account" | "setup", label: string, hint: string } | null} null for
 *   people with a share link, who have no account
 */
export function accountEntry({ kind, name, exposed }) {
  switch (kind) {
    case "everybody": {
      const hint = exposed ? "Anybody who reaches this server can write and delete." : "";
      return { page: "setup", label: "Set up a login", hint };
    }
    case "anonymous":
      return { page: "login", label: "Log in", hint: "" };
    case "share":
      return null;
    default:
      return { page: "account", label: "Account", hint: name };
  }
}
