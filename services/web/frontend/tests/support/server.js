/** Server in miniature: a journal, a database that follows it, and live connections. */
export class FakeServer {
  /** Series, time and value; a cursor is a position in this list. */
  journal = /** @type {[string, number, number][]} */ ([]);
  /** Journal entries in the database; null without a database. @type {number | null} */
  storedCount = 0;
  /** The first position that the journal still reaches back to. */
  firstPosition = 0;
  isUp = true;
  /** True if a proxy lets no WebSocket through. */
  blocksWebSockets = false;
  /** Why the server refuses the page. @type {import("../../feed/liveConnection.js").Refusal | null} */
  refusal = null;
  /** Gaps in the answers of the history. @type {import("../../store/seriesStore.js").Gap[]} */
  gaps = [];
  /** @type {Map<string, string>} */
  units = new Map();
  /** Settings by series. @type {Map<string, object>} */
  settings = new Map();
  /** Open connections. @type {FakeWebSocket[]} */
  sockets = [];
  /** Requested addresses, in order. @type {URL[]} */
  requests = [];

  /**
   * @param {string} series
   * @param {number} time
   * @param {number} value
   */
  publish(series, time, value) {
    this.journal.push([series, time, value]);
    for (const socket of this.sockets) socket.relay();
  }

  /**
   * Change settings of a series, and tell everybody.
   *
   * @param {string} name
   * @param {object} settings
   */
  set(name, settings) {
    this.settings.set(name, { ...this.settings.get(name), ...settings });
    for (const socket of this.sockets) {
      socket.send({ type: "settings", series: [name], cursor: `e:${socket.position}-0` });
    }
  }

  /** Store the whole journal in the database. */
  storeJournal() {
    this.storedCount = this.journal.length;
  }

  /**
   * @param {string} address
   * @returns {Promise<any>}
   */
  fetchJson = async (address) => {
    const url = new URL(address);
    this.requests.push(url);
    if (!this.isUp) throw new Error("refused");
    if (url.pathname === "/api/series") return { series: this.#listSeries() };
    return this.#history(url.searchParams.getAll("series"));
  };

  /**
   * @param {string} address
   * @returns {Promise<import("../../feed/liveConnection.js").Refusal | null>}
   */
  checkAccess = async (address) => {
    this.requests.push(new URL(address));
    if (!this.isUp) throw new Error("refused");
    return this.refusal;
  };

  get #storedEntries() {
    return this.journal.slice(0, this.storedCount ?? 0);
  }

  get #storedNames() {
    return [...new Set(this.#storedEntries.map(([name]) => name))];
  }

  #listSeries() {
    return this.#storedNames.map((name) => {
      const times = this.journal.filter(([series]) => series === name).map(([, time]) => time);
      const unit = this.units.get(name) ?? null;
      return { name, unit, last: Math.max(...times), ...this.settings.get(name) };
    });
  }

  /** @param {string[]} requestedNames empty for all series */
  #history(requestedNames) {
    /** @type {Record<string, any>} */
    const series = {};
    for (const name of this.#storedNames) {
      if (requestedNames.length && !requestedNames.includes(name)) continue;
      const readings = new Map();
      for (const [entryName, time, value] of this.#storedEntries) {
        if (entryName === name) readings.set(time, value);
      }
      const t = [...readings.keys()].sort((a, b) => a - b);
      const value = t.map((time) => readings.get(time));
      series[name] = { unit: null, tier: "raw", bucket: null, t, value };
    }
    const cursor = this.storedCount === null ? null : `e:${this.storedCount}-0`;
    return { from: 0, to: 1, cursor, series, gaps: this.gaps };
  }

  ping() {
    for (const socket of this.sockets) {
      socket.send({ type: "ping", now: 1, cursor: `e:${socket.position}-0` });
    }
  }

  /** Class of event streams that connect to this server. */
  get EventSource() {
    const server = this;
    return /** @type {any} */ (
      class extends FakeEventSource {
        /** @param {string} address */
        constructor(address) {
          super(server, new URL(address));
        }
      }
    );
  }

  /** Class of WebSockets that connect to this server. */
  get WebSocket() {
    const server = this;
    return /** @type {any} */ (
      class extends FakeWebSocket {
        /** @param {string} address */
        constructor(address) {
          super(server, new URL(address));
        }
      }
    );
  }
}

