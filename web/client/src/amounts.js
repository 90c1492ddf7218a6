// Money as the server writes it on the page: in the page's language, with its currency.

export class Amounts {
  #currency;
  #language = document.documentElement.lang || undefined;

  constructor(currency) {
    this.#currency = currency;
  }

  // An amount in full: with the currency's cents, and finer where the amount is.
  say(amount) {
    const finest = Math.abs(amount) >= 1 ? 4 : 12; // beyond that the digits say nothing
    return this.#format(amount, { maximumFractionDigits: finest });
  }

  // A tick of an axis whose ticks are `step` apart.
  tick(amount, step) {
    if (step >= 1_000 && amount >= 1_000_000) {
      const short = { notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 2 };
      return this.#format(amount, short);
    }
    const digits = Math.min(12, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
    return this.#format(amount, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  #format(amount, digits) {
    const isCode = /^[A-Z]{3}$/.test(this.#currency); // others are none of Intl's
    const style = isCode ? { style: "currency", currency: this.#currency } : {};
    const text = new Intl.NumberFormat(this.#language, { ...style, ...digits }).format(amount);
    return isCode ? text : `${text} ${this.#currency}`;
  }
}
