// The pages of alerts: kept up to date while they are looked at, acknowledged, snoozed, silenced.
// All that changes something goes by /api/v1; the server renders, here pieces are put in place.

import { ask, moment, Refused } from "./api.js";

const EVERY_MS = 10_000;
const AT_MOST_EVERY_MS = 5_000; // however much news there is

const state = document.querySelector("[data-live-state]");
const word = document.querySelector("[data-fresh-word]");
const clock = document.querySelector("[data-fresh-clock]");

// What the server said last of each piece: what scripts make of it (times in the reader's zone) is
// no reason to put it in place again.
const said = new WeakMap();

function show(newState, newWord) {
  if (state.dataset.liveState !== newState) state.dataset.liveState = newState;
  if (word.textContent !== newWord) word.textContent = newWord;
}

// Nothing is taken from under a person's hands, unless it is that person's doing.
const isHeld = (element, isOurs) => !isOurs && element.contains(document.activeElement);

function placePiece(piece, fresh, isOurs) {
  const html = fresh.innerHTML;
  if (said.get(piece) === html || isHeld(piece, isOurs)) return;
  said.set(piece, html);
  piece.replaceChildren(...fresh.childNodes);
}

// Entries that stay keep their elements; only new ones are put between them.
function placeList(list, fresh, isOurs) {
  const wanted = new Set([...fresh.children].map((each) => each.dataset.key));
  for (const old of [...list.children]) {
    if (!wanted.has(old.dataset.key) && !isHeld(old, isOurs)) old.remove();
  }
  const kept = new Map([...list.children].map((each) => [each.dataset.key, each]));
  let place = list.firstElementChild;
  for (const next of [...fresh.children]) {
    const old = kept.get(next.dataset.key);
    if (old) placePiece(old, next, isOurs);
    else said.set(next, next.innerHTML);
    if (old && old === place) place = place.nextElementSibling;
    else list.insertBefore(old ?? next, place);
  }
}

let askedAt = 0;

// Asks for the page anew; the filter and whatever was typed are no pieces of it.
async function freshen({ isOurs = false } = {}) {
  askedAt = Date.now();
  let answer;
  try {
    answer = await fetch(location.href, { signal: AbortSignal.timeout(EVERY_MS) });
  } catch {
    show("lost", "Not reachable, as of"); // what is shown stays; it is asked again
    return;
  }
  if (!answer.ok) {
    show("lost", "Not answered, as of");
    return;
  }
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const piece of document.querySelectorAll("[data-fresh]")) {
    const fresh = parsed.querySelector(`[data-fresh="${piece.dataset.fresh}"]`);
    if (fresh) placePiece(piece, fresh, isOurs);
  }
  const list = document.querySelector("[data-list]");
  const fresh = parsed.querySelector("[data-list]");
  if (list && fresh) placeList(list, fresh, isOurs);
  const asOf = parsed.querySelector("[data-fresh-clock]");
  clock.dateTime = asOf.dateTime;
  clock.textContent = asOf.textContent;
  show("polled", "Every 10 s, as of");
  showControls();
}

function showControls() {
  const controls = "[data-acknowledge], [data-actions], [data-end], [data-silence]";
  for (const each of document.querySelectorAll(controls)) each.hidden = false;
}

function say(sentence, isBad = false) {
  const acted = document.querySelector("[data-acted]");
  acted.textContent = sentence;
  acted.classList.toggle("bad", isBad);
}

// The button that had the focus is gone.
function focusOn(element) {
  if (!element.matches("a")) element.tabIndex = -1;
  element.focus();
}

// One thing at a time; what the API refuses is said.
let isBusy = false;

async function trying(doing) {
  if (isBusy) return;
  isBusy = true;
  try {
    await doing();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(error.message, true);
  } finally {
    isBusy = false;
  }
}

