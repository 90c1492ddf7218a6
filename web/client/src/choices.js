// What the viewer chose: kept in the address's fragment, so that a link shows the same.

export const RANGES = {
  hour: ["1 h", "1 hour"],
  day: ["24 h", "24 hours"],
  week: ["7 d", "7 days"],
  month: ["30 d", "30 days"],
  all: ["All", "All time"],
};

export const LINES = { event: "Event", source: "Sources", section: "Sections" };

const DEFAULTS = { range: "day", by: "event", isLog: false };
const MARK = "prices=";

export const hasChoices = () => location.hash.startsWith(`#${MARK}`);

// `#prices=week.source.log`; what is not known is as by default.
export function readChoices() {
  const words = hasChoices() ? location.hash.slice(MARK.length + 1).split(".") : [];
  return {
    range: words.find((word) => Object.hasOwn(RANGES, word)) ?? DEFAULTS.range,
    by: words.find((word) => Object.hasOwn(LINES, word)) ?? DEFAULTS.by,
    isLog: words.includes("log"),
  };
}

export function writeChoices({ range, by, isLog }) {
  const words = [
    range === DEFAULTS.range ? "" : range,
    by === DEFAULTS.by ? "" : by,
    isLog ? "log" : "",
  ].filter(Boolean);
  const fragment = words.length ? `#${MARK}${words.join(".")}` : "";
  history.replaceState(history.state, "", location.pathname + location.search + fragment);
}
