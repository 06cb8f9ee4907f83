import { CALENDAR_WINDOWS, calendarWindow } from "../../view/calendarWindows.js";
import { formatLocalInput, parseLocalInput } from "../../view/localTime.js";
import { byId, createElement } from "../dom.js";
import { setUpDialog } from "./dialog.js";

/** @typedef {import("../../view/timeView.js").TimeView} TimeView */

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** Windows that end now and move on. @type {readonly { text: string, span: number }[]} */
const RECENT = [
  { text: "15 min", span: 900 },
  { text: "1 h", span: HOUR_SECONDS },
  { text: "6 h", span: 6 * HOUR_SECONDS },
  { text: "12 h", span: 12 * HOUR_SECONDS },
  { text: "24 h", span: DAY_SECONDS },
  { text: "2 days", span: 2 * DAY_SECONDS },
  { text: "7 days", span: 7 * DAY_SECONDS },
  { text: "30 days", span: 30 * DAY_SECONDS },
  { text: "90 days", span: 90 * DAY_SECONDS },
  { text: "1 year", span: 365 * DAY_SECONDS },
];

/** The dialog in which a date, a time or a usual window is chosen. */
export class TimePicker {
  /** @param {TimeView} view */
  constructor(view) {
    this.view = view;
    const { dialog, open } = setUpDialog("time", () => this.#fill());
    this.dialog = dialog;
    this.open = open;
    this.from = /** @type {HTMLInputElement} */ (byId("time-from"));
    this.to = /** @type {HTMLInputElement} */ (byId("time-to"));
    byId("time-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#apply();
    });
    const recent = RECENT.map(({ text, span }) => this.#createButton(text, () => ({ span })));
    const calendar = CALENDAR_WINDOWS.map(({ text, unit, count }) =>
      this.#createButton(text, () => calendarWindow(unit, count, view.now)),
    );
    byId("time-recent").replaceChildren(...recent);
    byId("time-calendar").replaceChildren(...calendar);
    byId("time-zone").textContent = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  #fill() {
    const { from, to } = this.view;
    this.from.value = formatLocalInput(from);
    this.to.value = formatLocalInput(to);
    this.#showError("");
  }

  /** @param {string} text "" for none */
  #showError(text) {
    byId("time-error").textContent = text;
  }

  /**
   * @param {string} text
   * @param {() => import("../../view/timeRange.js").TimeRange} range
   */
  #createButton(text, range) {
    const button = createElement("button", "button", text);
    button.type = "button";
    button.addEventListener("click", () => this.#show(range()));
    return button;
  }

  #apply() {
    const { span, now } = this.view;
    const from = parseLocalInput(this.from.value);
    // Without an end, the window keeps its length.
    const to = parseLocalInput(this.to.value) ?? (from ?? NaN) + span;
    if (from === null) this.#showError("Enter a date and a time after From.");
    else if (from >= to) this.#showError("From must be before To.");
    else if (from >= now) this.#showError("From is in the future. Choose an earlier time.");
    else this.#show({ from, to });
  }

  /** @param {import("../../view/timeRange.js").TimeRange} range */
  #show(range) {
    this.dialog.close();
    this.view.show(range);
  }
}
