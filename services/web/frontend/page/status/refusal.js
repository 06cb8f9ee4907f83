/** @typedef {import("../../feed/liveConnection.js").Refusal} Refusal */

/** What nginx needs to pass the page's host name and WebSockets on. */
export const NGINX_LINES = `proxy_set_header Host $http_host;
proxy_http_version 1.1;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $http_connection;`;

/**
 * Explain why the server refuses this page, and what to do.
 *
 * @param {Refusal} refusal
 * @param {{ host: string, hostname: string }} page the page's address
 * @returns {{ title: string, detail: string, lines: string }} `lines` are for the proxy, or empty
 */
export function explainRefusal({ reason, error, host }, page) {
  if (reason !== "origin") {
    return { title: "The server refuses this page.", detail: `Reason: ${error}.`, lines: "" };
  }
  return {
    title: "The proxy does not pass the name of this page on.",
    detail:
      `The page is at ${page.host}, but Stripchart is asked for ${host}. So it refuses WebSockets ` +
      `and every change from this page. List ${page.hostname} in STRIPCHART_ALLOWED_HOSTS, and in nginx ` +
      "add these lines beside proxy_pass; for other proxies see docs/reverse-proxy.md:",
    lines: NGINX_LINES,
  };
}
