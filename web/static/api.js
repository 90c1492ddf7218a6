// Requests to /api/v1, and what it refuses.

export class Refused extends Error {
  constructor(status, sentence, errors = []) {
    super(sentence);
    this.status = status;
    this.errors = errors; // [{field, detail}], where fields are to be changed
  }
}

// The answer's value and ETag; a Refused where it is not what was asked for.
export async function ask(method, path, { body, headers = {}, signal } = {}) {
  const json = body === undefined ? {} : { "Content-Type": "application/json" };
  const options = { method, headers: { ...json, ...headers }, signal };
  if (body !== undefined) options.body = JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "The worker cannot be reached.");
  }
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get("Content-Type") ?? "");
  const value = text && isJson ? JSON.parse(text) : null;
  if (answer.ok) return { value, etag: answer.headers.get("ETag") };
  throw new Refused(answer.status, value?.detail ?? answer.statusText, value?.errors ?? []);
}

// What nobody would see, or what turns the text around it, written out, as the server does it.
const HIDDEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export function readable(text) {
  return String(text).replace(HIDDEN, (each) => `\\u{${each.codePointAt(0).toString(16)}}`);
}

export function element(name, text, className = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = readable(text);
  return made;
}

export function moment(at) {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

// As fine as the server writes it: an amount that is something is never shown as nothing.
function digitsOf(amount) {
  const size = Math.abs(amount);
  if (size >= 1 || !size) return 4;
  return Math.min(20, Math.max(12, 3 - Math.floor(Math.log10(size))));
}

export function money(amount, currency) {
  if (amount === null || amount === undefined) return "no price";
  const maximumFractionDigits = digitsOf(Number(amount));
  const isCode = /^[A-Z]{3}$/.test(currency); // others are none of Intl's
  const style = { style: "currency", currency, currencyDisplay: "narrowSymbol" };
  const format = { ...(isCode ? style : { minimumFractionDigits: 2 }), maximumFractionDigits };
  const text = new Intl.NumberFormat("en", format).format(Number(amount));
  return isCode ? text : `${text} ${currency}`;
}
