import { formatAge, formatCount, formatDelay } from "../../format.js";
import { byId, write } from "../element.js";
import { healthOf, isOld, troubleOf } from "./health.js";

/** @typedef {import("../../feed/liveConnection.js").ConnectionState} LinkState */
/** @typedef {import("./health.js").State} State */

/** Milliseconds for which it is said what happened while nobody was connected. */
const EVENT_SHOWN = 8_000;

/** What the page says about its connection: a pill, facts of the newest reading, notices. */
export class Status {
  /** @type {State} */
  state = "connecting";
  /** What the server says of its parts. @type {import("./health.js").Readiness | null} */
  ready = null;
  /** Seconds from a reading's time until it was here, of the newest. @type {number | null} */
  #lag = null;
  #newest = -Infinity;
  #back = false;
  #nextTry = 0;
  #eventUntil = 0;

  /**
   * @param {object} parts
   * @param {import("../../store/seriesStore.js").SeriesStore} parts.store
   * @param {import("../../store/serverClock.js").ServerClock} parts.clock
   * @param {import("../../view/timeView.js").TimeView} parts.view
   * @param {import("../../format.js").TimeFormat} parts.format
   */
  constructor({ store, clock, view, format }) {
    this.store = store;
    this.clock = clock;
    this.view = view;
    this.format = format;
    view.addEventListener("change", () => this.refresh());
  }

  /** @param {LinkState} link */
  take(link) {
    if (link.name === "waiting") this.#nextTry = performance.now() + link.waitMilliseconds;
    if (link.name === "live") this.#back = true;
    this.state = stateOf(link);
    document.documentElement.dataset.state = this.state;
    byId("away").hidden = this.state !== "away";
    this.refresh();
  }

  /** @param {number} count readings that came after a lost connection */
  recovered(count) {
    if (count) this.#say(`recovered ${formatCount(count)} ${count === 1 ? "reading" : "readings"}`);
  }

  /** What was missed can't be told: history was loaded anew. */
  reset() {
    this.#say("history reset");
  }

  /** Look whether something newer has come: call it often. */
  watch() {
    const newest = this.store.newestTime ?? -Infinity;
    // What was there from the start says nothing about how long a reading takes.
    if (newest > this.#newest && this.#newest !== -Infinity) this.#lag = this.clock.now() - newest;
    this.#newest = newest;
  }

  /** Bring what changes with time up to date. */
  refresh() {
    const { newestTime: newest, series } = this.store;
    const now = this.clock.now();
    const old = [...series.values()].every((one) => isOld(one, now));
    const { state, ready, view } = this;
    const some = newest !== null;
    const facts = { state, back: this.#back, ready, some, old, live: view.live };
    const { health, text } = healthOf(facts);
    document.documentElement.dataset.health = health;
    write("state", text);
    write("age", newest === null ? "" : `newest ${formatAge(now - newest)}`);
    write("lag", this.#lag === null || state !== "live" ? "" : `lag ${formatDelay(this.#lag)}`);
    if (performance.now() > this.#eventUntil) write("event", "");
    document.title = health === "bad" ? `${text} – Stripchart` : "Stripchart";
    this.#notices();
  }

  #notices() {
    const trouble = this.state === "live" && this.ready ? troubleOf(this.ready) : null;
    byId("trouble").hidden = !trouble;
    if (trouble) {
      write("trouble-title", trouble.title);
      write("trouble-detail", trouble.detail);
    }
    if (this.state !== "away") return;
    const { newestTime: newest } = this.store;
    byId("away").classList.toggle("alone", newest === null);
    const seconds = Math.ceil((this.#nextTry - performance.now()) / 1_000);
    const next = seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again now.";
    const drawn = newest === null ? "" : ` The drawing ends at ${this.format.timeOfDay(newest)}.`;
    write("away-detail", `It does not answer.${drawn} ${next}`);
  }

  /** @param {string} text */
  #say(text) {
    this.#eventUntil = performance.now() + EVENT_SHOWN;
    write("event", text);
  }
}

/**
 * @param {LinkState} link
 * @returns {State}
 */
function stateOf(link) {
  if (link.name === "live") return "live";
  return link.name === "waiting" && link.failed ? "away" : "connecting";
}
