// What the server said of the prices of an event's seats, as lines that can be drawn and read off.

import { readable } from "../../static/api.js";
import { Drawing } from "./drawing.js";
import { Line } from "./line.js";
import { dashOf, giveSlots } from "./slots.js";

const HELD_S = 30 * 60; // a seat counts as on sale for so long after it was named last

// In the order in which they are drawn: the lowest comes last and lies on top.
const OF_EVENT = [
  { key: "lower", field: "lower_quartile", label: "Lower quartile", isBand: true },
  { key: "upper", field: "upper_quartile", label: "Upper quartile", isBand: true },
  { key: "median", field: "median", label: "Median", paint: "median", width: 1.5 },
  { key: "lowest", field: "lowest", label: "Lowest", paint: "lowest", width: 2 },
];

const DROPS = { key: "drops", label: "Drops", swatch: "drops" };
const ENTRIES_OF_EVENT = [
  { key: "lowest", label: "Lowest", swatch: "lowest" },
  { key: "median", label: "Median", swatch: "median" },
  { key: "band", label: "Middle half", swatch: "band" },
  DROPS,
];

export class Prices extends Drawing {
  // `slots` says which line has which colour, and is kept up to date.
  constructor(answer, slots) {
    super(answer);
    this.by = answer.by;
    const series = answer.series.filter(({ lowest }) => lowest.some((each) => each !== null));
    this.isEmpty = series.length === 0;
    if (this.isEmpty) return;
    if (this.by === "event") this.#ofEvent(series[0]);
    else this.#choose(series, slots);
    this.showAll();
  }

  // What the legend says of a line, at a moment.
  sayAt(key, moment, amounts) {
    if (key === "drops") return String(this.#dropsAt(moment));
    const [low, high] = key === "band" ? ["lower", "upper"] : [key, key];
    const [from, to] = [low, high].map((each) => this.line(each).valueAt(moment));
    if (from === null || to === null) return "–";
    return from === to ? amounts.say(from) : `${amounts.say(from)} – ${amounts.say(to)}`;
  }

  #dropsAt(moment) {
    const start = this.spanAt(moment);
    return this.drops.find(({ at }) => at === start)?.count ?? 0;
  }

  #ofEvent(series) {
    this.lines = OF_EVENT.map((kind) => this.#line(series, kind));
    this.entries = ENTRIES_OF_EVENT;
    this.drops = drops([series]);
  }

  #line({ at, ...series }, { field, ...about }) {
    const until = (i) => at[i] + this.spanS + HELD_S;
    return new Line({ ...about, at, values: series[field], until, asOf: this.asOf });
  }

  // Those with the lowest price now, and first of all those that are drawn already.
  #choose(series, slots) {
    const lines = series.map((each) => this.#line(each, {
      key: keyOf(each),
      field: "lowest",
      label: readable(each.name) || "without a name",
      width: 2,
    }));
    const isGone = (line) => line.last.at < this.asOf;
    lines.sort((a, b) => isGone(a) - isGone(b) || a.last.value - b.last.value);
    giveSlots(slots, lines.map(({ key }) => key));
    [this.cheapest] = lines;
    this.lines = lines.filter(({ key }) => slots.has(key));
    for (const line of this.lines) {
      line.slot = slots.get(line.key);
      line.dash = dashOf(line.slot);
    }
    this.lines.sort((a, b) => a.slot - b.slot); // in the legend nothing jumps about
    this.undrawn = lines.filter(({ key }) => !slots.has(key)).map(({ label }) => label);
    const named = this.lines.map(({ key, label, slot }) => ({ key, label, swatch: `${slot + 1}` }));
    this.entries = [...named, DROPS];
    this.drops = drops(series.filter((each) => slots.has(keyOf(each))));
  }
}

// A section may have any name, "drops" too, which is the key of something else.
const keyOf = ({ name }) => `=${name}`;

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
