/** Milliseconds between two updates of a card. */
const MIN_UPDATE_INTERVAL_MS = 200;
/** Cards that are updated in one frame: with these a frame stays short. */
const MAX_UPDATES = 40;

/** Updates the cards that show something old, a few in each frame of the display. */
export class CardUpdater {
  /** Names of series whose cards show something old. @type {Set<string>} */
  #dirty = new Set();
  /** Times when cards were updated, by name. @type {Map<string, number>} */
  #updatedAt = new Map();
  #isFrameRequested = false;

  /**
   * @param {object} options
   * @param {() => ReadonlyMap<string, import("./seriesCard.js").SeriesCard>} options.cards the
   *   cards near the screen, by the name of their series
   * @param {() => number} options.now seconds
   * @param {() => number} options.spanSeconds length of the sparklines
   */
  constructor(options) {
    this.options = options;
  }

  /** Update all cards soon, because time has passed or others are visible. */
  updateAll() {
    for (const name of this.options.cards().keys()) this.#dirty.add(name);
    this.#requestFrame();
  }

  /** Update a card soon, because its series has a new reading. @param {string} name */
  update(name) {
    if (!this.options.cards().has(name)) return;
    this.#dirty.add(name);
    this.#requestFrame();
  }

  /** Draw the sparkline of a card in the next frame. @param {string} name */
  redraw(name) {
    this.options.cards().get(name)?.invalidate();
    this.#updatedAt.delete(name);
    this.update(name);
  }

  #requestFrame() {
    if (this.#isFrameRequested) return;
    this.#isFrameRequested = true;
    requestAnimationFrame((time) => this.#onFrame(time));
  }

  /** @param {number} frameTime milliseconds */
  #onFrame(frameTime) {
    this.#isFrameRequested = false;
    const { cards, now, spanSeconds } = this.options;
    const drawing = { now: now(), spanSeconds: spanSeconds(), frameTime };
    let updates = 0;
    for (const name of this.#dirty) {
      const card = cards().get(name);
      const isDue = frameTime - (this.#updatedAt.get(name) ?? -Infinity) >= MIN_UPDATE_INTERVAL_MS;
      if (card && !isDue && card.isFilled) continue;
      this.#dirty.delete(name);
      if (!card) continue;
      this.#updatedAt.set(name, frameTime);
      card.update(drawing);
      if (++updates === MAX_UPDATES) break;
    }
    if (this.#dirty.size) this.#requestFrame();
  }
}
