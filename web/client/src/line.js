// One price in time, in steps: each holds until another one, or until a gap.

export class Line {
  x = [];
  y = []; // null where a gap begins

  // `until(i)` says how long the i-th value holds; one that is null is none. How it looks: `paint`
  // is a colour's name, without it that of its slot is taken.
  constructor({ key, label, slot = 0, at, values, until, asOf, ...look }) {
    Object.assign(this, { key, label, slot, ...look });
    let end = null; // until when the price before it holds
    at.forEach((start, i) => {
      if (values[i] === null) return;
      if (end !== null && end < start) this.#stop(end);
      this.x.push(start);
      this.y.push(values[i]);
      end = Math.max(start + 1, Math.min(until(i), asOf));
    });
    if (end !== null) this.#stop(end);
  }

  // Drawing in steps needs the price twice: where it began, and where it ends.
  #stop(end) {
    this.x.push(end - 0.5, end);
    this.y.push(this.y.at(-1), null);
  }

  get first() {
    return this.x.length ? { at: this.x[0], value: this.y[0] } : null;
  }

  // The last price, and until when it held.
  get last() {
    return this.x.length ? { at: this.x.at(-1), value: this.y.at(-2) } : null;
  }

  // The price that held then; null in a gap and outside.
  valueAt(moment) {
    let [low, high] = [0, this.x.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.x[middle] <= moment) low = middle + 1;
      else high = middle;
    }
    return low ? this.y[low - 1] : null;
  }

  // All prices that held between two moments.
  between(from, to) {
    const seen = this.y.filter((y, i) => y !== null && this.x[i] >= from && this.x[i] <= to);
    return [this.valueAt(from), ...seen].filter((value) => value !== null);
  }
}
