/**
 * @typedef {"live" | "connecting" | "away"} State of the connection
 * @typedef {"well" | "quiet" | "paused" | "bad"} Health
 * @typedef {{ ok: boolean, error?: string }} Part
 * @typedef {{ redis: Part, database: Part, writer: Part }} Readiness what /readyz says
 */

/** Seconds that the newest reading may be old at least, however often readings came before. */
const LEAST_PATIENCE = 15;
/** The same where it is not known how often they come. */
const UNKNOWN_PATIENCE = 60;

/**
 * How the whole chain is, from the first reading to this page, in a word or two.
 *
 * @param {object} facts
 * @param {State} facts.state
 * @param {boolean} facts.back whether it was connected before
 * @param {Readiness | null} facts.ready what the server says of its parts, null: not known
 * @param {number | null} facts.age seconds since the newest reading; null: there is none
 * @param {number | null} facts.gap seconds without a reading that are unusual; null: not known
 * @param {boolean} facts.live whether the window moves
 * @returns {{ health: Health, text: string }}
 */
export function healthOf({ state, back, ready, age, gap, live }) {
  if (state === "away") return { health: "bad", text: "Server away" };
  if (state === "connecting") {
    return { health: "quiet", text: back ? "Reconnecting" : "Connecting" };
  }
  const trouble = ready && troubleOf(ready);
  if (trouble) return { health: "bad", text: trouble.text };
  if (age === null) return { health: "quiet", text: "No readings" };
  if (isOld(age, gap)) return { health: "quiet", text: "No new readings" };
  return live ? { health: "well", text: "Live" } : { health: "paused", text: "Paused" };
}

/**
 * What is wrong behind the web server.
 *
 * @param {Readiness} ready
 * @returns {{ text: string, title: string, detail: string } | null} null when all is well
 */
export function troubleOf({ redis, database, writer }) {
  if (!redis.ok) {
    return {
      text: "Redis away",
      title: "Redis is away.",
      detail: "No new readings come until it is back; nothing that was taken is lost.",
    };
  }
  if (!database.ok) {
    return {
      text: "No database",
      title: "The database does not answer.",
      detail: "New readings are shown as they come; history is not.",
    };
  }
  if (!writer.ok) {
    return {
      text: "Not stored",
      title: "New readings are not stored yet.",
      detail: `The writer may be down: ${writer.error}. Redis keeps them until it is back.`,
    };
  }
  return null;
}

/**
 * Whether a series, or all of them, have gone stale.
 *
 * @param {number} age seconds since the newest reading
 * @param {number | null} gap seconds without a reading that are unusual; null: not known
 */
export function isOld(age, gap) {
  return age > (gap === null ? UNKNOWN_PATIENCE : Math.max(LEAST_PATIENCE, gap));
}
