import { formatAge } from "../format.js";
import { byId, createElement, setText } from "../page/dom.js";
import { copyText } from "../page/export/clipboard.js";
import { field, onSubmit, runAction } from "./forms.js";
import { createButton, createCell, ROLE_NAMES } from "./rows.js";

/** @typedef {import("./accountClient.js").Token} Token */

/** The list of tokens, and the form that makes one. */
export class TokenList {
  #format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  /**
   * @param {import("./accountClient.js").AccountClient} client
   * @param {import("./question.js").Question} question
   */
  constructor(client, question) {
    this.client = client;
    this.question = question;
    onSubmit("token-form", "token-form-error", () => this.#add());
    byId("new-token-copy").addEventListener("click", () => copyToken());
  }

  load() {
    return runAction("tokens-error", () => this.#show());
  }

  async #add() {
    const series = field("token-series").value.split("\n").map((line) => line.trim());
    const names = series.filter((line) => line !== "");
    const { name, token } = await this.client.addToken({
      name: field("token-name").value.trim(),
      scope: field("token-scope").value,
      expires: field("token-expires").value,
      series: names.length ? names : null,
    });
    field("token-name").value = field("token-series").value = "";
    this.#showNew(name, token);
    await this.load();
  }

  /**
   * @param {string} name
   * @param {string} token
   */
  #showNew(name, token) {
    setText(byId("new-token-title"), `The token ${name}`);
    setText(byId("new-token-text"), token);
    setText(byId("new-token-copy"), "Copy");
    setText(byId("new-token-copied"), "");
    const box = byId("new-token");
    box.hidden = false;
    box.focus();
    box.scrollIntoView({ block: "nearest" });
  }

  async #show() {
    const tokens = await this.client.tokens();
    const rows = tokens.map((token) => this.#createRow(token));
    byId("tokens").replaceChildren(...rows);
  }

  /** @param {Token} token */
  #createRow({ name, scope, series, expires, used }) {
    const now = Date.now() / 1_000;
    const title = createElement("th", "", createElement("bdi", "", name));
    title.scope = "row";
    const isEnded = expires !== null && expires <= now;
    const end = expires === null ? "never" : this.#format.format(expires * 1_000);
    return createElement(
      "tr",
      "",
      title,
      createCell("Role", ROLE_NAMES[scope]),
      createCell("Series", series?.join(", ") ?? "all", "series-cell"),
      createCell("Ends", isEnded ? `${end} (ended)` : end, isEnded ? "ended" : ""),
      // The server records a use at most once an hour.
      createCell("Last used", used === null ? "never" : formatAge(Math.max(0, now - used))),
      createElement("td", "", createButton("Revoke", `Revoke ${name}`, () => this.#ask(name))),
    );
  }

  /** @param {string} name */
  #ask(name) {
    const text = "Programs that use this token can't log in any more, and are disconnected.";
    this.question.ask({ title: `Revoke ${name}?`, text, answer: "Revoke" }, async () => {
      await this.client.revokeToken(name);
      if (byId("new-token-title").textContent === `The token ${name}`) byId("new-token").hidden = true;
      await this.#show();
    });
  }
}

async function copyToken() {
  const code = byId("new-token-text");
  const isCopied = await copyText(code.textContent ?? "");
  if (!isCopied) window.getSelection()?.selectAllChildren(code);
  const text = isCopied ? "Copied" : "Press Ctrl+C";
  setText(byId("new-token-copy"), text);
  setText(byId("new-token-copied"), text);
}
