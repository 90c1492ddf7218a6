// A figure's chart: asks for prices, shows them, and does what the viewer wants.

import { Amounts } from "./amounts.js";
import { addressOf, Asking, NotAnswered } from "./asking.js";
import { Choices } from "./choices.js";
import { Controls } from "./controls.js";
import { listen, press } from "./gestures.js";
import { happeningsNear, listHappenings } from "./happenings.js";
import { Legend } from "./legend.js";
import { sayClock, sayMoments } from "./moments.js";
import { onNews } from "./news.js";
import { Plot } from "./plot.js";
import { Speech } from "./speech.js";
import { onThemeChange, readTheme } from "./theme.js";
import { View } from "./view.js";

const LEAST_SPANS = 3; // are shown, however far one zooms in

export class Chart {
  #asking = new Asking();
  #inAddress;
  #view = new View();
  #hidden = new Set();
  #slots = new Map();
  #answer = null;
  #prices = null; // what is drawn of it
  #plot = null;
  #pointed = null; // the moment under the cursor
  #shown = null; // the address whose answer is shown
  #speech;

  // `kind` is one of those of kinds.js.
  constructor(figure, kind) {
    this.figure = figure;
    this.kind = kind;
    this.#inAddress = new Choices(kind.choices);
    this.choices = this.#inAddress.read();
    this.theme = readTheme(figure);
    this.controls = new Controls(figure, kind, {
      choose: (choice) => this.#choose(choice),
      move: (name) => this.#move(name),
      retry: () => {
        this.controls.host.focus(); // the button will be gone
        this.ask();
      },
      key: (event) => press(event, this.#view) && this.#moved(),
    });
    this.#speech = new Speech(this.controls.said);
    this.legend = new Legend(this.controls.legend, (key, isShown) => this.#toggle(key, isShown));
    this.#showChoices();
    this.controls.showMoves(null);
    onNews(() => this.ask({ isNews: true }));
    onThemeChange(() => this.#recolour());
    addEventListener("hashchange", () => {
      if (this.#inAddress.isInAddress) this.#choose(this.#inAddress.read());
    });
    this.ask();
  }

  // `isNews`: nobody waits for it, and what is shown stays as it is.
  async ask({ isNews = false } = {}) {
    const { controls } = this;
    controls.root.ariaBusy = "true";
    if (!this.#prices) controls.say("Loading prices…", { kind: "loading" });
    try {
      const answer = await this.#asking.ask(this.#wanted());
      if (answer === undefined) return;
      if (answer) this.#answer = answer;
      this.#shown = this.#wanted();
      if (answer) this.#take(isNews);
      else this.#keep();
    } catch (error) {
      if (!(error instanceof NotAnswered)) throw error;
      this.#fail(error);
    }
    controls.root.ariaBusy = "false";
  }

  // The address of what is to be shown.
  #wanted() {
    const { dataset } = this.figure;
    return addressOf(dataset.src, this.kind.asked(this.choices, dataset));
  }

  #take(isNews) {
    const before = this.#prices;
    this.#prices = this.kind.read(this.#answer, this.choices, this.#slots);
    this.amounts = new Amounts(this.#prices.currency);
    if (this.#prices.isEmpty) this.#clear();
    else this.#draw(before);
    this.#settle();
    this.#speak(isNews);
  }

  // What was answered is what is known already.
  #keep() {
    if (!this.#prices.isEmpty) this.#draw(this.#prices);
    this.#settle();
  }

  #draw(before) {
    const prices = this.#prices;
    this.#view.fit(prices.full, LEAST_SPANS * prices.spanS);
    this.legend.arrange(prices, this.#hidden);
    if (before && prices.isLike(before) && this.#plot?.about.isLog === this.#isLog()) {
      this.#plot.about.prices = prices;
      this.#plot.show();
    } else this.#replot();
    this.#showValues();
    this.#showPlace();
    this.controls.undrawn.textContent = this.kind.undrawn(prices);
    listHappenings(this.controls.happenings, prices);
    this.#showLog();
  }

  #replot() {
    this.#plot?.destroy();
    const about = {
      prices: this.#prices,
      amounts: this.amounts,
      view: this.#view,
      theme: this.theme,
      hidden: this.#hidden,
      isLog: this.#isLog(),
    };
    this.#plot = new Plot(this.controls.host, about, {
      point: (moment) => {
        this.#pointed = moment;
        this.#showValues();
      },
      drag: (from, to) => {
        this.#view.show(from, to);
        this.#moved();
      },
      reset: () => this.#move("reset"),
    });
    listen(this.controls.host, this.#plot.uplot.over, this.#view, () => this.#moved());
  }

  #clear() {
    this.#plot?.destroy();
    this.#plot = null;
    this.legend.clear();
    this.controls.undrawn.textContent = "";
    this.controls.happenings.replaceChildren();
    this.controls.moment.textContent = this.controls.sentence.textContent = "";
    this.controls.showMoves(null);
  }

  // What is said of the state, now that the newest answer is shown.
  #settle() {
    const { isEmpty, currencies, currency } = this.#prices;
    this.controls.stage.dataset.state = isEmpty ? "empty" : "shown";
    this.controls.say(isEmpty ? this.kind.nothing(this.choices) : "", { kind: "empty" });
    if (currencies) this.controls.showCurrencies(currencies, currency);
  }

  #fail({ message }) {
    const { controls } = this;
    if (this.#shown !== this.#wanted()) this.#clear(); // what was chosen is not what is drawn
    const isShown = this.#plot !== null;
    controls.stage.dataset.state = isShown ? "stale" : "error";
    const sentence = isShown
      ? `As of ${sayClock(this.#prices.asOf)}; newer prices could not be loaded. ${message}`
      : `The prices could not be loaded. ${message}`;
    controls.say(sentence, { kind: isShown ? "stale" : "error", canRetry: true });
    controls.said.textContent = sentence;
  }

  // The sentence is always there, and read out now and then.
  #speak(isNews) {
    const { isEmpty } = this.#prices;
    const { summary, nothing } = this.kind;
    const sentence = isEmpty
      ? nothing(this.choices)
      : `${summary(this.#prices, this.amounts)}.`;
    this.controls.sentence.textContent = isEmpty ? "" : sentence;
    if (this.#plot) this.#plot.canvas.ariaLabel = sentence;
    this.#speech.say(sentence, isNews);
  }

  #choose(choice) {
    const { range, by, currency, isLog } = this.choices;
    Object.assign(this.choices, choice);
    this.#inAddress.write(this.choices);
    this.#showChoices();
    if (this.choices.isLog !== isLog && this.#plot) this.#replot();
    const isSame = (name, before) => this.choices[name] === before;
    if (isSame("range", range) && isSame("by", by) && isSame("currency", currency)) return;
    if (!isSame("by", by)) {
      this.#hidden.clear();
      this.#slots.clear();
    }
    this.#view.reset();
    if (this.#wanted() === this.#shown) this.#redraw();
    else {
      this.controls.stage.dataset.state = "waiting";
      this.ask();
    }
  }

  // Something else of what was answered already; what was asked for meanwhile is of no use.
  #redraw() {
    this.#asking.stop();
    this.controls.root.ariaBusy = "false";
    this.#take(false);
  }

  #showChoices() {
    this.controls.range.show(this.choices.range);
    this.controls.by.show(this.choices.by);
    this.#showLog();
  }

