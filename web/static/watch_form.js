// The form of a watch. Its definition is the truth, and stands in the text; each control is one
// field of it, by the path that the API names it with. What no control shows stays as it is.

const form = document.querySelector("[data-form]");
const text = document.querySelector("#definition");
const controls = [...form.querySelectorAll("[data-field]")];
const parts = [...form.querySelectorAll("[data-part]")];
const channels = [...form.querySelectorAll("[data-channel]")];

let definition = {};
let told = () => {}; // whom to tell of each change
let untouched = ""; // the text while nobody has changed anything

const isPart = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const within = (path, whole) => path.startsWith(`${whole}.`);

const READERS = {
  text: (control) => control.value,
  choices: (control) => [...control.selectedOptions].map((option) => option.value),
  lines: (control) => control.value.split("\n").map((line) => line.trim()).filter(Boolean),
  // An amount goes as it was typed, which loses no digit; what is no number the server refuses.
  amount: (control) => control.value.trim(),
  number: ({ value }) => (/^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value.trim()),
  flag: (control) => control.checked,
  time: (control) => control.value,
  moment: ({ value }) => value && `${value}Z`,
};

// What a control says; undefined where that is what the field is anyway, when it is left out.
function read(control) {
  const value = READERS[control.dataset.kind](control);
  const isDefault = String(value) === control.dataset.default;
  return isDefault || value === "" || value.length === 0 ? undefined : value;
}

function show(control, value) {
  if (control.dataset.kind === "flag") control.checked = String(value) === "true";
  else if (control.dataset.kind === "moment") control.value = momentAsTyped(value);
  else if (control.dataset.kind === "choices") {
    for (const option of control.options) option.selected = [value].flat().includes(option.value);
  } else if (Array.isArray(value)) control.value = value.join("\n");
  else control.value = String(value);
}

function momentAsTyped(value) {
  const at = new Date(value);
  return Number.isNaN(at.valueOf()) ? "" : at.toISOString().slice(0, 19);
}

const at = (path) =>
  path.split(".").reduce((part, name) => (isPart(part) ? part[name] : undefined), definition);

function put(path, value) {
  const names = path.split(".");
  const last = names.pop();
  let part = definition;
  for (const name of names) part = part[name] = isPart(part[name]) ? part[name] : {};
  if (value === undefined) delete part[last];
  else part[last] = value;
}

function fill() {
  for (const control of controls) {
    const { field, absent } = control.dataset;
    const whole = control.closest("[data-whole]")?.dataset.whole;
    const left = whole && within(field, whole) && !at(whole) ? absent : control.dataset.default;
    show(control, at(field) ?? left);
  }
  for (const part of parts) part.checked = isPart(at(part.dataset.part));
  const chosen = at("to.channels") ?? ["default"];
  for (const channel of channels) channel.checked = chosen.includes?.(channel.value) ?? false;
  enable();
}

function enable() {
  for (const part of parts) {
    form.querySelector(`[data-of="${part.dataset.part}"]`).disabled = !part.checked;
  }
  for (const control of controls.filter((each) => each.dataset.unless)) {
    control.disabled = form.querySelector(`[data-field="${control.dataset.unless}"]`).checked;
  }
}

// A part that stands or falls as a whole: what one of its fields is depends on the part being there.
function putWhole(whole) {
  put(whole, isPart(at(whole)) ? at(whole) : {});
  for (const control of controls.filter(({ dataset }) => within(dataset.field, whole))) {
    put(control.dataset.field, control.matches(":disabled") ? undefined : read(control));
  }
}

function changed({ target }) {
  const { field, part } = target.dataset;
  enable();
  const whole = target.closest("[data-whole]")?.dataset.whole;
  if (part && target.checked) putWhole(part);
  else if (part) put(part, undefined);
  else if ("channel" in target.dataset) put("to.channels", chosenChannels());
  else if (field && whole && within(field, whole)) putWhole(whole);
  else if (field) put(field, read(target));
  else return;
  put("what", at("what") ?? {});
  write();
  told();
}

function chosenChannels() {
  const known = channels.map((each) => each.value);
  const others = [at("to.channels") ?? []].flat().filter((each) => !known.includes(each));
  return [...channels.filter((each) => each.checked).map((each) => each.value), ...others];
}

function write() {
  text.value = JSON.stringify(definition, null, 2);
}

function textChanged() {
  let given;
  try {
    given = JSON.parse(text.value);
    if (!isPart(given)) throw new SyntaxError("A definition is a set of fields: {…}");
  } catch (error) {
    setReadable(false);
    problem("definition", error.message);
    return;
  }
  definition = given;
  setReadable(true);
  clearProblems();
  fill();
  told();
}

// While the text cannot be read, a control would write over it.
function setReadable(isReadable) {
  for (const each of form.querySelectorAll("[data-all]")) each.disabled = !isReadable;
  form.querySelector("[type=submit]").disabled = !isReadable;
}

export function clearProblems() {
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  for (const each of form.querySelectorAll(".amiss")) each.textContent = "";
}

// Beside their fields, or beside what they are a part of; all else beside the text.
export function showProblems(problems, { focus = false } = {}) {
  clearProblems();
  const places = problems.map(({ field, detail }) => {
    for (let path = field.replace(/\[.*/, ""); path; path = path.replace(/\.?[^.]*$/, "")) {
      const id = path.replaceAll(".", "-");
      if (document.getElementById(`${id}-amiss`)) {
        return problem(id, path === field ? detail : `${field}: ${detail}`);
      }
    }
    return problem("definition", field ? `${field}: ${detail}` : detail);
  });
  if (focus && places.length) reveal(places.sort(byPlace)[0]);
}

function problem(id, sentence) {
  const note = document.getElementById(`${id}-amiss`);
  note.textContent = [note.textContent, sentence].filter(Boolean).join("; ");
  const control = document.getElementById(id);
  control?.setAttribute("aria-invalid", "true");
  return control && !control.matches(":disabled") ? control : note;
}

function byPlace(one, other) {
  return one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}

function reveal(place) {
  const folded = place.closest("details");
  if (folded) folded.open = true;
  if (!place.matches("input, select, textarea")) place.tabIndex = -1;
  place.focus();
}

// A watch as it is now; what has no id has none yet.
export function current() {
  const { id, ...rest } = definition;
  return id ? { id, ...rest } : rest;
}

// A field that something else than the form has changed.
export function set(path, value) {
  const was = isTouched();
  put(path, value);
  write();
  if (!was) touchesNothing();
  setReadable(true);
  fill();
}

// Whether somebody has changed what was read or kept, or is about to.
export function isTouched() {
  const held = document.activeElement;
  const isTyped = form.contains(held) && held.matches("input, select, textarea");
  return isTyped || text.value !== untouched;
}

export const asTyped = () => text.value;

// What stands there, or stood there, is what is kept.
export function touchesNothing(kept = text.value) {
  untouched = kept;
}

// Shows a definition that came from elsewhere.
export function load(given) {
  text.value = given;
  definition = JSON.parse(given);
  touchesNothing();
  setReadable(true);
  clearProblems();
  fill();
}

export function begin(whenChanged) {
  definition = JSON.parse(text.value);
  touchesNothing();
  told = whenChanged;
  fill();
  form.hidden = false;
  form.addEventListener("input", (event) => (event.target === text ? textChanged() : changed(event)));
}