async function acknowledge(button) {
  const entry = button.closest("[data-key]");
  await ask("POST", `episodes/${encodeURIComponent(button.dataset.acknowledge)}/acknowledge`);
  await freshen({ isOurs: true });
  if (!entry) button.disabled = true;
  else focusOn(entry.isConnected ? entry.querySelector(".do a") : document.querySelector("main"));
  say("Acknowledged: nothing more is said of it.");
}

async function snooze(watch, until) {
  await ask("POST", `watches/${encodeURIComponent(watch)}/snooze`, { body: { until } });
  await freshen({ isOurs: true });
  say(until ? `Its watch is snoozed until ${moment(until)}.` : "Its watch is not snoozed.");
}

async function end(silence) {
  await ask("DELETE", `silences/${encodeURIComponent(silence)}`);
  await freshen({ isOurs: true });
  focusOn(document.querySelector("[data-fresh=silences]"));
  say("Ended: what it held back is told, if it is still so.");
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  const watch = button.closest("[data-watch]")?.dataset.watch;
  if (button.dataset.acknowledge) trying(() => acknowledge(button));
  else if (button.dataset.end) trying(() => end(button.dataset.end));
  else if ("wake" in button.dataset) trying(() => snooze(watch, null));
  else if ("snooze" in button.dataset) {
    const hours = Number(document.querySelector("#snooze-for").value);
    trying(() => snooze(watch, new Date(Date.now() + hours * 3_600_000).toISOString()));
  }
});

const form = document.querySelector("[data-silence]");
const field = (name) => form.querySelector(`[data-field="${name}"]`);
const listed = (name) => [field(name).value].filter(Boolean);

function showProblems(problems) {
  for (const each of form.querySelectorAll("[data-field]")) {
    const amiss = problems.filter((problem) => problem.field.startsWith(each.dataset.field));
    document.querySelector(`#${each.id}-amiss`).textContent =
      amiss.map((problem) => problem.detail).join("; ");
    each.toggleAttribute("aria-invalid", amiss.length > 0);
    if (amiss.length) each.setAttribute("aria-invalid", "true");
  }
  form.querySelector("[aria-invalid]")?.focus();
}

async function silence() {
  const until = field("ends_at").value ? new Date(field("ends_at").value) : null;
  showProblems([]);
  if (until && until <= new Date()) {
    showProblems([{ field: "ends_at", detail: "must be in the future" }]);
    return;
  }
  const section = listed("labels.section");
  const body = {
    ends_at: until?.toISOString(),
    subjects: listed("subjects"),
    watches: listed("watches"),
    labels: section.length ? { section } : {},
  };
  const parts = crypto.getRandomValues(new Uint32Array(2));
  const id = `silence-${[...parts].map((each) => each.toString(36)).join("")}`;
  try {
    await ask("PUT", `silences/${id}`, { body });
  } catch (error) {
    if (!(error instanceof Refused) || !error.errors.length) throw error;
    showProblems(error.errors);
    say("Not silenced: see the fields.", true);
    return;
  }
  for (const name of ["subjects", "watches", "labels.section"]) field(name).value = "";
  await freshen({ isOurs: true });
  say(`Silenced until ${moment(until)}.`);
}

if (form) {
  const inADay = new Date(Date.now() + 86_400_000);
  const local = inADay.getTime() - inADay.getTimezoneOffset() * 60_000;
  field("ends_at").value = new Date(local).toISOString().slice(0, 16);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    trying(silence);
  });
}

// What nobody has asked for makes the address no longer.
document.querySelector("form[role=search]")?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
});

const pieces = document.querySelectorAll("[data-fresh], [data-list] > [data-key]");
for (const each of pieces) said.set(each, each.innerHTML);
showControls();
setInterval(() => document.hidden || freshen(), EVERY_MS);
document.addEventListener("visibilitychange", () => document.hidden || freshen());
window.addEventListener("conscope:news", () => {
  if (Date.now() - askedAt >= AT_MOST_EVERY_MS) freshen();
});