class FakeWebSocket {
  /** @type {((event: { data: string }) => void) | null} */
  onmessage = null;
  /** @type {((event: { code: number, reason: string }) => void) | null} */
  onclose = null;
  /** Position in the journal up to which it has sent the readings. */
  position = 0;
  /** Number of series whose ids it has sent. */
  knownCount = 0;

  /**
   * @param {FakeServer} server
   * @param {URL} url
   */
  constructor(server, url) {
    this.server = server;
    this.requestedNames = url.searchParams.getAll("series");
    this.cursor = url.searchParams.get("cursor");
    server.requests.push(url);
    queueMicrotask(() => (this.isReachable ? this.#open() : this.disconnect()));
  }

  get isReachable() {
    return this.server.isUp && !this.server.blocksWebSockets;
  }

  get names() {
    return [...new Set(this.server.journal.map(([name]) => name))];
  }

  #open() {
    const { journal, firstPosition } = this.server;
    this.server.sockets.push(this);
    const position = this.cursor === null ? null : Number(/:(\d+)-/.exec(this.cursor)?.[1]);
    const cursor = `e:${journal.length}-0`;
    this.position = journal.length;
    this.knownCount = this.names.length;
    const ids = Object.fromEntries(this.names.map((name, i) => [name, i + 1]));
    this.send({ type: "hello", epoch: "e", cursor, now: 1, series: ids });
    if (position === null) return;
    if (position < firstPosition) {
      this.send({ type: "reset", reason: "trimmed", cursor });
      return;
    }
    this.position = position;
    this.relay();
    this.send({ type: "recovered", count: journal.length - position });
  }

  /** Send the journal's entries that this connection has not received yet. */
  relay() {
    const { names } = this;
    if (names.length > this.knownCount) {
      const ids = names.map((name, i) => [name, i + 1]).slice(this.knownCount);
      this.knownCount = names.length;
      this.send({ type: "series", series: Object.fromEntries(ids) });
    }
    while (this.position < this.server.journal.length) {
      const [name, time, value] = this.server.journal[this.position++];
      if (this.requestedNames.length && !this.requestedNames.includes(name)) continue;
      const series = { [names.indexOf(name) + 1]: [[time], [value]] };
      this.send({ type: "readings", cursor: `e:${this.position}-0`, series });
    }
  }

  /** @param {object} frame */
  send(frame) {
    if (this.server.sockets.includes(this)) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  close() {
    this.server.sockets = this.server.sockets.filter((socket) => socket !== this);
  }

  /** End the connection from the server's side. */
  disconnect(reason = "", code = 1012) {
    this.close();
    this.onclose?.({ code, reason });
  }
}

class FakeEventSource extends FakeWebSocket {
  /** @type {(() => void) | null} */
  onerror = null;

  get isReachable() {
    return this.server.isUp;
  }

  disconnect(reason = "", code = 1012) {
    if (reason) this.send({ type: "close", code, reason });
    this.close();
    this.onerror?.();
  }
}

/** Timers that expire when a test advances the time. */
export class FakeTimers {
  /** @type {Map<number, { run: () => void, expiry: number }>} */
  #timers = new Map();
  #nextId = 1;
  /** Milliseconds. */
  now = 0;

  /**
   * @param {() => void} run
   * @param {number} milliseconds
   */
  set = (run, milliseconds) => {
    this.#timers.set(this.#nextId, { run, expiry: this.now + milliseconds });
    return this.#nextId++;
  };

  /** @param {number} id */
  clear = (id) => {
    this.#timers.delete(id);
  };

  /**
   * Advance the time and run the timers that expire, in order.
   *
   * @param {number} milliseconds
   */
  async advance(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      await settle();
      const due = [...this.#timers].filter(([, { expiry }]) => expiry <= end);
      due.sort(([, a], [, b]) => a.expiry - b.expiry);
      if (!due.length) break;
      const [[id, { run, expiry }]] = due;
      this.#timers.delete(id);
      this.now = expiry;
      run();
    }
    this.now = end;
  }
}

/** Wait until all promises that can settle have settled. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));
