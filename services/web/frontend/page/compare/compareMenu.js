import { parseShift, shiftText } from "../../view/timeShift.js";
import { placeBelow } from "../dialogs/dialog.js";
import { byId, createElement, setText } from "../dom.js";

/** @typedef {import("./comparison.js").Comparison} Comparison */

/** @type {readonly { text: string, shift: number | null }[]} */
const PRESETS = [
  { text: "Off", shift: null },
  { text: "Yesterday (1 day ago)", shift: 86_400 },
  { text: "7 days ago", shift: 7 * 86_400 },
];
const HINT = "Enter a number and a unit, such as 3 h or 2 weeks: from 1 minute to 10 years.";

/**
 * Connect the header's control and its menu to a comparison.
 *
 * @param {Comparison} comparison
 */
export function setUpCompareMenu(comparison) {
  const menu = byId("compare-menu");
  const input = /** @type {HTMLInputElement} */ (byId("compare-shift"));
  const choose = (/** @type {number | null} */ shift) => {
    menu.hidePopover();
    comparison.shift = shift;
  };
  const buttons = PRESETS.map(({ text, shift }) => {
    const button = createElement("button", "", text);
    button.type = "button";
    button.addEventListener("click", () => choose(shift));
    return { button, shift };
  });
  byId("compare-presets").replaceChildren(...buttons.map(({ button }) => button));
  byId("compare-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const shift = parseShift(input.value);
    setText(byId("compare-error"), shift === null ? HINT : "");
    if (shift !== null) choose(shift);
  });
  menu.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
    placeBelow(menu, byId("open-compare"));
    const { shift } = comparison;
    const isPreset = PRESETS.some((preset) => preset.shift === shift);
    input.value = shift === null || isPreset ? "" : shiftText(shift).replace(" ago", "");
    setText(byId("compare-error"), "");
    showNote(comparison);
  });
  const update = () => {
    showState(comparison);
    for (const { button, shift } of buttons) {
      button.setAttribute("aria-pressed", String(shift === comparison.shift));
    }
  };
  comparison.addEventListener("change", update);
  update();
}

/**
 * Show in the header what is compared, or why nothing is.
 *
 * @param {Comparison} comparison
 */
function showState({ shift, text, fault }) {
  byId("open-compare").classList.toggle("strong", shift !== null);
  const state = fault ? `${text}: ${fault}` : text;
  setText(byId("compare-label"), shift === null ? "Compare" : `Compare: ${state}`);
  if (fault) setText(byId("announcement"), `Not compared. ${state}.`);
}

/**
 * Say in the menu if not all series are compared.
 *
 * @param {Comparison} comparison
 */
function showNote({ shift, comparedCount, comparableCount }) {
  const note = byId("compare-note");
  note.hidden = shift === null || comparedCount === comparableCount;
  setText(note, `The first ${comparedCount} of ${comparableCount} series are compared.`);
}
