/** A request line must stay below the 4 KiB that servers commonly take. */
const MOST_QUERY = 3_000;

/** Points of a series that one answer of the history may hold. */
const POINTS = 4_000;

/** The addresses of the server, below the path that the page is served under. */
export class Addresses {
  /**
   * @param {string} page the page's own address
   * @param {string} base the path prefix, "" or "/prefix"
   */
  constructor(page, base) {
    this.root = new URL(`${base}/`, page);
  }

  get readings() {
    return new URL("api/readings", this.root).href;
  }

  get series() {
    return new URL("api/series", this.root).href;
  }

  /**
   * Where a series is corrected.
   *
   * @param {string} name
   * @param {{ from: number, to: number }} [range] seconds
   */
  correction(name, range) {
    const url = new URL(`api/series/${encodeURIComponent(name)}`, this.root);
    if (range) {
      url.searchParams.set("from", range.from.toFixed(6));
      url.searchParams.set("to", range.to.toFixed(6));
    }
    return url.href;
  }

  get status() {
    return new URL("api/status", this.root).href;
  }

  /**
   * @param {number} span seconds up to now, whole minutes
   * @param {string[] | null} series names, or null for all
   */
  recentHistory(span, series) {
    const url = new URL("api/history", this.root);
    url.searchParams.set("from", `-${Math.round(span / 60)}m`);
    url.searchParams.set("points", String(POINTS));
    for (const name of series ?? []) url.searchParams.append("series", name);
    return url.href;
  }

  /** Asked to see whether the server answers at all. */
  get liveness() {
    return new URL("livez", this.root).href;
  }

  /**
   * @param {string | null} cursor where to go on, or null for now
   * @param {string[] | null} series names, or null for all
   */
  live(cursor, series) {
    const url = this.#from("live", cursor, series);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url.href;
  }

  /**
   * The same as Server-Sent Events.
   *
   * @param {string | null} cursor where to go on, or null for now
   * @param {string[] | null} series names, or null for all
   */
  stream(cursor, series) {
    return this.#from("api/stream", cursor, series).href;
  }

  /**
   * @param {string} path
   * @param {string | null} cursor
   * @param {string[] | null} series
   */
  #from(path, cursor, series) {
    const url = new URL(path, this.root);
    if (cursor !== null) url.searchParams.set("cursor", cursor);
    for (const name of series ?? []) url.searchParams.append("series", name);
    return url;
  }
}

/**
 * As many of `names` as may be asked for in one address, `most` at most.
 *
 * @param {string[]} names
 * @param {number} most
 * @returns {string[]}
 */
export function namesThatFit(names, most) {
  let length = 0;
  const chosen = [];
  for (const name of names.slice(0, most)) {
    length += `&series=${encodeURIComponent(name)}`.length;
    if (length > MOST_QUERY) break;
    chosen.push(name);
  }
  return chosen;
}
