// Colours and letters of the canvas, from the page's CSS variables.

const NAMES = ["ground", "line", "soft", "lowest", "median", "band", "drop", "happening", "cursor"];
const SLOTS = 8;

export function readTheme(element) {
  const style = getComputedStyle(element);
  const value = (name) => style.getPropertyValue(`--chart-${name}`).trim();
  return {
    ...Object.fromEntries(NAMES.map((name) => [name, value(name)])),
    slots: [...Array(SLOTS).keys()].map((slot) => value(slot + 1)),
    font: `12px ${style.fontFamily}`,
  };
}

export function onThemeChange(changed) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
