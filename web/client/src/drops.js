// Where prices fell, drawn on uPlot's canvas: bars on the ground, and marks while there are few.

export const DROPS_SHARE = 0.1; // of the height, for the most drops in one span
const MOST_MARKS = 40; // more of them would hide the line that they are on

export function drawDrops({ ctx, bbox, valToPos }, { prices, hidden, theme }) {
  if (hidden.has("drops") || !prices.drops.length) return;
  const { left, top, width, height } = bbox;
  const most = prices.drops.reduce((so, { count }) => Math.max(so, count), 0);
  ctx.save();
  clip(ctx, bbox);
  ctx.fillStyle = theme.drop;
  ctx.globalAlpha = 0.32;
  for (const { at, count } of prices.drops) {
    const from = Math.max(left, valToPos(at, "x", true));
    const to = Math.min(left + width, valToPos(at + prices.spanS, "x", true));
    const tall = Math.max(3 * devicePixelRatio, (count / most) * height * DROPS_SHARE);
    const wide = Math.max(2 * devicePixelRatio, to - from - devicePixelRatio);
    if (to >= left && from <= left + width) ctx.fillRect(from, top + height - tall, wide, tall);
  }
  ctx.restore();
}

export function drawMarks({ ctx, bbox, valToPos }, { prices, hidden, theme, view }) {
  if (prices.by !== "event" || hidden.has("drops") || hidden.has("lowest")) return;
  const fallen = prices.drops.filter(({ at }) => at >= view.min && at <= view.max);
  if (fallen.length > MOST_MARKS) return;
  ctx.save();
  clip(ctx, bbox);
  ctx.fillStyle = theme.drop;
  ctx.strokeStyle = theme.ground;
  ctx.lineWidth = 2 * devicePixelRatio;
  for (const { at } of fallen) {
    const value = prices.line("lowest").valueAt(at);
    if (value !== null) triangle(ctx, valToPos(at, "x", true), valToPos(value, "y", true));
  }
  ctx.restore();
}

function clip(ctx, { left, top, width, height }) {
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
}

function triangle(ctx, x, y) {
  const size = 5 * devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, y + size);
  ctx.lineTo(x + size, y - size * 0.8);
  ctx.lineTo(x - size, y - size * 0.8);
  ctx.closePath();
  ctx.stroke();
  ctx.fill();
}
