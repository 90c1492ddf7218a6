// Money as the server writes it on the page: in the page's language, with its currency.

const MOST_DIGITS = 20; // behind the point, that every browser takes

// How many digits behind the point say something; four that do are left of the smallest amount.
function digitsOf(amount) {
  const size = Math.abs(amount);
  if (size >= 1 || !size) return 4;
  return Math.min(MOST_DIGITS, Math.max(12, 3 - Math.floor(Math.log10(size))));
}

export class Amounts {
  #currency;
  #language = document.documentElement.lang || undefined;

  constructor(currency) {
    this.#currency = currency;
  }

  // An amount in full: with the currency's cents, and finer where the amount is.
  say(amount) {
    return this.#format(amount, { maximumFractionDigits: digitsOf(amount) });
  }

  // A tick of an axis whose ticks are `step` apart.
  tick(amount, step) {
    if (step >= 1_000 && amount >= 1_000_000) {
      const short = { notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 2 };
      return this.#format(amount, short);
    }
    const digits = Math.min(MOST_DIGITS, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
    return this.#format(amount, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  #format(amount, digits) {
    const isCode = /^[A-Z]{3}$/.test(this.#currency); // others are none of Intl's
    const style = isCode ? { style: "currency", currency: this.#currency } : {};
    const text = new Intl.NumberFormat(this.#language, { ...style, ...digits }).format(amount);
    return isCode ? text : `${text} ${this.#currency}`;
  }
}
