// What any chart draws: lines, and what stands beside them. Seconds since 1970.

export class Drawing {
  lines = [];
  undrawn = []; // the names of the series for which there was no room
  drops = []; // spans in which prices fell: [{ at, count }]
  happenings = []; // what happened meanwhile: [{ at, words, source }]
  entries = []; // of the legend: [{ key, label, swatch }]

  constructor(answer) {
    this.currency = answer.currency ?? "";
    this.spanS = answer.span_s;
    this.asOf = Date.parse(answer.as_of) / 1000;
  }

  line(key) {
    return this.lines.find((each) => each.key === key);
  }

  // Whether every price can be drawn on a logarithmic scale.
  get isPositive() {
    return this.lines.every(({ y }) => y.every((each) => each === null || each > 0));
  }

  // Whether another drawing of these lines needs nothing but their prices.
  isLike(other) {
    const shape = ({ by, currency, lines }) =>
      [by, currency, ...lines.map(({ key, slot }) => [key, slot])];
    return JSON.stringify(shape(this)) === JSON.stringify(shape(other));
  }

  // The span that a moment is in; they are whole spans of UTC.
  spanAt(moment) {
    return Math.floor(moment / this.spanS) * this.spanS;
  }

  // From the first price, or what happened before it, until now.
  showAll() {
    const firsts = [...this.lines.map(({ x }) => x[0]), ...this.happenings.map(({ at }) => at)];
    this.full = { min: Math.min(...firsts.filter((each) => each !== undefined)), max: this.asOf };
    if (this.full.max <= this.full.min) this.full.max = this.full.min + this.spanS;
  }
}
