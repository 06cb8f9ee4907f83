import { byId, setText } from "../page/dom.js";
import { setUpDialog } from "../page/dialogs/dialog.js";
import { field, onSubmit } from "./forms.js";

/**
 * @typedef {object} QuestionTexts
 * @property {string} title
 * @property {string} text
 * @property {string} answer text of the button
 * @property {boolean} [asksPassword] true if a new password must be typed
 */

/** The dialog that asks before something is done that can't be undone. */
export class Question {
  /** @type {(password: string) => Promise<void>} */
  #action = async () => {};

  constructor() {
    const { dialog, open } = setUpDialog("question");
    this.dialog = dialog;
    this.show = open;
    this.password = /** @type {HTMLInputElement} */ (field("question-password"));
    byId("question-cancel").addEventListener("click", () => dialog.close());
    onSubmit("question-form", "question-error", async () => {
      await this.#action(this.password.value);
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      this.password.value = "";
    });
  }

  /**
   * @param {QuestionTexts} texts
   * @param {(password: string) => Promise<void>} action called when the answer is yes
   */
  ask({ title, text, answer, asksPassword = false }, action) {
    this.#action = action;
    setText(byId("question-title"), title);
    setText(byId("question-text"), text);
    setText(byId("question-error"), "");
    setText(byId("question-answer"), answer);
    byId("question-answer").classList.toggle("danger", !asksPassword);
    byId("question-field").hidden = !asksPassword;
    this.password.required = asksPassword;
    this.show();
    if (asksPassword) this.password.focus();
  }
}
