// What happened meanwhile: upright lines on the canvas, and the same as a list.

import { element } from "../../static/api.js";
import { sayMoment } from "./moments.js";

const MOST_SAID = 5;
const NEAR = 7; // pixels within which the cursor means one

export function drawHappenings({ ctx, bbox, valToPos }, { prices, hidden, theme, view }) {
  if (hidden.has("happenings")) return;
  const { left, top, width, height } = bbox;
  const size = 5 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left - size, top - size, width + 2 * size, height + size);
  ctx.clip();
  ctx.strokeStyle = ctx.fillStyle = theme.happening;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { at } of prices.happenings) {
    if (at < view.min || at > view.max) continue;
    const x = Math.round(valToPos(at, "x", true)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    diamond(ctx, x, top + size, size);
  }
  ctx.restore();
}

function diamond(ctx, x, y, size) {
  ctx.beginPath();
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y + size);
  ctx.lineTo(x - size, y);
  ctx.closePath();
  ctx.fill();
}

// What is meant by a cursor at a moment, where a pixel is so many seconds wide.
export function happeningsNear(prices, moment, secondsOfPixel) {
  const reach = NEAR * secondsOfPixel;
  return prices.happenings
    .filter(({ at }) => Math.abs(at - moment) <= reach)
    .map(({ words, source }) => `${words} (${source})`)
    .join(", ");
}

// The newest of them for who reads, the newest first.
export function listHappenings(list, { happenings }) {
  const newest = happenings.slice(-MOST_SAID).reverse();
  list.replaceChildren(...newest.map(({ at, words, source }) => {
    const item = element("li");
    item.append(element("b", words), ` ${source} · ${sayMoment(at)}`);
    return item;
  }));
}
