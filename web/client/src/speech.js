// What is read out: when somebody asked, and now and then.

const QUIET_MS = 60_000; // between two sentences that nobody asked for

export class Speech {
  #region;
  #spokenAt = -Infinity;

  constructor(region) {
    this.#region = region;
  }

  say(sentence, isNews) {
    if (isNews && performance.now() - this.#spokenAt < QUIET_MS) return;
    if (this.#region.textContent === sentence) return;
    this.#spokenAt = performance.now();
    this.#region.textContent = sentence;
  }
}
