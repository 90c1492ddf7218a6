// What the viewer chose: kept in the address's fragment, so that a link shows the same.

export const RANGES = {
  hour: ["1 h", "1 hour"],
  day: ["24 h", "24 hours"],
  week: ["7 d", "7 days"],
  month: ["30 d", "30 days"],
  all: ["All", "All time"],
};

// A part of the fragment: `#prices=week.source.log`, beside those of other charts of the page.
export class Choices {
  #mark;
  #lines;
  #defaults;

  // `lines` are by what they may be drawn; `defaults` has a range and one of them.
  constructor({ mark, lines, defaults }) {
    this.#mark = `${mark}=`;
    this.#lines = lines;
    this.#defaults = { ...defaults, isLog: false };
  }

  get isInAddress() {
    return this.#part() !== undefined;
  }

  // What is not known is as by default.
  read() {
    const words = this.#part()?.slice(this.#mark.length).split(".") ?? [];
    return {
      range: words.find((word) => Object.hasOwn(RANGES, word)) ?? this.#defaults.range,
      by: words.find((word) => Object.hasOwn(this.#lines, word)) ?? this.#defaults.by,
      currency: words.find((word) => /^[A-Z]{3,8}$/.test(word)),
      isLog: words.includes("log"),
    };
  }

  write({ range, by, currency, isLog }) {
    const words = [
      range === this.#defaults.range ? "" : range,
      by === this.#defaults.by ? "" : by,
      currency,
      isLog ? "log" : "",
    ].filter(Boolean);
    const others = parts().filter((each) => each.includes("=") && !this.#isOurs(each));
    const ours = words.length ? [this.#mark + words.join(".")] : [];
    const fragment = [...others, ...ours].join("&");
    const address = location.pathname + location.search + (fragment && `#${fragment}`);
    history.replaceState(history.state, "", address);
  }

  #part() {
    return parts().find((each) => this.#isOurs(each));
  }

  #isOurs(part) {
    return part.startsWith(this.#mark);
  }
}

const parts = () => location.hash.slice(1).split("&");
