// What sources said of an event as a whole, as lines that can be drawn and read off.

import { readable } from "../../static/api.js";
import { Drawing } from "./drawing.js";
import { Line } from "./line.js";
import { dashOf, giveSlots } from "./slots.js";

export const FIGURES = { lowest: "lowest", median: "median", average: "average" };

const BASES = { all_in: "with fees", listed: "before fees", face_value: "face value" };

// One figure of each source differs by colour; all figures of one source differ by their strokes.
const STROKES = {
  lowest: { width: 2 },
  median: { width: 1.5, dash: [7, 4] },
  average: { width: 1.5, dash: [2, 3] },
};

export class MarketPrices extends Drawing {
  // `by` is a figure, or "each" for all of them. `slots` says which source has which colour.
  constructor(answer, { by }, slots) {
    super(answer);
    this.by = by;
    this.currencies = answer.currencies;
    const figures = by === "each" ? Object.keys(FIGURES) : [by];
    const named = nameAll(answer.series);
    const priced = named.filter(({ series }) => figures.some((each) => isNamed(series[each])));
    this.isEmpty = priced.length === 0;
    if (this.isEmpty) return;
    giveSlots(slots, priced.map(({ key }) => key));
    const drawn = priced.filter(({ key }) => slots.has(key));
    drawn.sort((a, b) => slots.get(a.key) - slots.get(b.key));
    this.lines = drawn.flatMap((each) => this.#lines(each, figures, slots.get(each.key)));
    this.undrawn = priced.filter(({ key }) => !slots.has(key)).map(({ label }) => label);
    this.happenings = answer.changes.map(happening).reverse();
    this.entries = this.lines.map(({ key, label, slot, figure }) => (
      { key, label, swatch: `${slot + 1}`, stroke: by === "each" ? figure : "" }
    ));
    if (this.happenings.length) {
      this.entries.push({ key: "happenings", label: "What happened", swatch: "happenings" });
    }
    this.showAll();
  }

  // What the legend says of a line, at a moment.
  sayAt(key, moment, amounts) {
    if (key === "happenings") return String(this.happenings.length);
    const value = this.line(key).valueAt(moment);
    return value === null ? "–" : amounts.say(value);
  }

  #lines({ key, label, series }, figures, slot) {
    const { at } = series;
    const until = (i) => at[i + 1] ?? this.asOf;
    return figures.filter((figure) => isNamed(series[figure])).map((figure) => new Line({
      key: `${figure} ${key}`,
      label: this.by === "each" ? `${label}: ${FIGURES[figure]}` : label,
      source: label,
      figure,
      slot,
      at,
      values: series[figure],
      until,
      asOf: this.asOf,
      ...(this.by === "each" ? STROKES[figure] : { width: 2, dash: dashOf(slot) }),
    }));
  }
}

const isNamed = (values) => values.some((each) => each !== null);

// A source's prices of one kind are a line; its event's id is said where nothing else differs.
function nameAll(all) {
  const labelOf = ({ source, basis }) =>
    [readable(source), BASES[basis]].filter(Boolean).join(", ");
  const labels = all.map(labelOf);
  return all.map((series, i) => {
    const isAlone = labels.filter((each) => each === labels[i]).length === 1;
    const label = isAlone ? labels[i] : `${labels[i]}, ${readable(series.event_id)}`;
    return { key: JSON.stringify([series.event_id, series.source, series.basis]), label, series };
  });
}

function happening({ at, words, source }) {
  return { at: Date.parse(at) / 1000, words: readable(words), source: readable(source) };
}
