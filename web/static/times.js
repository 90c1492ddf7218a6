// Shows times in the viewer's zone and way of writing them. `<time data-local datetime="…">` says
// what of it is wanted: clock (the time of day), moment (day and time), day. UTC stays on hover.
//
// What is shown follows from the element's own attributes alone. Who puts the server's HTML in
// place calls `localiseTimes` on it before it is compared with the page: then nothing differs that
// did not change, and nothing flips. What comes otherwise is put right before it is painted.
"use strict";

{
  const FORMATS = {
    clock: { timeStyle: "medium" },
    moment: { dateStyle: "medium", timeStyle: "long" }, // long: with the zone
    day: { dateStyle: "medium" },
  };
  const WATCHED = {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ["datetime", "data-local", "title"],
  };
  const formats = new Map();

  function format(kind, timeZone) {
    const key = `${kind} ${timeZone}`;
    if (!formats.has(key)) {
      formats.set(key, new Intl.DateTimeFormat(undefined, { ...FORMATS[kind], timeZone }));
    }
    return formats.get(key);
  }

  function localise(time) {
    const kind = time.dataset.local;
    const at = new Date(time.dateTime);
    if (!Object.hasOwn(FORMATS, kind) || Number.isNaN(at.getTime())) return;
    const isDay = /^\d{4}-\d\d-\d\d$/.test(time.dateTime); // a day is the same day everywhere
    const text = format(isDay ? "day" : kind, isDay ? "UTC" : undefined).format(at);
    if (time.textContent !== text) time.textContent = text;
    if (isDay || time.title) return;
    time.title = `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  }

  // All times in there, which may be the whole page or HTML that is not in it yet.
  globalThis.localiseTimes = (root) => {
    if (root.matches?.("time[data-local]")) localise(root);
    root.querySelectorAll("time[data-local]").forEach(localise);
  };

  function timesAbout(record) {
    const changed = [record.target, ...record.addedNodes];
    return changed.map((node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement));
  }

  const observer = new MutationObserver((records) => {
    for (const element of new Set(records.flatMap(timesAbout))) {
      if (!element) continue; // it is out of the page again
      const around = element.closest("time[data-local]");
      if (around) localise(around);
      else localiseTimes(element);
    }
    observer.takeRecords(); // of our own changes
  });

  localiseTimes(document);
  observer.observe(document.documentElement, WATCHED);
}
