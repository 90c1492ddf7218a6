// Draws a chart into every figure that asks for one.

import { PriceChart } from "./price_chart.js";

for (const figure of document.querySelectorAll("figure[data-price-chart]")) new PriceChart(figure);
