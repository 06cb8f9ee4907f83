/** Characters of a query; the server accepts request lines of 64 KiB. */
const MAX_QUERY_CHARACTERS = 60_000;

/** The same behind a proxy that refuses long request lines; all accept 4 KiB. */
const MAX_SHORT_QUERY_CHARACTERS = 3_000;

/** Points of a series that the server may send for the recent history. */
const RECENT_POINTS = 4_000;

/** Addresses of the server, below the path that the page is served under. */
export class Addresses {
  #maxQueryCharacters = MAX_QUERY_CHARACTERS;

  /**
   * @param {string} page address of the page
   * @param {string} root address of the server relative to the page, such as "./" or "/prefix/"
   */
  constructor(page, root) {
    this.root = new URL(root, page);
  }

  get readings() {
    return new URL("api/readings", this.root).href;
  }

  get series() {
    return new URL("api/series", this.root).href;
  }

  /**
   * Return the address that corrects a series, or deletes a range of its readings.
   *
   * The name is a parameter. Browsers and proxies shorten a path that has dots and slashes.
   *
   * @param {string} name
   * @param {{ from: number, to: number }} [range] seconds
   */
  correction(name, range) {
    const url = new URL("api/series", this.root);
    appendSeries(url, [name]);
    if (range) setRange(url, range);
    return url.href;
  }

  get views() {
    return new URL("api/views", this.root).href;
  }

  /** @param {string} name */
  view(name) {
    return new URL(`api/views/${encodeURIComponent(name)}`, this.root).href;
  }

  /** Return the address of the page that shows a view. @param {string} name */
  viewPage(name) {
    return new URL(`v/${encodeURIComponent(name)}`, this.root).href;
  }

  get shares() {
    return new URL("api/shares", this.root).href;
  }

  /** Return the address that revokes a share link. @param {string} id */
  share(id) {
    return new URL(`api/shares/${encodeURIComponent(id)}`, this.root).href;
  }

  /** Address of what a share link shows, below it. */
  get shared() {
    return new URL("api/share", this.root).href;
  }

  get status() {
    return new URL("api/status", this.root).href;
  }

  /**
   * Return the address of the history up to now.
   *
   * @param {number} spanSeconds whole minutes
   * @param {string[] | null} names series, or null for all
   */
  recentHistory(spanSeconds, names) {
    const url = this.#history(RECENT_POINTS, names);
    url.searchParams.set("from", `-${Math.round(spanSeconds / 60)}m`);
    return url.href;
  }

  /**
   * Return the address of the history of a range.
   *
   * @param {{ from: number, to: number }} range seconds
   * @param {number} maxPoints points of a series that the server may send
   * @param {string[]} names series
   */
  history(range, maxPoints, names) {
    const url = this.#history(maxPoints, names);
    setRange(url, range);
    return url.href;
  }

  /**
   * Return the address of the increases of counters in each period of a range.
   *
   * @param {{ from: number, to: number }} range seconds
   * @param {string} period "hour", "day", "week" or "month" of the user's time zone
   * @param {string[]} names series
   * @param {number} shift seconds by which the increases are earlier than the periods
   */
  increase(range, period, names, shift) {
    const url = new URL("api/increase", this.root);
    setRange(url, range);
    url.searchParams.set("per", period);
    url.searchParams.set("zone", new Intl.DateTimeFormat().resolvedOptions().timeZone);
    if (shift) url.searchParams.set("shift", String(shift));
    appendSeries(url, names);
    return url.href;
  }

  /**
   * Return the address of the history of sparklines, with the last reading before the range.
   *
   * @param {{ from: number, to: number }} range seconds
   * @param {number} maxPoints
   * @param {string[]} names
   */
  sparklines(range, maxPoints, names) {
    const url = new URL(this.history(range, maxPoints, names));
    url.searchParams.set("before", "true");
    return url.href;
  }

  /** Return the address that lists only these series. @param {string[]} names */
  seriesNamed(names) {
    const url = new URL("api/series", this.root);
    appendSeries(url, names);
    return url.href;
  }

  /**
   * Return the address of the statistics of a range.
   *
   * @param {{ from: number, to: number }} range seconds
   * @param {string[]} names series
   */
  statistics(range, names) {
    const url = new URL("api/statistics", this.root);
    appendSeries(url, names);
    setRange(url, range);
    return url.href;
  }

  /** Return the address of the page with charts of these series. @param {string[]} names */
  charts(names) {
    const url = new URL(this.root);
    appendSeries(url, names);
    return url.href;
  }

  /** Address of the overview. */
  get overview() {
    return new URL("?overview", this.root).href;
  }

  /** Address of the requests about who is logged in. */
  get me() {
    return new URL("api/me", this.root).href;
  }

  /** Address of the page about who is logged in. */
  get account() {
    return new URL("account", this.root).href;
  }

  /** Address of the page that makes the first user. */
  get setup() {
    return new URL("setup", this.root).href;
  }

  /**
   * Return the address of the login, which leads back to a page.
   *
   * @param {string} page its path below the root, with its query
   */
  login(page) {
    const url = new URL("login", this.root);
    url.searchParams.set("next", `/${page}`);
    return url.href;
  }

  /** Address that answers if the server is up, even without Redis or a database. */
  get liveness() {
    return new URL("livez", this.root).href;
  }

  /**
   * Return the address of the WebSocket.
   *
   * @param {string | null} cursor where to continue, or null for now
   * @param {string[] | null} names series, or null for all
   */
  live(cursor, names) {
    const url = this.#subscription("live", cursor, names);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url.href;
  }

  /**
   * Return the address of the same frames as Server-Sent Events.
   *
   * @param {string | null} cursor where to continue, or null for now
   * @param {string[] | null} names series, or null for all
   */
  stream(cursor, names) {
    return this.#subscription("api/stream", cursor, names).href;
  }

  /**
   * Return the first names that fit into one address.
   *
   * @param {string[]} names
   * @param {number} maxCount
   * @returns {string[]}
   */
  namesThatFit(names, maxCount) {
    let characters = 0;
    const fitting = [];
    for (const name of names.slice(0, maxCount)) {
      characters += `&series=${encodeURIComponent(name)}`.length;
      if (characters > this.#maxQueryCharacters) break;
      fitting.push(name);
    }
    return fitting;
  }

  /** Let fewer names fit from now on, because a proxy has refused a long address. */
  shorten() {
    this.#maxQueryCharacters = MAX_SHORT_QUERY_CHARACTERS;
  }

  /**
   * @param {number} maxPoints
   * @param {string[] | null} names
   */
  #history(maxPoints, names) {
    const url = new URL("api/history", this.root);
    url.searchParams.set("points", String(maxPoints));
    // A state holds its last value from before the range.
    url.searchParams.set("before", "true");
    appendSeries(url, names);
    return url;
  }

  /**
   * @param {string} path
   * @param {string | null} cursor
   * @param {string[] | null} names
   */
  #subscription(path, cursor, names) {
    const url = new URL(path, this.root);
    if (cursor !== null) url.searchParams.set("cursor", cursor);
    appendSeries(url, names);
    return url;
  }
}

/**
 * @param {URL} url
 * @param {{ from: number, to: number }} range seconds
 */
function setRange(url, { from, to }) {
  url.searchParams.set("from", from.toFixed(6));
  url.searchParams.set("to", to.toFixed(6));
}

/**
 * @param {URL} url
 * @param {string[] | null} names
 */
function appendSeries(url, names) {
  for (const name of names ?? []) url.searchParams.append("series", name);
}
