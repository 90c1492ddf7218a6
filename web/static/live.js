// Keeps a page up to date: by server-sent events, and by asking for the page where those fail.
// The server renders; this only puts the pieces in place, so that nothing is formatted twice.
//
// <body data-live="overview"> names the page; one with parameters gives the stream's address:
// data-live="/live?page=event&event_id=…". Each piece is marked with data-panel. In a piece
//   data-key       an entry of a list that keeps its element while others come and go;
//   data-live-keep an element that a script has filled: it stays as it is;
//   time[data-local] is left alone while its datetime is the same (times.js puts it into the zone of
//                  the reader); with a new one it gets the server's text, and times.js hears of it.
// When pieces were placed, the window gets the event "conscope:news" with detail.as_of.

const asked = document.body.dataset.live;
const address = asked.startsWith("/live?") ? asked : `/live?page=${encodeURIComponent(asked)}`;
const state = document.querySelector("[data-live-state]");
const word = document.querySelector("[data-live-word]");
const clock = document.querySelector("[data-live-clock]");

const STALE_MS = 12_000; // the server speaks at least each 5 s
const SILENT_MS = 17_000; // then the connection is taken for dead, and a new one made
const POLL_MS = 5_000;
const RETRY_STREAM_MS = 30_000;
const FAILURES_UNTIL_POLLING = 3;

let stream = null;
let reach = "still"; // or "live", "polled", "reconnecting", "away", "gone"
let asOf = clock?.dateTime;
let currentAt = Date.now(); // when what is shown was as of now, by the clock of this machine
let heardAt = currentAt;
let failures = 0; // of the stream, since it last said something
let [ticking, polling, retrying] = [null, null, null];

const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });

function ago(ms) {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 120) return `${s} s ago`;
  return s < 7_200 ? `${Math.round(s / 60)} min ago` : `${Math.round(s / 3_600)} h ago`;
}

const WORDS = {
  live: ["live", "Live"],
  polled: ["polled", "Every 5 s, as of"],
  reconnecting: ["lost", "Reconnecting, as of"],
};

const LOST = {
  away: ["lost", "Worker away, last update"],
  gone: ["lost", "No longer there, last update"], // deleted, or forgotten
};

function draw() {
  if (!state || reach === "still") return;
  const age = Date.now() - currentAt;
  const old = reach in LOST || age > STALE_MS;
  const [newState, newWord] = LOST[reach] ?? (old ? ["stale", "Last update"] : WORDS[reach]);
  if (state.dataset.liveState !== newState) state.dataset.liveState = newState;
  // Only the word is announced, and only when it changes; the seconds that count on are not.
  if (word.textContent !== newWord) word.textContent = newWord;
  const text = old ? ago(age) : timeOfDay.format(new Date(asOf));
  if (clock.textContent !== text) clock.textContent = text;
  if (clock.dateTime !== asOf) {
    clock.dateTime = asOf;
    clock.title = `${asOf.slice(0, 19).replace("T", " ")} UTC`;
  }
}

function isAsOf(moment, age_s = 0) {
  asOf = moment;
  currentAt = Date.now() - age_s * 1_000;
}

// Makes `old` like `next` with as few changes as possible, so that focus, selection and scroll stay.
function morph(old, next) {
  if (old.nodeType !== next.nodeType || old.nodeName !== next.nodeName) {
    old.replaceWith(next);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue;
    return;
  }
  if (old.hasAttribute("data-live-keep") && next.hasAttribute("data-live-keep")) return;
  const isLocal = old.matches("time[data-local]") && next.matches("time[data-local]");
  if (isLocal && old.dateTime === next.dateTime) return;
  morphAttributes(old, next);
  morphChildren(old, next);
}

function morphAttributes(old, next) {
  const isTheReaders = (name) => name === "open" && old.nodeName === "DETAILS";
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name) && !isTheReaders(name)) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value && !isTheReaders(name)) old.setAttribute(name, value);
  }
}

const keyOf = (node) => node.dataset?.key;

