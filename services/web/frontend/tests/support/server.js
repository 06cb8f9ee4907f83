/** A server as small as one can be: a journal, a database that follows it, sockets and timers. */
export class Server {
  /** @type {[string, number, number][]} series, time, value; the cursor is the length */
  journal = [];
  /** How far the database has come; null: there is none yet. @type {number | null} */
  stored = 0;
  /** The first position that the journal still reaches back to. */
  start = 0;
  up = true;
  /** A proxy lets no WebSocket through. */
  blocked = false;
  /** What history says is missing. @type {import("../../store/seriesStore.js").Gap[]} */
  gaps = [];
  /** @type {Map<string, string>} */
  units = new Map();
  /** @type {Socket[]} */
  sockets = [];
  /** Addresses that were asked for, in order. @type {URL[]} */
  asked = [];

  /** @param {string} series @param {number} time @param {number} value */
  publish(series, time, value) {
    this.journal.push([series, time, value]);
    for (const socket of this.sockets) socket.relay();
  }

  store() {
    this.stored = this.journal.length;
  }

  /** @param {string} address */
  fetchJson = async (address) => {
    const url = new URL(address);
    this.asked.push(url);
    if (!this.up) throw new Error("refused");
    if (url.pathname === "/livez") return { ok: true };
    const names = [...new Set(this.journal.slice(0, this.stored ?? 0).map(([name]) => name))];
    if (url.pathname === "/api/series") {
      const last = (/** @type {string} */ name) =>
        Math.max(...this.journal.filter(([of]) => of === name).map(([, time]) => time));
      return {
        series: names.map((name) => ({ name, unit: this.units.get(name) ?? null, last: last(name) })),
      };
    }
    const wanted = url.searchParams.getAll("series");
    /** @type {Record<string, any>} */
    const series = {};
    for (const name of names.filter((name) => !wanted.length || wanted.includes(name))) {
      const held = new Map();
      for (const [of, time, value] of this.journal.slice(0, this.stored ?? 0)) {
        if (of === name) held.set(time, value);
      }
      const t = [...held.keys()].sort((a, b) => a - b);
      const value = t.map((time) => held.get(time));
      series[name] = { unit: null, tier: "raw", bucket: null, t, value };
    }
    const cursor = this.stored === null ? null : `e:${this.stored}-0`;
    return { from: 0, to: 1, cursor, series, gaps: this.gaps };
  };

  ping() {
    for (const socket of this.sockets) {
      socket.send({ type: "ping", now: 1, cursor: `e:${socket.position}-0` });
    }
  }

  /** The class of streams of events from this server. */
  get EventSource() {
    const server = this;
    return /** @type {any} */ (
      class extends Stream {
        /** @param {string} address */
        constructor(address) {
          super(server, new URL(address));
        }
      }
    );
  }

  /** The class of sockets that connect to this server. */
  get WebSocket() {
    const server = this;
    return /** @type {any} */ (
      class extends Socket {
        /** @param {string} address */
        constructor(address) {
          super(server, new URL(address));
        }
      }
    );
  }
}

class Socket {
  /** @type {((event: { data: string }) => void) | null} */
  onmessage = null;
  /** @type {((event: { reason: string }) => void) | null} */
  onclose = null;
  position = 0;
  known = 0;

  /** @param {Server} server @param {URL} url */
  constructor(server, url) {
    this.server = server;
    this.wanted = url.searchParams.getAll("series");
    this.cursor = url.searchParams.get("cursor");
    server.asked.push(url);
    queueMicrotask(() => (this.reachable ? this.#open() : this.cut()));
  }

  get reachable() {
    return this.server.up && !this.server.blocked;
  }

  get names() {
    return [...new Set(this.server.journal.map(([name]) => name))];
  }

  #open() {
    const { journal, start } = this.server;
    this.server.sockets.push(this);
    const given = this.cursor && Number(/:(\d+)-/.exec(this.cursor)?.[1]);
    this.position = journal.length;
    this.known = this.names.length;
    const ids = Object.fromEntries(this.names.map((name, i) => [name, i + 1]));
    this.send({ type: "hello", epoch: "e", cursor: `e:${journal.length}-0`, now: 1, series: ids });
    if (given === null) return;
    if (given < start) {
      this.send({ type: "reset", reason: "trimmed", cursor: `e:${journal.length}-0` });
      return;
    }
    this.position = given;
    this.relay();
    this.send({ type: "recovered", count: journal.length - given });
  }

  relay() {
    const { names } = this;
    if (names.length > this.known) {
      const fresh = names.map((name, i) => [name, i + 1]).slice(this.known);
      this.known = names.length;
      this.send({ type: "series", series: Object.fromEntries(fresh) });
    }
    while (this.position < this.server.journal.length) {
      const [name, time, value] = this.server.journal[this.position++];
      if (this.wanted.length && !this.wanted.includes(name)) continue;
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
  cut(reason = "") {
    this.close();
    this.onclose?.({ reason });
  }
}

class Stream extends Socket {
  /** @type {(() => void) | null} */
  onerror = null;

  get reachable() {
    return this.server.up;
  }

  cut(reason = "") {
    if (reason) this.send({ type: "close", code: 1012, reason });
    this.close();
    this.onerror?.();
  }
}

/** Timers that a test lets run out. */
export class Timers {
  /** @type {Map<number, { run: () => void, at: number }>} */
  #waiting = new Map();
  #next = 1;
  now = 0;

  /** @param {() => void} run @param {number} wait */
  set = (run, wait) => {
    this.#waiting.set(this.#next, { run, at: this.now + wait });
    return this.#next++;
  };

  /** @param {number} timer */
  clear = (timer) => {
    this.#waiting.delete(timer);
  };

  /** Let time pass. @param {number} milliseconds */
  async pass(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      await settled();
      const due = [...this.#waiting].filter(([, { at }]) => at <= end);
      due.sort(([, a], [, b]) => a.at - b.at);
      if (!due.length) break;
      const [[timer, { run, at }]] = due;
      this.#waiting.delete(timer);
      this.now = at;
      run();
    }
    this.now = end;
  }
}

/** All that can go on by itself has done so. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
