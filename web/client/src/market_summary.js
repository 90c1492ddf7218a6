// The chart of sources in one sentence. Prices that hold different things are not compared.

import { sayChange } from "./summary.js";

const MOST_SAID = 3;
const FIGURES = { lowest: "Lowest", median: "Median", average: "Average", each: "Lowest" };

export function marketSummary(prices, amounts) {
  const { by, lines } = prices;
  const meant = lines.filter(({ figure }) => by !== "each" || figure === "lowest");
  const said = (meant.length ? meant : lines).map((line) => sayLine(line, prices, amounts));
  const more = said.length + prices.undrawn.length - MOST_SAID;
  const rest = more > 0 ? `; and ${more} more` : "";
  const figure = meant.length ? FIGURES[by] : "Prices";
  return `${figure} now: ${said.slice(0, MOST_SAID).join("; ")}${rest}`;
}

function sayLine(line, prices, amounts) {
  const { source, first, last } = line;
  if (last.at < prices.asOf) return `${source} no price, ${amounts.say(last.value)} before`;
  const length = prices.asOf - first.at;
  const now = `${source} ${amounts.say(last.value)}`;
  return length < 2 * prices.spanS ? now : `${now}, ${sayChange(first, last.value, length)}`;
}
