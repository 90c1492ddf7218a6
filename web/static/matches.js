// Says by /api/v1 that two events are one, or are not. What the server rendered is asked for anew
// afterwards, so that nothing is formatted twice.

import { ask, readable, Refused } from "./api.js";

const matches = document.querySelector("[data-matches]");
const word = document.querySelector("[data-said]");
const by = document.querySelector("[data-by]");
const DONE = { merge: "They are one event now.", apart: "They are two events now." };

function say(sentence, isBad = false) {
  word.textContent = readable(sentence);
  word.classList.toggle("bad", isBad);
}

function show() {
  for (const each of matches.querySelectorAll("[data-actions]")) each.hidden = false;
  document.querySelector("[data-by-field]").hidden = !matches.querySelector("[data-actions]");
}

async function freshen() {
  const answer = await fetch(location.href);
  if (!answer.ok) return; // what is shown stays; the next load says what is the matter
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  matches.replaceChildren(...parsed.querySelector("[data-matches]").childNodes);
  show();
}

matches.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-say]");
  if (!button) return;
  const { one, other } = button.closest("li").dataset;
  const name = by.value.trim();
  button.disabled = true;
  try {
    const body = name ? { one, other, by: name } : { one, other };
    await ask("POST", `event-matches/${button.dataset.say}`, { body });
    await freshen();
    say(DONE[button.dataset.say]);
    (matches.querySelector("[data-say]") ?? matches.querySelector(".tabs a")).focus();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    button.disabled = false;
    say(error.message, true);
  }
});

show();
