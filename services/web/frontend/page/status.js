import { formatAge } from "../format.js";
import { byId } from "./element.js";

/** @typedef {import("../feed/link.js").LinkState} LinkState */
/** @typedef {"live" | "connecting" | "away"} State */

/** Milliseconds for which it is said how much was recovered. */
const RECOVERED_SHOWN = 6_000;

/** What the page says about its connection: a pill, the age of the newest reading, a notice. */
export class Status {
  /** @type {State} */
  state = "connecting";
  #nextTry = 0;
  #recoveredUntil = 0;
  #recovered = "";

  /**
   * @param {import("../store/store.js").SeriesStore} store
   * @param {import("../store/clock.js").ServerClock} clock
   * @param {import("../format.js").TimeFormat} format
   */
  constructor(store, clock, format) {
    this.store = store;
    this.clock = clock;
    this.format = format;
  }

  /** @param {LinkState} link */
  take(link) {
    const [state, text] = told(link);
    if (link.name === "waiting") this.#nextTry = performance.now() + link.wait;
    this.state = state;
    document.documentElement.dataset.state = state;
    write("state", text);
    byId("away").hidden = state !== "away";
    this.refresh();
  }

  /** @param {number} count readings that came after a lost connection */
  recovered(count) {
    if (!count) return;
    this.#recovered = `recovered ${count} ${count === 1 ? "reading" : "readings"}`;
    this.#recoveredUntil = performance.now() + RECOVERED_SHOWN;
    this.refresh();
  }

  /** Bring what changes with time up to date. */
  refresh() {
    const { newest } = this.store;
    const age = newest === null ? "" : `newest reading ${formatAge(this.clock.now() - newest)}`;
    const recovered = performance.now() < this.#recoveredUntil ? this.#recovered : "";
    write("age", recovered || age);
    if (this.state !== "away") return;
    const seconds = Math.ceil((this.#nextTry - performance.now()) / 1_000);
    const next = seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again now.";
    const drawn = newest === null ? "" : ` The drawing ends at ${this.format.clock(newest)}.`;
    write("away-detail", `It does not answer.${drawn} ${next}`);
  }
}

/**
 * @param {LinkState} link
 * @returns {[State, string]}
 */
function told(link) {
  if (link.name === "waiting") {
    return link.failed ? ["away", "Server away"] : ["connecting", "Reconnecting"];
  }
  return link.name === "live" ? ["live", "Live"] : ["connecting", "Connecting"];
}

/**
 * Write only what has changed, so that nothing is announced twice.
 *
 * @param {string} id
 * @param {string} text
 */
function write(id, text) {
  const target = byId(id);
  if (target.textContent !== text) target.textContent = text;
}
