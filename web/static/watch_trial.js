// What a watch would have told, tried while somebody types; and why it told what it did.

import { ask, element, moment, money, Refused } from "./api.js";
import { clearProblems, current, showProblems } from "./watch_form.js";

const said = document.querySelector("[data-trial]");
const list = document.querySelector("[data-trial-messages]");
const days = document.querySelector("#trial-days");

const PAUSE_MS = 500; // in typing
const AGAIN_MS = 1_000; // the worker tries one at a time, and finishes what nobody waits for
const MESSAGES_SHOWN = 50;
const TRACES_SHOWN = 50;
const MOST_TRACES = 10_000; // the most that the API gives

let waiting = null;
let asked = new AbortController();

// Try the watch as it is now, when nobody has typed for a moment; an earlier try is given up.
export function trySoon(afterMs = PAUSE_MS) {
  dropTrial();
  waiting = setTimeout(tryNow, afterMs);
}

export function dropTrial() {
  clearTimeout(waiting);
  asked.abort();
}

async function tryNow() {
  asked = new AbortController();
  const { signal } = asked;
  const body = { watch: current(), days: Number(days.value), limit: MESSAGES_SHOWN };
  said.textContent = "Trying…";
  try {
    const { value } = await ask("POST", "watches/dry-run", { body, signal });
    clearProblems();
    said.textContent = inWords(value);
    list.replaceChildren(...value.messages.map(aMessage));
  } catch (error) {
    if (error.name === "AbortError" || signal.aborted) return; // a newer one is under way
    if (!(error instanceof Refused)) throw error;
    notTried(error);
  }
}

function notTried(refused) {
  if (refused.status === 503 && /one goes at a time/.test(refused.message)) {
    said.textContent = "Another dry run is under way; this one comes next.";
    trySoon(AGAIN_MS);
    return;
  }
  list.replaceChildren();
  const problems = refused.errors.map(({ field, detail }) => ({
    field: field.replace(/^watch\.?/, ""),
    detail,
  }));
  said.textContent = problems.length ? "Not tried: see the fields." : `Not tried: ${refused.message}`;
  showProblems(problems);
}

const counted = (count, one, many = `${one}s`) =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

function inWords(found) {
  const edits = found.message_count - found.new_messages;
  const told = `It would have sent ${counted(found.new_messages, "message")}`;
  const those = found.new_messages === 1 ? "it" : "them";
  const more = edits ? ` and ${counted(edits, "change")} of ${those}` : "";
  const of = `of ${counted(found.alerts, "alert")} and ${counted(found.prices, "price")}`;
  const until = found.is_complete ? "" : ` Time ran out: only until ${moment(found.until)}.`;
  const left = found.message_count - found.messages.length;
  const first = left ? ` The first ${found.messages.length} are shown.` : "";
  return `${told}${more}, ${of} since ${moment(found.since)}.${until}${first}`;
}

const KINDS = { raise: "new", edit: "changed", over: "over", digest: "collected" };

function aMessage({ at, channel, held, announcement }) {
  const item = element("li");
  const kind = KINDS[announcement.kind] ?? announcement.kind;
  item.append(element("small", `${moment(at)} · ${channel} · ${kind}${held ? ` · ${held}` : ""}`));
  for (const line of announcement.lines) {
    const told = element("p");
    const where = [line.labels.section, line.labels.row && `row ${line.labels.row}`];
    const name = element("b", line.facts.name ?? line.subject);
    const price = money(line.price, line.currency);
    const rest = [where.filter(Boolean).join(", "), line.over ? `over, last ${price}` : price];
    told.append(name, element("span", ` ${rest.filter(Boolean).join(" · ")}`));
    item.append(told, element("small", line.reason));
  }
  return item;
}

// The newest decisions of a watch that is kept, each in its sentence.
async function showWhy(watchId) {
  const word = document.querySelector("[data-why-said]");
  const traces = document.querySelector("[data-why-traces]");
  const hours = Number(document.querySelector("#why-hours").value);
  const since = new Date(Date.now() - hours * 3_600_000).toISOString();
  word.textContent = "Going through the prices…";
  traces.replaceChildren();
  try {
    const path = `watches/${encodeURIComponent(watchId)}/why?limit=${MOST_TRACES}&from=${since}`;
    const { run } = (await ask("GET", path)).value;
    traces.replaceChildren(...run.traces.slice(-TRACES_SHOWN).reverse().map(aTrace));
    word.textContent = whyInWords(run);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    word.textContent = `No answer: ${error.message}`;
  }
}

function whyInWords(run) {
  if (!run.trace_count) return "It saw nothing in that time.";
  const shown = run.traces.length > TRACES_SHOWN ? `, the newest ${TRACES_SHOWN} shown` : "";
  const cut = run.trace_count > run.traces.length ? ". Newer ones are left out: ask for less" : "";
  const until = run.is_complete ? "" : `. Time ran out: only until ${moment(run.until)}`;
  return `${counted(run.trace_count, "decision")}${shown}${cut}${until}.`;
}

function aTrace({ at, subject, item, sentence }) {
  const made = element("li");
  made.append(element("small", `${moment(at)} · ${item || subject}`), element("p", sentence));
  return made;
}

export function beginTrials(watchId) {
  document.querySelector("[data-side]").hidden = false;
  days.addEventListener("change", () => trySoon(0));
  document.querySelector("[data-why]")?.addEventListener("click", () => showWhy(watchId));
  if (watchId) trySoon(0);
}
