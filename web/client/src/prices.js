// What the server said of an event's prices, as lines that can be drawn and read off.

import { readable } from "../../static/api.js";
import { Line } from "./line.js";

const MOST_LINES = 8; // more of them no eye tells apart

// In the order in which they are drawn: the lowest comes last and lies on top.
const OF_EVENT = [
  { key: "lower", field: "lower_quartile", label: "Lower quartile" },
  { key: "upper", field: "upper_quartile", label: "Upper quartile" },
  { key: "median", field: "median", label: "Median" },
  { key: "lowest", field: "lowest", label: "Lowest" },
];

export class Prices {
  lines = [];
  undrawn = []; // the names of the series for which there was no room

  // `slots` says which line has which colour, and is kept up to date: a line that stays keeps its
  // colour, whatever the others do.
  constructor(answer, slots) {
    this.by = answer.by;
    this.spanS = answer.span_s;
    this.asOf = Date.parse(answer.as_of) / 1000;
    const series = answer.series.filter(({ lowest }) => lowest.some((each) => each !== null));
    this.isEmpty = series.length === 0;
    if (this.isEmpty) return;
    if (this.by === "event") this.lines = OF_EVENT.map((kind) => this.#line(series[0], kind));
    else this.#choose(series, slots);
    this.drops = drops(this.by === "event" ? series.slice(0, 1) : this.#drawn(series, slots));
    this.full = { min: Math.min(...this.lines.map(({ x }) => x[0] ?? Infinity)), max: this.asOf };
    if (this.full.max <= this.full.min) this.full.max = this.full.min + this.spanS;
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
    const shape = ({ by, lines }) => [by, ...lines.map(({ key, slot }) => [key, slot])];
    return JSON.stringify(shape(this)) === JSON.stringify(shape(other));
  }

  // What the legend says of a line, at a moment.
  sayAt(key, moment, amounts) {
    if (key === "drops") return String(this.#dropsAt(moment));
    const [low, high] = key === "band" ? ["lower", "upper"] : [key, key];
    const [from, to] = [low, high].map((each) => this.line(each).valueAt(moment));
    if (from === null || to === null) return "–";
    return from === to ? amounts.say(from) : `${amounts.say(from)} – ${amounts.say(to)}`;
  }

  // The span that a moment is in; they are whole spans of UTC.
  spanAt(moment) {
    return Math.floor(moment / this.spanS) * this.spanS;
  }

  #dropsAt(moment) {
    const start = this.spanAt(moment);
    return this.drops.find(({ at }) => at === start)?.count ?? 0;
  }

  #line({ at, ...series }, { key, field, label, slot }) {
    const { spanS, asOf } = this;
    return new Line({ key, label, slot, at, values: series[field], spanS, asOf });
  }

  // Those with the lowest price now, and first of all those that are drawn already.
  #choose(series, slots) {
    const lines = series.map((each) => this.#line(each, {
      key: keyOf(each),
      field: "lowest",
      label: readable(each.name) || "without a name",
    }));
    const isGone = (line) => line.last.at < this.asOf;
    lines.sort((a, b) => isGone(a) - isGone(b) || a.last.value - b.last.value);
    const keys = new Set(lines.map(({ key }) => key));
    for (const key of slots.keys()) if (!keys.has(key)) slots.delete(key);
    for (const { key } of lines) {
      if (slots.size < MOST_LINES && !slots.has(key)) slots.set(key, freeSlot(slots));
    }
    [this.cheapest] = lines;
    this.lines = lines.filter(({ key }) => slots.has(key));
    for (const line of this.lines) line.slot = slots.get(line.key);
    this.lines.sort((a, b) => a.slot - b.slot); // in the legend nothing jumps about
    this.undrawn = lines.filter(({ key }) => !slots.has(key)).map(({ label }) => label);
  }

  #drawn(series, slots) {
    return series.filter((each) => slots.has(keyOf(each)));
  }
}

// A section may have any name, "drops" too, which is the key of something else.
const keyOf = ({ name }) => `=${name}`;

function freeSlot(slots) {
  const taken = new Set(slots.values());
  return [...Array(MOST_LINES).keys()].find((slot) => !taken.has(slot));
}

// How often prices fell in each span: [{ at, count }], in order.
function drops(series) {
  const counts = new Map();
  for (const { at, drops: fallen } of series) {
    at.forEach((start, i) => {
      if (fallen[i]) counts.set(start, (counts.get(start) ?? 0) + fallen[i]);
    });
  }
  return [...counts].map(([at, count]) => ({ at, count })).sort((a, b) => a.at - b.at);
}
