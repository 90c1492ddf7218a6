// What the lines are called, what they stand at, and which of them are drawn.

import { element } from "../../static/api.js";

export class Legend {
  #entries = new Map(); // key -> { item, box, value }

  constructor(list, toggle) {
    this.list = list;
    this.toggle = toggle;
  }

  // Entries that stay are left alone: one of them may have the focus.
  arrange(prices, hidden) {
    const wanted = prices.entries.map((each) => {
      const id = JSON.stringify(each);
      const entry = this.#entries.get(id) ?? this.#entry(each);
      entry.box.checked = !hidden.has(each.key);
      return [id, entry];
    });
    this.#entries = new Map(wanted);
    const items = wanted.map(([, { item }]) => item);
    const { children } = this.list;
    const stays = (item, i) => children[i] === item;
    const isAlike = items.length === children.length && items.every(stays);
    if (!isAlike) this.list.replaceChildren(...items);
  }

  clear() {
    this.#entries.clear();
    this.list.replaceChildren();
  }

  // `say(key)` is what stands beside the name.
  show(say) {
    for (const { key, value } of this.#entries.values()) {
      const text = say(key);
      if (value.textContent !== text) value.textContent = text;
    }
  }

  #entry({ key, label, swatch, stroke }) {
    const item = document.createElement("li");
    const holder = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.addEventListener("change", () => this.toggle(key, box.checked));
    const mark = element("span", undefined, "chart-swatch");
    mark.dataset.swatch = swatch;
    if (stroke) mark.dataset.stroke = stroke;
    const name = element("span", label, "chart-name");
    name.title = label;
    const value = element("b");
    holder.append(box, mark, name, value);
    item.append(holder);
    return { item, box, value, key };
  }
}
