/**
 * @typedef {object} Actions
 * @property {import("../view/timeView.js").TimeView} view
 * @property {() => void} toggle pauses, or goes on live
 * @property {(place: number) => void} preset chooses a window by its place
 * @property {() => void} search
 * @property {() => void} table
 * @property {() => void} kiosk
 * @property {() => void} help
 */

/** The share of a window that one press moves. */
const STEP = 0.2;
const ZOOM = 1.5;

/**
 * Steer the charts by the keyboard, wherever the focus is, but not while something is written,
 * chosen from, or a dialog is open.
 *
 * @param {Actions} actions
 */
export function listenToKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    const { target } = event;
    if (!(target instanceof Element) || target.closest("input, select, textarea")) return;
    // A button is pressed by Space, and by nothing else that is taken here.
    if (event.key === " " && target.closest("button, a, summary")) return;
    if (take(event, actions)) event.preventDefault();
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {Actions} actions
 * @returns {boolean} whether the key means anything
 */
function take({ key, shiftKey }, actions) {
  const { view } = actions;
  const share = shiftKey ? 1 : STEP;
  /** @type {Record<string, () => void>} */
  const meanings = {
    ArrowLeft: () => view.pan(-share * view.span),
    ArrowRight: () => view.pan(share * view.span),
    "+": () => zoom(view, 1 / ZOOM),
    "=": () => zoom(view, 1 / ZOOM),
    "-": () => zoom(view, ZOOM),
    " ": actions.toggle,
    l: () => view.resume(),
    t: actions.table,
    k: actions.kiosk,
    "/": actions.search,
    "?": actions.help,
  };
  const meaning = meanings[key.length === 1 ? key.toLowerCase() : key];
  if (meaning) meaning();
  else if (/^[1-9]$/.test(key)) actions.preset(Number(key) - 1);
  else return false;
  return true;
}

/**
 * A live window stays live: it ends now, so only its length changes.
 *
 * @param {import("../view/timeView.js").TimeView} view
 * @param {number} factor
 */
function zoom(view, factor) {
  if (view.live) view.show({ span: view.span * factor });
  else view.zoom(factor);
}
