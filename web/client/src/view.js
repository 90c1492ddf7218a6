// Which part of the time is shown. Seconds since 1970, as everywhere in the chart.

export class View {
  full = { min: 0, max: 1 };
  least = 60; // so many seconds are always shown
  #shown = null; // null: all of it

  get min() {
    return (this.#shown ?? this.full).min;
  }

  get max() {
    return (this.#shown ?? this.full).max;
  }

  get isZoomed() {
    return this.#shown !== null;
  }

  // There is more, less or later time to show; what is shown stays, as far as it is still there.
  fit(full, least) {
    this.full = full;
    this.least = least;
    if (this.#shown) this.show(this.#shown.min, this.#shown.max);
  }

  show(min, max) {
    const whole = this.full.max - this.full.min;
    const width = Math.max(max - min, Math.min(this.least, whole));
    if (width >= whole) {
      this.#shown = null;
      return;
    }
    const from = (min + max - width) / 2;
    const begin = Math.min(Math.max(from, this.full.min), this.full.max - width);
    this.#shown = { min: begin, max: begin + width };
  }

  // The moment `at` stays where it is on the screen.
  zoom(factor, at = (this.min + this.max) / 2) {
    this.show(at - (at - this.min) * factor, at + (this.max - at) * factor);
  }

  pan(seconds) {
    if (this.isZoomed) this.show(this.min + seconds, this.max + seconds);
  }

  reset() {
    this.#shown = null;
  }
}
