/** @typedef {"measure" | "state" | "counter"} SeriesKind */
/**
 * Measurement, field and tags of a series that came in line protocol.
 *
 * @typedef {{ measurement: string, field: string, tags: Record<string, string> }} SeriesPoint
 */
/**
 * Summary of the newest values of a series: the most decimals that one was sent with, a typical
 * magnitude, and the difference between the largest and the smallest one.
 *
 * @typedef {{ decimals: number, typical: number, spread: number }} ValueSample
 */
/**
 * Entry of the server's list of all series; times in seconds. Settings are null if they are not
 * set.
 *
 * @typedef {object} SeriesInfo
 * @property {string} name
 * @property {string | null} unit
 * @property {SeriesPoint | null} [tags] null if it did not come in line protocol
 * @property {number | null} [first]
 * @property {number | null} [last]
 * @property {number | null} [value]
 * @property {string | null} [label]
 * @property {SeriesKind | null} [kind]
 * @property {number | null} [decimals]
 * @property {string | null} [color]
 * @property {Record<string, string> | null} [states]
 * @property {SeriesKind} [guessed_kind]
 * @property {ValueSample | null} [sample]
 */

/** What the server's list says about a series, apart from its readings. */
export class SeriesDescription {
  /** @type {string | null} */
  unit = null;
  /** Measurement, field and tags. @type {SeriesPoint | null} */
  tags = null;
  /** Text to show instead of the name. @type {string | null} */
  label = null;
  /** Kind that is set, otherwise the guessed one. @type {SeriesKind} */
  kind = "measure";
  /** Kind that is set; null if it is guessed. @type {SeriesKind | null} */
  setKind = null;
  /** Kind that its readings suggest. @type {SeriesKind} */
  guessedKind = "measure";
  /** Digits after the decimal point; null derives them from the data. @type {number | null} */
  decimals = null;
  /** Colour of the line, `#rrggbb`; null chooses one of the palette. @type {string | null} */
  color = null;
  /** Words by value; a value is a number as text. @type {Record<string, string> | null} */
  states = null;
  /** Newest values, from which its digits are derived. @type {ValueSample | null} */
  sample = null;
  /** Number that grows when one of these changes, apart from the sample. */
  settingsVersion = 0;
  #key = "";

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /**
   * Take over what the list says.
   *
   * @param {SeriesInfo} info
   * @returns {boolean} true if something has changed
   */
  describe(info) {
    const { unit, tags = null, label = null, decimals = null, color = null, states = null } = info;
    const setKind = info.kind ?? null;
    const guessedKind = info.guessed_kind ?? "measure";
    const kind = setKind ?? guessedKind;
    const settings = { label, kind, setKind, guessedKind, decimals, color, states };
    const description = { unit, tags, ...settings };
    this.sample = info.sample ?? null;
    const key = JSON.stringify(description);
    if (key === this.#key) return false;
    this.#key = key;
    Object.assign(this, description);
    this.settingsVersion++;
    return true;
  }
}
