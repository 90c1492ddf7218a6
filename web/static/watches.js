// The page of one watch: saved, snoozed and deleted in the version that was read, channels tried,
// alerts acknowledged. All of it goes by /api/v1; the server renders, here pieces are put in place.

import { ask, moment, readable, Refused } from "./api.js";
import {
  asTyped, begin, clearProblems, current, isTouched, load, set, showProblems, touchesNothing,
} from "./watch_form.js";
import { beginTrials, dropTrial, trySoon } from "./watch_trial.js";

const page = document.querySelector("[data-watch]");
const form = document.querySelector("[data-form]");
const dialog = document.querySelector("dialog");
const watchId = page.dataset.watch;
const address = (id) => `watches/${encodeURIComponent(id)}`;

let etag = page.dataset.etag; // the version that the page is about

function say(where, sentence, isBad = false) {
  const word = document.querySelector(`[data-${where}]`);
  word.textContent = readable(sentence);
  word.classList.toggle("bad", isBad);
}

// One thing at a time: a second click would meet the version that the first has made.
let isBusy = false;

async function alone(doing) {
  if (isBusy) return;
  isBusy = true;
  try {
    await doing();
  } finally {
    isBusy = false;
  }
}

// Does something that the API may refuse, and says it there where it was asked for.
function trying(where, doing) {
  return alone(async () => {
    try {
      await doing();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      say(where, error.message, true);
      if (error.status === 412) offerNewest(where);
    }
  });
}

function offerNewest(where, sentence = "nothing was done") {
  const link = document.createElement("a");
  link.href = location.pathname;
  link.textContent = "Read it as it is now";
  say(where, `Somebody changed this watch meanwhile; ${sentence}. `, true);
  document.querySelector(`[data-${where}]`).append(link);
}

const versionOf = (tag) => Number(tag.replaceAll("\"", ""));
let offered = 0; // the newest version of which was said that it is there

// What was changed elsewhere comes into the form, unless somebody has changed something here: that
// stays, and it is said that there is another version.
function follow() {
  const { version, definition } = document.querySelector("[data-kept]").dataset;
  if (isBusy || Number(version) <= Math.max(versionOf(etag), offered)) return;
  if (isTouched()) {
    offered = Number(version);
    offerNewest("said", "what you have typed stays here");
    return;
  }
  etag = `"${version}"`;
  load(definition);
  say("said", `Changed elsewhere: this is version ${version}.`);
  trySoon();
}

async function save() {
  dropTrial();
  clearProblems();
  const id = watchId || String(current().id ?? "");
  if (!/^[A-Za-z0-9]/.test(id)) {
    refuse([{ field: "id", detail: "must begin with a letter or a digit" }]);
    return;
  }
  const headers = watchId ? { "If-Match": etag } : { "If-None-Match": "*" };
  const sent = asTyped();
  say("said", "Saving…");
  try {
    const answer = await ask("PUT", address(id), { body: current(), headers });
    if (!watchId) {
      location.assign(`/${address(id)}#saved`);
      return;
    }
    etag = answer.etag;
    touchesNothing(sent);
    say("said", savedAs(answer.value.watch.version));
    await freshen();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.errors.length) refuse(error.errors);
    else if (error.status === 412 && !watchId) {
      refuse([{ field: "id", detail: "another watch has it already" }]);
    } else if (error.status === 412) offerNewest("said");
    else say("said", `Not saved: ${error.message}`, true);
  }
}

const savedAs = (version) =>
  `Saved as version ${version}. Running workers follow within two seconds.`;

function refuse(problems) {
  const count = problems.length === 1 ? "One field is" : `${problems.length} fields are`;
  say("said", `Not saved. ${count} to be changed.`, true);
  showProblems(problems, { focus: true });
}

// The pieces that are only read, as the server renders them now.
async function freshen() {
  const answer = await fetch(location.pathname);
  if (!answer.ok) return; // what is shown stays; the next load says what is the matter
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const piece of document.querySelectorAll("[data-fresh]")) {
    const fresh = parsed.querySelector(`[data-fresh="${piece.dataset.fresh}"]`);
    piece.replaceChildren(...fresh.childNodes);
  }
  showButtons();
}

function showButtons() {
  for (const each of document.querySelectorAll("[data-acknowledge], [data-actions]")) {
    each.hidden = false;
  }
}

async function snooze(until) {
  const headers = { "If-Match": etag };
  const answer = await ask("POST", `${address(watchId)}/snooze`, { body: { until }, headers });
  etag = answer.etag;
  set("to.snoozed_until", until ?? undefined);
  say("acted", until ? `Snoozed until ${moment(until)}.` : "It is not snoozed.");
  await freshen();
}

async function remove() {
  dialog.close();
  await ask("DELETE", address(watchId), { headers: { "If-Match": etag } });
  location.assign("/watches");
}

async function test(button) {
  const name = button.dataset.test;
  button.disabled = true;
  say("tested", `Sending one message to ${name}…`);
  try {
    await ask("POST", `channels/${encodeURIComponent(name)}/test`);
    say("tested", `${name} took the message.`);
  } finally {
    button.disabled = false;
    button.focus();
  }
}

async function acknowledge(episode) {
  await ask("POST", `episodes/${encodeURIComponent(episode)}/acknowledge`);
  await freshen();
  const alerts = document.querySelector("[data-fresh=episodes]");
  alerts.tabIndex = -1; // the button that had the focus is gone
  alerts.focus();
  say("acted", "Acknowledged: nothing more is said of it.");
}

const hoursFromNow = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString();

page.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  const { dataset } = button;
  if ("snooze" in dataset) {
    const hours = Number(document.querySelector("#snooze-for").value);
    trying("acted", () => snooze(hoursFromNow(hours)));
  } else if ("wake" in dataset) trying("acted", () => snooze(null));
  else if ("delete" in dataset) dialog.showModal();
  else if ("keep" in dataset) dialog.close();
  else if ("deleteIndeed" in dataset) trying("acted", remove);
  else if (dataset.test) trying("tested", () => test(button));
  else if (dataset.acknowledge) trying("acted", () => acknowledge(dataset.acknowledge));
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  alone(save);
});

begin(() => trySoon());
beginTrials(watchId);
showButtons();

// Until somebody has typed an id, it is the name in letters that an id takes.
let isIdTyped = Boolean(watchId);
form.addEventListener("input", ({ target }) => {
  if (target.dataset.field === "id") isIdTyped = true;
  if (target.dataset.field !== "name" || isIdTyped) return;
  const id = target.value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  set("id", id.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, ""));
});

if (watchId) {
  window.addEventListener("conscope:news", () => {
    showButtons();
    follow();
  });
}

if (location.hash === "#saved") {
  say("said", savedAs(etag.replaceAll("\"", "")));
  history.replaceState(null, "", location.pathname);
}
