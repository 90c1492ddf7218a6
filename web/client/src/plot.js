// The canvas: uPlot with steps, a band, drops, and axes in the page's colours and words.

import uPlot from "uplot";
import { DROPS_SHARE, drawDrops, drawMarks } from "./drops.js";
import { drawHappenings } from "./happenings.js";
import { timeLabels } from "./moments.js";
import { priceRange, priceTicks } from "./ticks.js";

const TICK_ROOM = 34; // CSS pixels between two prices on the axis
const TIME_ROOM = 82; // and between two times, which may be "11:30 PM"
const GOES_ON = 2; // uPlot's NULL_EXPAND
const LEAST_DRAG = 6; // less than that was a click

export class Plot {
  #shown;
  #ruler = document.createElement("canvas").getContext("2d");

  // `about` is { prices, amounts, view, theme, isLog, hidden }; what is in it is read at each
  // drawing. `on` is called with the moment under the cursor (or null), and with what was dragged.
  constructor(host, about, on) {
    this.about = about;
    this.on = on;
    this.host = host;
    this.dots = document.createElement("div");
    this.dots.className = "chart-dots";
    const { width, height } = host.getBoundingClientRect();
    this.uplot = new uPlot(this.#options(width, height), this.#data(), host);
    this.uplot.over.append(this.dots);
    this.canvas.setAttribute("role", "img");
    this.resizing = new ResizeObserver(() => this.#resize());
    this.resizing.observe(host);
  }

  get canvas() {
    return this.uplot.ctx.canvas;
  }

  destroy() {
    this.resizing.disconnect();
    this.uplot.destroy();
  }

  // Draws what is in `about` now; the lines have to be those that it was made with.
  show() {
    const { lines } = this.about.prices;
    this.uplot.batch(() => {
      this.uplot.setData(this.#data(), false);
      lines.forEach((line, i) => {
        this.uplot.setSeries(i + 1, { show: !this.#isHidden(line) }, false);
      });
      this.place();
    });
  }

  // Shows the part of the time that the view says.
  place() {
    const { min, max } = this.about.view;
    this.uplot.setScale("x", { min, max });
  }

  recolour() {
    this.uplot.redraw(false, true);
  }

  #resize() {
    const { width, height } = this.host.getBoundingClientRect();
    if (!width || !height) return; // it is not on the screen
    this.uplot.setSize({ width: Math.floor(width), height: Math.floor(height) });
  }

  // How many seconds a pixel stands for.
  get secondsOfPixel() {
    return this.uplot.posToVal(1, "x") - this.uplot.posToVal(0, "x");
  }

  #isHidden({ key, isBand }) {
    return this.about.hidden.has(isBand ? "band" : key);
  }

  // Lines have moments of their own; where another has one more, a line simply goes on, and so does
  // its gap.
  #data() {
    const { lines } = this.about.prices;
    return uPlot.join(lines.map(({ x, y }) => [x, y]), lines.map(() => [0, GOES_ON]));
  }

  #options(width, height) {
    const { prices, view, isLog } = this.about;
    return {
      width: Math.floor(width) || 300,
      height: Math.floor(height) || 240,
      padding: [10, 12, 0, 0],
      legend: { show: false },
      focus: { alpha: 1 },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false },
        bind: {
          mousedown: (u, target, go) => (event) => {
            if (!event.button && !event.shiftKey) go(event);
          },
          dblclick: () => () => this.on.reset(),
        },
      },
      scales: {
        x: { time: true, auto: false, range: () => [view.min, view.max] },
        y: { distr: isLog ? 3 : 1, range: () => this.#priceRange() },
      },
      axes: [this.#timeAxis(), this.#priceAxis()],
      series: [{}, ...prices.lines.map((line) => this.#series(line))],
      bands: prices.lines[0].isBand
        ? [{ series: [2, 1], fill: () => this.about.theme.band }]
        : [],
      hooks: {
        drawClear: [(u) => drawDrops(u, this.about)],
        draw: [(u) => drawMarks(u, this.about), (u) => drawHappenings(u, this.about)],
        setCursor: [(u) => this.#point(u)],
        setSelect: [(u) => this.#select(u)],
      },
    };
  }

  #series(line) {
    const paths = uPlot.paths.stepped({ align: 1 });
    const common = { paths, points: { show: false }, show: !this.#isHidden(line) };
    if (line.isBand) return { ...common, stroke: "transparent", width: 0 };
    return { ...common, stroke: () => this.#colour(line), width: line.width, dash: line.dash };
  }

  #colour({ paint, slot }) {
    const { theme } = this.about;
    return paint ? theme[paint] : theme.slots[slot];
  }

  #timeAxis() {
    return {
      ...this.#axis(),
      space: TIME_ROOM,
      size: (u, labels) => (labels?.some((each) => each.includes("\n")) ? 44 : 28),
      values: (u, splits, axis, space, step) => this.#thatFit(u, splits, timeLabels(splits, step)),
    };
  }

  #priceAxis() {
    const { amounts, isLog } = this.about;
    let step = 1;
    return {
      ...this.#axis(),
      splits: (u, axis, min, max) => {
        const most = Math.max(2, Math.floor(u.bbox.height / devicePixelRatio / TICK_ROOM));
        const ticks = priceTicks(min, max, most, isLog);
        step = ticks.step;
        return ticks.at;
      },
      filter: (u, splits) => splits,
      values: (u, splits) => splits.map((each) => amounts.tick(each, step)),
      size: (u, labels) => this.#widest(labels ?? []) + 18,
    };
  }

  #axis() {
    return {
      font: this.about.theme.font,
      stroke: () => this.about.theme.soft,
      grid: { stroke: () => this.about.theme.line, width: 1 },
      ticks: { show: false },
    };
  }

  // A label at the right edge would be cut.
  #thatFit(u, splits, labels) {
    const edge = u.over.offsetWidth + 10;
    const end = (label, i) => u.valToPos(splits[i], "x") + this.#width(label) / 2;
    return labels.map((label, i) => (end(label, i) <= edge ? label : ""));
  }

  #width(label) {
    this.#ruler.font = this.about.theme.font;
    return Math.max(...label.split("\n").map((each) => this.#ruler.measureText(each).width));
  }

  #widest(labels) {
    const width = Math.max(24, ...labels.map((each) => this.#width(each)));
    return Math.ceil(width / 8) * 8; // in steps, so that the chart does not tremble
  }

  #priceRange() {
    const { prices, view, isLog, hidden } = this.about;
    const lines = prices.lines.filter((line) => !this.#isHidden(line));
    const values = lines.flatMap((line) => line.between(view.min, view.max));
    const hasDrops = prices.drops.length > 0 && !hidden.has("drops");
    return priceRange(values, isLog, hasDrops ? DROPS_SHARE : 0);
  }

  #point(u) {
    const { left } = u.cursor;
    const isOn = left >= 0;
    const moment = isOn ? u.posToVal(left, "x") : null;
    this.dots.replaceChildren(...(isOn ? this.#dots(u, left, moment) : []));
    this.on.point(moment);
  }

  #dots(u, left, moment) {
    const isDrawn = (line) => !this.#isHidden(line) && !line.isBand;
    return this.about.prices.lines.filter(isDrawn).flatMap((line) => {
      const value = line.valueAt(moment);
      if (value === null) return [];
      const dot = document.createElement("i");
      dot.style.transform = `translate(${left}px, ${u.valToPos(value, "y")}px)`;
      dot.style.backgroundColor = this.#colour(line);
      return [dot];
    });
  }

  #select(u) {
    const { left, width } = u.select;
    if (width < LEAST_DRAG) return;
    const [from, to] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
    u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.on.drag(from, to);
  }
}
