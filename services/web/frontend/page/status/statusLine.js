import { formatAge, formatCount, formatDelay, MIN_AHEAD_SECONDS } from "../../format.js";
import { byId, setText } from "../dom.js";
import { determineHealth, findProblem, isStale } from "./health.js";
import { explainRefusal } from "./refusal.js";

/** @typedef {import("../../feed/liveConnection.js").ConnectionState} ConnectionState */
/** @typedef {import("../../feed/liveConnection.js").Refusal} Refusal */
/** @typedef {import("./health.js").PageConnection} PageConnection */
/** @typedef {import("./health.js").Readiness} Readiness */
/** @typedef {import("./health.js").StatusSeries} StatusSeries */
/**
 * The readings whose age is shown: those of the charts, or of the overview.
 *
 * @typedef {{ readonly newestTime: number | null,
 *             readonly series: ReadonlyMap<string, StatusSeries> }} StatusSource
 */

/** Milliseconds that the result of a reconnection is shown. */
const EVENT_SHOWN_MS = 8_000;

/** The status of the page: connection, age and lag of the newest reading, and notices. */
export class StatusLine {
  /** @type {PageConnection} */
  connection = "connecting";
  /** State of the server's components; null if not known. @type {Readiness | null} */
  readiness = null;
  /** Why the server refuses this page; null if it does not. @type {Refusal | null} */
  #refusal = null;
  /** Seconds that the newest reading took to arrive; null if none has. @type {number | null} */
  #lagSeconds = null;
  #newestTime = -Infinity;
  /** Title of the page while it works. */
  pageTitle = "Stripchart";
  #wasLive = false;
  /** What has ended the page for good; "" if nothing has. */
  #end = "";
  #nextAttemptAt = 0;
  #eventUntil = 0;

  /**
   * @param {object} parts
   * @param {StatusSource} parts.store
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

  /** True if the page can only show a fixed range: nothing in it is late. */
  get #isPast() {
    return this.view.limit !== null && "from" in this.view.limit;
  }

  /** @param {ConnectionState} state */
  setConnection(state) {
    if (state.name === "waiting") {
      this.#nextAttemptAt = performance.now() + state.waitMilliseconds;
    }
    if (state.name === "live") this.#wasLive = true;
    this.connection = pageConnection(state);
    document.documentElement.dataset.state = this.connection;
    this.refresh();
  }

  /** @param {Refusal | null} refusal why the server refuses this page; null if it does not */
  setRefusal(refusal) {
    this.#refusal = refusal;
    this.refresh();
  }

  /**
   * Show why the page may not look any more, and nothing else about the connection.
   *
   * @param {string} text
   */
  setEnd(text) {
    this.#end = text;
    this.refresh();
  }

  /** @param {number} count readings that were missed while disconnected and have arrived now */
  showRecovered(count) {
    if (!count) return;
    this.#showEvent(`${formatCount(count)} ${count === 1 ? "reading" : "readings"} recovered`);
  }

  /** Show that history was reloaded, because the server no longer had all missed readings. */
  showReset() {
    this.#showEvent("History reloaded");
  }

  /** Measure the lag of a reading that has just arrived. Call it in every frame. */
  measureLag() {
    const newestTime = this.store.newestTime ?? -Infinity;
    // Readings of the first history were not live, so they have no lag.
    if (newestTime > this.#newestTime && this.#newestTime !== -Infinity) {
      this.#lagSeconds = this.clock.now() - newestTime;
    }
    this.#newestTime = newestTime;
  }

  /** Show the current status. */
  refresh() {
    const { newestTime, series } = this.store;
    const now = this.clock.now();
    const { connection, readiness } = this;
    const { health, text } = determineHealth({
      connection,
      wasLive: this.#wasLive,
      isRefused: this.#refusal !== null,
      end: this.#end,
      readiness,
      hasReadings: newestTime !== null,
      stale: !this.#isPast && [...series.values()].every((one) => isStale(one, now)),
      windowLive: this.view.live,
    });
    document.documentElement.dataset.health = health;
    setText(byId("state"), text);
    setText(byId("age"), newestTime === null ? "" : `Last data ${formatAge(now - newestTime)}`);
    const lag = connection === "live" ? this.#lagSeconds : null;
    const isKnown = lag !== null && lag > -MIN_AHEAD_SECONDS;
    setText(byId("delay"), isKnown ? `Delay ${formatDelay(lag)}` : "");
    if (performance.now() > this.#eventUntil) setText(byId("event"), "");
    document.title = health === "error" ? `${text} – ${this.pageTitle}` : this.pageTitle;
    this.#updateNotices();
  }

  #updateNotices() {
    const problem =
      this.connection !== "offline" && this.readiness ? findProblem(this.readiness) : null;
    byId("problem").hidden = !problem;
    if (problem) {
      setText(byId("problem-title"), problem.title);
      setText(byId("problem-detail"), problem.detail);
    }
    this.#updateRefusalNotice();
    const isUnreachable = this.connection === "offline" && !this.#refusal && !this.#end;
    byId("offline").hidden = !isUnreachable;
    if (isUnreachable) this.#updateOfflineNotice();
  }

  #updateRefusalNotice() {
    byId("refused").hidden = !this.#refusal;
    if (!this.#refusal) return;
    const { title, detail, lines } = explainRefusal(this.#refusal, location);
    setText(byId("refused-title"), title);
    setText(byId("refused-detail"), detail);
    setText(byId("refused-lines"), lines);
  }

  #updateOfflineNotice() {
    const { newestTime } = this.store;
    byId("offline").classList.toggle("alone", newestTime === null);
    const seconds = Math.ceil((this.#nextAttemptAt - performance.now()) / 1_000);
    const next = seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again now.";
    const lastData =
      newestTime === null ? "" : `Last data: ${this.format.timeOfDay(newestTime)}. `;
    setText(byId("offline-detail"), `${lastData}${next}`);
  }

  /** @param {string} text */
  #showEvent(text) {
    this.#eventUntil = performance.now() + EVENT_SHOWN_MS;
    setText(byId("event"), text);
  }
}

/**
 * @param {ConnectionState} state
 * @returns {PageConnection}
 */
function pageConnection(state) {
  if (state.name === "live") return "live";
  if (state.name === "ended") return "offline";
  return state.name === "waiting" && state.failed ? "offline" : "connecting";
}
