// Sends dead letters back, by /api/v1, after the reader has picked them and said yes. What the
// server rendered is asked for anew afterwards, so that nothing is formatted twice.

import { ask, element, readable, Refused } from "./api.js";

const letters = document.querySelector("[data-letters]");
const dialog = document.querySelector("dialog");
const again = dialog.querySelector("[data-again]");

const picks = () => [...letters.querySelectorAll("[data-pick]")];
const picked = () => picks().filter((each) => each.checked).map((each) => each.dataset.pick);
const counted = (count) => (count === 1 ? "1 letter" : `${count} letters`);

function say(sentence, isBad = false) {
  const word = letters.querySelector("[data-said]");
  word.textContent = readable(sentence);
  word.classList.toggle("bad", isBad);
}

function show() {
  const bar = letters.querySelector("[data-picking]");
  if (!bar) return; // there is no letter
  for (const each of letters.querySelectorAll("[data-picking], [data-pick-of]")) each.hidden = false;
  const count = picked().length;
  letters.querySelector("[data-replay]").disabled = count === 0;
  const all = letters.querySelector("[data-pick-all]");
  all.checked = count > 0 && count === picks().length;
  all.indeterminate = count > 0 && count < picks().length;
}

async function freshen() {
  const answer = await fetch(location.href);
  if (!answer.ok) return; // what is shown stays; the next load says what is the matter
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  letters.replaceChildren(...parsed.querySelector("[data-letters]").childNodes);
  show();
}

function report({ sent, left }) {
  say(`${counted(sent.length)} sent back${left.length ? `, ${left.length} not:` : "."}`, left.length);
  if (!left.length) return;
  const list = element("ul", undefined, "left");
  for (const { id, why } of left) list.append(element("li", `${id}: ${why}`));
  letters.querySelector("[data-picking]").after(list);
}

async function sendBack(ids) {
  const button = letters.querySelector("[data-replay]");
  button.disabled = true;
  say(`Sending back ${counted(ids.length)}…`);
  try {
    const body = { ids, again: again.checked };
    const { value } = await ask("POST", "dead-letters/replay", { body });
    await freshen();
    report(value);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(`Not sent back: ${error.message}`, true);
  } finally {
    show();
    letters.querySelector("[data-pick-all]").focus();
  }
}

letters.addEventListener("change", ({ target }) => {
  if ("pickAll" in target.dataset) for (const each of picks()) each.checked = target.checked;
  show();
});

letters.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-replay]")) return;
  dialog.querySelector("[data-count]").textContent = counted(picked().length);
  dialog.returnValue = "";
  again.checked = false;
  dialog.showModal();
});

dialog.addEventListener("close", () => {
  if (dialog.returnValue === "send") sendBack(picked());
  else letters.querySelector("[data-replay]").focus();
});

show();
