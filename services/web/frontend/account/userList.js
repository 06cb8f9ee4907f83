import { byId, createElement } from "../page/dom.js";
import { field, onSubmit, runAction } from "./forms.js";
import { createButton, createCell, ROLE_NAMES } from "./rows.js";

/** @typedef {import("./accountClient.js").User} User */
/** @typedef {import("./accountClient.js").Role} Role */

/** The list of users, and the form that adds one. */
export class UserList {
  /**
   * @param {import("./accountClient.js").AccountClient} client
   * @param {import("./question.js").Question} question
   * @param {string} ownName
   */
  constructor(client, question, ownName) {
    this.client = client;
    this.question = question;
    this.ownName = ownName;
    const [name, role, password] = ["user-name", "user-role", "user-password"].map(field);
    onSubmit("user-form", "user-form-error", async () => {
      await client.addUser({
        name: name.value.trim(), role: role.value, password: password.value,
      });
      name.value = password.value = "";
      await this.#show();
    });
  }

  load() {
    return runAction("users-error", () => this.#show());
  }

  async #show() {
    const users = await this.client.users();
    byId("users").replaceChildren(...users.map((user) => this.#createRow(user)));
  }

  /** @param {User} user */
  #createRow(user) {
    const { name, sessions } = user;
    const title = createElement("th", "", createElement("bdi", "", name));
    title.scope = "row";
    if (name === this.ownName) title.append(" (you)");
    const browsers = `${sessions} ${sessions === 1 ? "browser" : "browsers"}`;
    const actions = createElement("td", "");
    // An own password is changed with the old one, and nobody removes the own account by mistake.
    if (name !== this.ownName) {
      actions.append(
        createButton("New password", `New password for ${name}`, () => this.#askPassword(name)),
        createButton("Remove", `Remove ${name}`, () => this.#askRemoval(name)),
      );
    }
    return createElement(
      "tr",
      "",
      title,
      createCell("Role", this.#createRoleChoice(user)),
      createCell("Logged in", sessions ? browsers : "–"),
      actions,
    );
  }

  /** @param {User} user */
  #createRoleChoice({ name, role }) {
    const choice = createElement("select", "");
    choice.setAttribute("aria-label", `Role of ${name}`);
    for (const [value, text] of Object.entries(ROLE_NAMES)) {
      choice.add(new Option(text, value, false, value === role));
    }
    choice.addEventListener("change", async () => {
      const chosen = choice.value;
      const isChanged = await runAction("users-error", async () => {
        await this.client.changeUser(name, { role: chosen });
      });
      if (!isChanged) choice.value = role;
      // Who is no admin any more has another page.
      else if (name === this.ownName) location.reload();
      else await this.load();
    });
    return choice;
  }

  /** @param {string} name */
  #askPassword(name) {
    const texts = {
      title: `New password for ${name}`,
      text: "The user is signed out everywhere. Use at least 8 characters.",
      answer: "Set the password",
      asksPassword: true,
    };
    this.question.ask(texts, async (password) => {
      await this.client.changeUser(name, { password });
      await this.#show();
    });
  }

  /** @param {string} name */
  #askRemoval(name) {
    const text = "The user is signed out everywhere. Readings, views and tokens stay.";
    this.question.ask({ title: `Remove ${name}?`, text, answer: "Remove" }, async () => {
      await this.client.removeUser(name);
      await this.#show();
    });
  }
}
