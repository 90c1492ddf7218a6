// The chart in one sentence, for who does not see it and for who wants no more.

import { sayLength, sayMoment } from "./moments.js";

const KINDS = { source: ["source", "sources"], section: ["section", "sections"] };
const PLACES = {
  source: (label) => `at ${label}`,
  section: (label) => (/^section\b/i.test(label) ? `in ${label}` : `in section ${label}`),
};

export function summary(prices, amounts) {
  return prices.by === "event" ? ofEvent(prices, amounts) : ofMany(prices, amounts);
}

const isNow = (line, prices) => line.last.at >= prices.asOf;

function ofEvent(prices, amounts) {
  const line = prices.line("lowest");
  const { first, last } = line;
  if (!isNow(line, prices)) return notNow(line, amounts);
  const now = `Lowest ${amounts.say(last.value)} now`;
  const length = prices.asOf - first.at;
  if (length < 2 * prices.spanS) return now;
  return `${now}, ${sayChange(first, last.value, length)}`;
}

export function sayChange(first, now, length) {
  return `${change(first.value, now)} over ${sayLength(length)}`;
}

function notNow({ last }, amounts) {
  return `Lowest was ${amounts.say(last.value)}; no price was seen after ${sayMoment(last.at)}`;
}

function change(before, now) {
  if (before === now || !before) return before === now ? "unchanged" : "up from nothing";
  const percent = Math.abs(now / before - 1) * 100;
  const shown = percent < 0.1 ? "less than 0.1" : percent.toFixed(percent < 10 ? 1 : 0);
  return `${now < before ? "down" : "up"} ${shown} %`;
}

function ofMany(prices, amounts) {
  const best = prices.cheapest;
  if (!isNow(best, prices)) return notNow(best, amounts);
  const count = prices.lines.length + prices.undrawn.length;
  const [one, many] = KINDS[prices.by];
  const now = `Lowest ${amounts.say(best.last.value)} now, ${PLACES[prices.by](best.label)}`;
  return `${now}; ${count} ${count === 1 ? one : many}`;
}

// What is said of the series for which there was no room.
export function undrawnSentence(prices) {
  const { undrawn, lines, by } = prices;
  if (!undrawn.length) return "";
  const named = undrawn.slice(0, 6).join(", ");
  const more = undrawn.length > 6 ? ` and ${undrawn.length - 6} more` : "";
  const all = `${lines.length + undrawn.length} ${KINDS[by][1]}`;
  return `${lines.length} of ${all} are drawn, the cheapest first. Not drawn: ${named}${more}.`;
}
