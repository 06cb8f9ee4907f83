import { isOverview } from "./overview/firstPage.js";

/** @typedef {import("../view/timeView.js").TimeView} TimeView */
/**
 * @typedef {object} KeyboardActions
 * @property {TimeView} view
 * @property {() => void} togglePause
 * @property {(share: number) => void} extendSelection move the end of the selection by a share of
 *   the window, or begin one
 * @property {() => boolean} closeSelection returns false without a selection
 * @property {() => boolean} zoomToSelection returns false without a selection
 * @property {(index: number) => void} showPreset show the time window with this index
 * @property {() => void} openTime
 * @property {() => void} searchSeries
 * @property {() => void} showOverview
 * @property {() => void} showTable
 * @property {() => void} toggleKiosk
 * @property {() => void} showKeys
 */

/** Share of the window that an arrow key moves. */
const PAN_SHARE = 0.2;
/** Share of the window that an arrow key with Shift selects. */
const SELECT_SHARE = 0.02;
/** Factor by which `+` and `-` zoom. */
const ZOOM_FACTOR = 1.5;
/** Elements that take keys themselves. A box is ticked with Space alone. */
const TEXT_FIELDS = "input:not([type=checkbox]), select, textarea";
/** Keys that the overview has, too. */
const OVERVIEW_KEYS = new Set(["/", "?"]);

/**
 * Control the charts by keyboard from anywhere on the page. Keys are ignored in form fields and
 * while a dialog or the menu is open.
 *
 * @param {KeyboardActions} actions
 */
export function setUpKeyboard(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    const { target } = event;
    if (!(target instanceof Element) || target.closest(TEXT_FIELDS)) return;
    // Space and Enter press the focused button; the other keys here do not.
    const isPress = [" ", "Enter"].includes(event.key);
    if (isPress && target.closest("button, a, summary, input")) return;
    if (handleKey(event, actions)) event.preventDefault();
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {KeyboardActions} actions
 * @returns {boolean} true if the key has an action
 */
function handleKey({ key, shiftKey }, actions) {
  const { view } = actions;
  const move = (/** @type {1 | -1} */ direction) => {
    if (shiftKey) actions.extendSelection(direction * SELECT_SHARE);
    else view.pan(direction * PAN_SHARE * view.span);
  };
  /** @type {Record<string, () => void>} */
  const actionsByKey = {
    ArrowLeft: () => move(-1),
    ArrowRight: () => move(1),
    ",": () => view.step(-1),
    ".": () => view.step(1),
    "+": () => zoom(view, 1 / ZOOM_FACTOR),
    "=": () => zoom(view, 1 / ZOOM_FACTOR),
    "-": () => zoom(view, ZOOM_FACTOR),
    " ": actions.togglePause,
    l: () => view.resume(),
    g: actions.openTime,
    t: actions.showTable,
    k: actions.toggleKiosk,
    o: actions.showOverview,
    "/": actions.searchSeries,
    "?": actions.showKeys,
  };
  const name = key.length === 1 ? key.toLowerCase() : key;
  // The overview has no charts to control.
  if (isOverview() && !OVERVIEW_KEYS.has(name)) return false;
  if (key === "Escape") return actions.closeSelection();
  if (key === "Enter") return actions.zoomToSelection();
  const action = actionsByKey[name];
  if (action) action();
  else if (/^[1-9]$/.test(key)) actions.showPreset(Number(key) - 1);
  else return false;
  return true;
}

/**
 * Zoom by a factor. A live window stays live: it ends now, so only its length changes.
 *
 * @param {TimeView} view
 * @param {number} factor
 */
function zoom(view, factor) {
  if (view.live) view.show({ span: view.spanToNow * factor });
  else view.zoom(factor);
}