  #isLog() {
    return this.choices.isLog && this.#prices.isPositive;
  }

  #showLog() {
    const { log } = this.controls;
    const isPossible = this.#prices?.isPositive ?? true;
    log.ariaPressed = String(this.choices.isLog);
    log.disabled = !isPossible;
    log.title = isPossible ? "Logarithmic scale" : "Not while a price is 0";
  }

  #toggle(key, isShown) {
    if (isShown) this.#hidden.delete(key);
    else this.#hidden.add(key);
    this.#plot.show();
    this.#showValues();
  }

  #move(name) {
    const view = this.#view;
    const width = view.max - view.min;
    ({
      earlier: () => view.pan(-width / 3),
      later: () => view.pan(width / 3),
      in: () => view.zoom(1 / 2),
      out: () => view.zoom(2),
      reset: () => view.reset(),
    })[name]();
    this.#moved();
  }

  #moved() {
    this.#plot?.place();
    this.#showPlace();
  }

  #showPlace() {
    const { min, max } = this.#view;
    Object.assign(this.controls.host.dataset, { from: min, to: max }); // in the page for who looks
    this.controls.showMoves(this.#plot && this.#view);
  }

  #recolour() {
    Object.assign(this.theme, readTheme(this.figure));
    this.#plot?.recolour();
  }

  // Prices at the moment under the cursor; without one, the last.
  #showValues() {
    const prices = this.#prices;
    const isPointed = this.#pointed !== null;
    const at = isPointed ? this.#pointed : prices.asOf - 1;
    this.controls.moment.textContent = isPointed
      ? this.#sayPointed(at)
      : `As of ${sayClock(prices.asOf)}`;
    this.legend.show((key) => prices.sayAt(key, at, this.amounts));
  }

  #sayPointed(at) {
    const prices = this.#prices;
    const span = sayMoments(prices.spanAt(at), prices.spanS);
    const happened = this.#plot ? happeningsNear(prices, at, this.#plot.secondsOfPixel) : "";
    return happened ? `${happened} · ${span}` : span;
  }
}