function morphChildren(old, next) {
  const wanted = new Set([...next.children].map(keyOf));
  const keyed = new Map([...old.children].filter(keyOf).map((node) => [keyOf(node), node]));
  for (const [key, node] of keyed) if (!wanted.has(key)) node.remove();
  let at = old.firstChild;
  for (const node of [...next.childNodes]) {
    const kept = keyed.get(keyOf(node));
    if (kept && wanted.delete(keyOf(node))) {
      if (kept === at) at = at.nextSibling;
      else old.insertBefore(kept, at);
      morph(kept, node);
    } else if (at && !keyOf(at) && !keyOf(node)) {
      const place = at;
      at = at.nextSibling;
      morph(place, node);
    } else {
      old.insertBefore(node, at);
    }
  }
  while (at) {
    const left = at;
    at = at.nextSibling;
    left.remove();
  }
}

function place(name, body) {
  const panel = document.querySelector(`[data-panel="${CSS.escape(name)}"]`);
  if (panel) morphChildren(panel, body);
}

function placed() {
  window.dispatchEvent(new CustomEvent("conscope:news", { detail: { as_of: asOf } }));
}

function listen() {
  clearTimeout(retrying);
  stream?.close();
  heardAt = Date.now();
  stream = new EventSource(address);
  stream.addEventListener("panels", (event) => {
    const news = JSON.parse(event.data);
    for (const [name, html] of Object.entries(news.panels)) {
      place(name, new DOMParser().parseFromString(html, "text/html").body);
    }
    isAsOf(news.as_of);
    heard();
    placed();
  });
  stream.addEventListener("ping", (event) => {
    const { as_of, age_s } = JSON.parse(event.data);
    if (as_of) isAsOf(as_of, age_s);
    heard();
  });
  stream.addEventListener("error", () => {
    failures += 1;
    const givenUp = stream.readyState === EventSource.CLOSED;
    if (givenUp || polling || failures >= FAILURES_UNTIL_POLLING) startPolling();
    else reach = "reconnecting";
    draw();
  });
}

function heard() {
  heardAt = Date.now();
  failures = 0;
  stopPolling();
  reach = "live";
  draw();
}

// A connection can die without a word: a laptop that slept, a proxy that forgot.
function tick() {
  if (!polling && Date.now() - heardAt > SILENT_MS) {
    reach = "reconnecting";
    listen();
  }
  draw();
}

function startPolling() {
  stream.close();
  clearTimeout(retrying);
  retrying = setTimeout(listen, spread(RETRY_STREAM_MS));
  if (!polling) poll();
}

function stopPolling() {
  clearTimeout(polling);
  polling = null;
}

// Many pages lose a worker in the same moment; they must not all come back in one.
const spread = (ms) => ms * (0.8 + 0.4 * Math.random());

async function poll() {
  clearTimeout(polling);
  const mine = (polling = setTimeout(poll, spread(POLL_MS)));
  const wasAway = reach in LOST;
  const found = await look();
  if (polling !== mine) return; // the stream has spoken meanwhile, or the page is hidden
  reach = found;
  draw();
  if (wasAway && reach === "polled") listen(); // it is back: no need to wait for the next try
}

async function look() {
  let answer, text;
  try {
    answer = await fetch(location.href, { signal: AbortSignal.timeout(POLL_MS * 0.7) });
    text = await answer.text();
  } catch {
    return "away"; // the next poll may fare better
  }
  // A gateway's word for a worker that is gone. Any other refusal is the worker's own, and what is
  // shown grows old.
  if (answer.status === 404) return "gone";
  if (!answer.ok) return [502, 504].includes(answer.status) ? "away" : "polled";
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const panel of fresh.querySelectorAll("[data-panel]")) place(panel.dataset.panel, panel);
  isAsOf(fresh.querySelector("[data-live-clock]")?.dateTime ?? new Date().toISOString());
  placed();
  return "polled";
}

// A browser opens six connections to a host: six streams of hidden tabs would leave none to the
// seventh, not even for its page.
function watch() {
  if (!ticking) ticking = setInterval(tick, 1_000);
  listen();
}

function rest() {
  clearInterval(ticking);
  clearTimeout(retrying);
  stopPolling();
  ticking = null;
  stream?.close();
}

document.addEventListener("visibilitychange", () => (document.hidden ? rest() : watch()));
if (!document.hidden) watch();
