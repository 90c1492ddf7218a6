// The elements around the canvas. What they show is set from outside; a click says what was wanted.

import { element } from "../../static/api.js";
import { RANGES } from "./choices.js";

const MOVES = [
  ["earlier", "‹", "Earlier"],
  ["out", "−", "Zoom out"],
  ["in", "+", "Zoom in"],
  ["later", "›", "Later"],
  ["reset", "Reset", "Show the whole range"],
];

const HELP =
  "Drag to zoom, shift-drag to move. Once the chart is clicked: wheel, + and − zoom, " +
  "← and → move, 0 shows everything.";
const HELP_FOR_FINGERS = "Drag to move, pinch to zoom.";

function button(text, label, act) {
  const made = element("button", text, "chart-button");
  made.type = "button";
  made.ariaLabel = label;
  if (label !== text) made.title = label;
  made.addEventListener("click", act);
  return made;
}

function group(label, buttons) {
  const made = element("div", undefined, "chart-group");
  made.setAttribute("role", "group");
  made.ariaLabel = label;
  made.append(...buttons);
  return made;
}

// A row of buttons of which one is pressed.
class Choice {
  constructor(label, names, choose) {
    this.buttons = new Map(Object.entries(names).map(([value, name]) => {
      const [short, long] = Array.isArray(name) ? name : [name, name];
      return [value, button(short, long, () => choose(value))];
    }));
    this.element = group(label, this.buttons.values());
  }

  show(chosen) {
    for (const [value, each] of this.buttons) each.ariaPressed = String(value === chosen);
  }
}

export class Controls {
  #choose;

  // `kind` is that of the chart.
  constructor(figure, kind, { choose, move, retry, key }) {
    this.#choose = choose;
    this.range = new Choice("Range", RANGES, (range) => choose({ range }));
    this.by = new Choice("Lines", kind.choices.lines, (by) => choose({ by }));
    this.log = button("Log", "Logarithmic scale", () => {
      choose({ isLog: this.log.ariaPressed !== "true" });
    });
    const moving = ([name, text, label]) => [name, button(text, label, () => move(name))];
    this.moves = new Map(MOVES.map(moving));
    this.root = element("div", undefined, "chart");
    this.sentence = element("p", undefined, "chart-summary");
    this.moment = element("p", undefined, "chart-moment");
    this.stage = element("div", undefined, "chart-stage");
    this.host = host(kind.name, key);
    this.note = element("div", undefined, "chart-note");
    this.again = button("Try again", "Try again", retry);
    this.legend = element("ul", undefined, "chart-legend");
    this.legend.ariaLabel = "Lines that are drawn";
    this.undrawn = element("p", undefined, "chart-undrawn");
    this.happenings = element("ul", undefined, "chart-happenings");
    this.happenings.ariaLabel = "What happened";
    this.said = element("p", undefined, "sr");
    this.said.setAttribute("role", "status");
    this.#arrange(figure);
  }

  #arrange(figure) {
    const bar = element("div", undefined, "chart-bar");
    this.scale = group("Scale", [this.log]);
    bar.append(this.range.element, this.by.element, this.scale);
    bar.append(group("Part that is shown", this.moves.values()));
    const head = element("div", undefined, "chart-head");
    head.append(this.sentence, this.moment);
    this.stage.append(this.host, this.note);
    const help = matchMedia("(hover: none)").matches ? HELP_FOR_FINGERS : HELP;
    this.help = element("p", help, "chart-help");
    this.help.ariaHidden = "true"; // it is the chart's description
    this.root.append(bar, head, this.stage, this.legend, this.happenings, this.undrawn);
    this.root.append(this.help, this.said);
    figure.append(this.root);
  }

  // Where there are several currencies, one of them is drawn.
  showCurrencies(currencies, chosen) {
    const isOther = chosen && !currencies.includes(chosen);
    const names = currencies.length > 1 || isOther ? currencies : [];
    if (names.join() !== [...(this.currency?.buttons.keys() ?? [])].join()) {
      this.currency?.element.remove();
      const own = Object.fromEntries(names.map((each) => [each, each]));
      this.currency = new Choice("Currency", own, (currency) => this.#choose({ currency }));
      if (names.length) this.scale.before(this.currency.element);
    }
    this.currency?.show(chosen);
  }

  // Something instead of the chart, or (while it is shown) above it.
  say(sentence, { kind = "", canRetry = false } = {}) {
    this.note.replaceChildren();
    this.note.hidden = !sentence;
    this.note.dataset.kind = kind;
    if (sentence) this.note.append(element("span", sentence));
    if (canRetry) this.note.append(this.again);
  }

  // Without a view there is nothing to move.
  showMoves(view) {
    if (!view) {
      for (const each of this.moves.values()) each.ariaDisabled = "true";
      return;
    }
    const { isZoomed, min, max, full, least } = view;
    const able = { in: max - min > least, earlier: min > full.min, later: max < full.max };
    for (const [name, each] of this.moves) each.ariaDisabled = String(!(able[name] ?? isZoomed));
  }
}

function host(name, key) {
  const made = element("div", undefined, "chart-plot");
  made.tabIndex = 0;
  made.setAttribute("role", "application"); // so that a screen reader hands the keys on
  made.ariaLabel = name;
  made.ariaDescription = HELP;
  made.addEventListener("keydown", key);
  return made;
}
