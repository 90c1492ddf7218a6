// Draws a chart into every figure that asks for one.

import { Chart } from "./chart.js";
import { OF_MARKETS, OF_SEATS } from "./kinds.js";

for (const figure of document.querySelectorAll("figure[data-price-chart]")) {
  new Chart(figure, OF_SEATS);
}
for (const figure of document.querySelectorAll("figure[data-market-chart]")) {
  new Chart(figure, OF_MARKETS);
}
