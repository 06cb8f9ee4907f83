import { chartIntervals, chooseFirstSpan, intervalOf } from "../view/firstSpan.js";

/** @typedef {import("../store/seriesStore.js").HistoryResponse} HistoryResponse */
/**
 * @typedef {object} FirstWindowParts
 * @property {import("../view/timeView.js").TimeView} view
 * @property {import("../store/seriesStore.js").SeriesStore} store
 * @property {import("../feed/addresses.js").Addresses} addresses
 * @property {import("../store/serverClock.js").ServerClock} clock
 * @property {(address: string) => Promise<any>} fetchJson
 */

/** Seconds that are looked at if the newest history is too short for slow sensors. */
const LOOK_BACK_SECONDS = 86_400;
/** Points of a series that the server may send for that: only their number counts. */
const LOOK_BACK_POINTS = 100;

/**
 * Proposes the length of the first window by how often readings come, if neither the address nor a
 * saved preference has one.
 */
export class FirstWindow {
  #isDone = false;

  /** @param {FirstWindowParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** @param {HistoryResponse} history the newest history, once it is in the store */
  async propose(history) {
    const { view, store, addresses, clock, fetchJson } = this.parts;
    if (this.#isDone || view.chosen || store.newestTime === null) return;
    this.#isDone = true;
    let times = this.#timesOf(history);
    if (times.length < this.#measures.length || times.some((one) => intervalOf(one) === null)) {
      const now = clock.now();
      const range = { from: now - LOOK_BACK_SECONDS, to: now };
      const names = addresses.namesThatFit([...store.series.keys()], store.series.size);
      const longer = await fetchJson(addresses.history(range, LOOK_BACK_POINTS, names))
        .catch(() => history);
      const measured = times.filter((one) => intervalOf(one) !== null);
      times = [...measured, ...this.#timesOf(longer)];
    }
    const age = Math.max(0, clock.now() - (store.newestTime ?? 0));
    view.propose(chooseFirstSpan(chartIntervals(times), age));
  }

  /** Shown series that have a cadence: a door sends when it opens. */
  get #measures() {
    return [...this.parts.store.series.values()].filter(({ kind }) => kind !== "state");
  }

  /** @param {HistoryResponse} history */
  #timesOf(history) {
    return this.#measures.flatMap(({ name, unit }) => {
      const one = history.series[name];
      return one?.t.length ? [{ unit, t: one.t, count: one.count }] : [];
    });
  }
}
