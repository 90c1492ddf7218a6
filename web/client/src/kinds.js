// The kinds of charts: what each asks for, how it reads the answer, and what it calls things.

import { MarketPrices } from "./market_prices.js";
import { marketSummary } from "./market_summary.js";
import { Prices } from "./prices.js";
import { summary, undrawnSentence } from "./summary.js";

// What an event's seats cost.
export const OF_SEATS = {
  name: "Price chart",
  choices: {
    mark: "prices",
    lines: { event: "Event", source: "Sources", section: "Sections" },
    defaults: { range: "day", by: "event" },
  },
  asked: ({ range, by }, { currency }) => ({ range, by, currency }),
  read: (answer, choices, slots) => new Prices(answer, slots),
  summary,
  undrawn: undrawnSentence,
  nothing: () => "No prices in this range.",
};

// What sources say of an event as a whole. All figures come in one answer.
export const OF_MARKETS = {
  name: "Chart of what sources say",
  choices: {
    mark: "markets",
    lines: { lowest: "Lowest", median: "Median", average: "Average", each: ["Each", "Each figure"] },
    defaults: { range: "month", by: "lowest" },
  },
  asked: ({ range, currency }) => ({ range, currency }),
  read: (answer, choices, slots) => new MarketPrices(answer, choices, slots),
  summary: marketSummary,
  undrawn: ({ undrawn }) => (undrawn.length ? `Not drawn: ${undrawn.join(", ")}.` : ""),
  nothing: ({ by }) => (by === "each" || by === "lowest"
    ? "No source named a price in this range."
    : `No source named ${by === "average" ? "an" : "a"} ${by} in this range.`),
};
