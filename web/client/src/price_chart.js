// A figure's chart: asks for prices, shows them, and does what the viewer wants.

import { Amounts } from "./amounts.js";
import { addressOf, Asking, NotAnswered } from "./asking.js";
import { hasChoices, readChoices, writeChoices } from "./choices.js";
import { Controls } from "./controls.js";
import { listen, press } from "./gestures.js";
import { Legend } from "./legend.js";
import { sayClock, sayMoments } from "./moments.js";
import { onNews } from "./news.js";
import { Plot } from "./plot.js";
import { Prices } from "./prices.js";
import { summary, undrawnSentence } from "./summary.js";
import { onThemeChange, readTheme } from "./theme.js";
import { View } from "./view.js";

const LEAST_SPANS = 3; // are shown, however far one zooms in
const NOTHING = "No prices in this range.";
const QUIET_MS = 60_000; // between two sentences that nobody asked for

export class PriceChart {
  #asking = new Asking();
  #view = new View();
  #hidden = new Set();
  #slots = new Map();
  #prices = null;
  #plot = null;
  #pointed = null; // the moment under the cursor
  #shown = null; // the address whose answer is shown
  #spokenAt = -Infinity;

  constructor(figure) {
    this.figure = figure;
    this.amounts = new Amounts(figure.dataset.currency);
    this.choices = readChoices();
    this.theme = readTheme(figure);
    this.controls = new Controls(figure, {
      choose: (choice) => this.#choose(choice),
      move: (name) => this.#move(name),
      retry: () => {
        this.controls.host.focus(); // the button will be gone
        this.ask();
      },
      key: (event) => press(event, this.#view) && this.#moved(),
    });
    this.legend = new Legend(this.controls.legend, (key, isShown) => this.#toggle(key, isShown));
    this.#showChoices();
    this.controls.showMoves(null);
    onNews(() => this.ask({ isNews: true }));
    onThemeChange(() => this.#recolour());
    addEventListener("hashchange", () => hasChoices() && this.#choose(readChoices()));
    this.ask();
  }

  // `isNews`: nobody waits for it, and what is shown stays as it is.
  async ask({ isNews = false } = {}) {
    const { controls } = this;
    controls.root.ariaBusy = "true";
    if (!this.#prices) controls.say("Loading prices…", { kind: "loading" });
    try {
      const answer = await this.#asking.ask(this.#address());
      if (answer === undefined) return;
      if (answer) this.#take(answer, isNews);
      else this.#keep();
    } catch (error) {
      if (!(error instanceof NotAnswered)) throw error;
      this.#fail(error);
    }
    controls.root.ariaBusy = "false";
  }

  #address() {
    return addressOf(this.figure.dataset, this.choices);
  }

  #take(answer, isNews) {
    const before = this.#prices;
    this.#shown = this.#address();
    this.#prices = new Prices(answer, this.#slots);
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
    this.controls.undrawn.textContent = undrawnSentence(prices);
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
    this.controls.moment.textContent = this.controls.sentence.textContent = "";
    this.controls.showMoves(null);
  }

  // What is said of the state, now that the newest answer is shown.
  #settle() {
    const { isEmpty } = this.#prices;
    this.controls.stage.dataset.state = isEmpty ? "empty" : "shown";
    this.controls.say(isEmpty ? NOTHING : "", { kind: "empty" });
  }

  #fail({ message }) {
    const { controls } = this;
    if (this.#shown !== this.#address()) this.#clear(); // what was chosen is not what is drawn
    const isShown = this.#plot !== null;
    controls.stage.dataset.state = isShown ? "stale" : "error";
    const sentence = isShown
      ? `As of ${sayClock(this.#prices.asOf)}; newer prices could not be loaded. ${message}`
      : `The prices could not be loaded. ${message}`;
    controls.say(sentence, { kind: isShown ? "stale" : "error", canRetry: true });
    controls.said.textContent = sentence;
  }

  // The sentence is always there; read out it is when somebody asked, and now and then.
  #speak(isNews) {
    const { isEmpty } = this.#prices;
    const sentence = isEmpty ? NOTHING : `${summary(this.#prices, this.amounts)}.`;
    this.controls.sentence.textContent = isEmpty ? "" : sentence;
    if (this.#plot) this.#plot.canvas.ariaLabel = sentence;
    if (isNews && performance.now() - this.#spokenAt < QUIET_MS) return;
    if (this.controls.said.textContent === sentence) return;
    this.#spokenAt = performance.now();
    this.controls.said.textContent = sentence;
  }

  #choose(choice) {
    const { range, by, isLog } = this.choices;
    Object.assign(this.choices, choice);
    writeChoices(this.choices);
    this.#showChoices();
    if (this.choices.isLog !== isLog && this.#plot) this.#replot();
    if (this.choices.range === range && this.choices.by === by) return;
    if (this.choices.by !== by) {
      this.#hidden.clear();
      this.#slots.clear();
    }
    this.#view.reset();
    this.controls.stage.dataset.state = "waiting";
    this.ask();
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
      ? sayMoments(prices.spanAt(at), prices.spanS)
      : `As of ${sayClock(prices.asOf)}`;
    this.legend.show((key) => prices.sayAt(key, at, this.amounts));
  }
}
