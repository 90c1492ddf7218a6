// Keeps a page up to date: by server-sent events, and by asking for the page where those fail.
// The server renders; this only puts the pieces in place, so that nothing is formatted twice.

const page = document.body.dataset.live;
const state = document.querySelector("[data-live-state]");
const word = document.querySelector("[data-live-word]");
const clock = document.querySelector("[data-live-clock]");

const SILENT_MS = 40_000; // the server speaks at least each 15 s
const POLL_MS = 5_000;
const RETRY_STREAM_MS = 30_000;
const FAILURES_UNTIL_POLLING = 3;

let stream = null;
let heardAt = Date.now();
let polling = null;
let failures = 0; // of the stream, since it last said something

function show(newState, newWord) {
  if (state.dataset.liveState === newState) return;
  state.dataset.liveState = newState;
  word.textContent = newWord;
}

function showMoment(asOf) {
  clock.dateTime = asOf;
  clock.textContent = new Date(asOf).toISOString().slice(11, 19);
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
  for (const { name } of [...old.attributes]) {
    if (!next.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  morphChildren(old, next);
}

function morphChildren(old, next) {
  const news = [...next.childNodes];
  const olds = [...old.childNodes];
  news.forEach((node, at) => (at < olds.length ? morph(olds[at], node) : old.append(node)));
  olds.slice(news.length).forEach((node) => node.remove());
}

function place(name, html) {
  const panel = document.querySelector(`[data-panel="${CSS.escape(name)}"]`);
  if (!panel) return;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  morphChildren(panel, parsed.body);
}

function listen() {
  heardAt = Date.now();
  stream = new EventSource(`/live?page=${encodeURIComponent(page)}`);
  stream.addEventListener("panels", (event) => {
    const news = JSON.parse(event.data);
    Object.entries(news.panels).forEach(([name, html]) => place(name, html));
    showMoment(news.as_of);
    heard();
  });
  stream.addEventListener("ping", heard);
  stream.addEventListener("error", () => {
    failures += 1;
    const givenUp = stream.readyState === EventSource.CLOSED;
    if (givenUp || polling || failures >= FAILURES_UNTIL_POLLING) startPolling();
    else show("lost", "Reconnecting, as of");
  });
}

function heard() {
  heardAt = Date.now();
  failures = 0;
  stopPolling();
  show("live", "Live");
}

function startPolling() {
  stream.close();
  setTimeout(listen, RETRY_STREAM_MS);
  if (polling) return;
  poll();
  polling = setInterval(poll, POLL_MS);
}

function stopPolling() {
  clearInterval(polling);
  polling = null;
}

async function poll() {
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(POLL_MS) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const panel of fresh.querySelectorAll("[data-panel]")) {
      morphChildren(document.querySelector(`[data-panel="${panel.dataset.panel}"]`), panel);
    }
    showMoment(fresh.querySelector("[data-live-clock]").dateTime);
    show("polled", "Every 5 s, as of");
  } catch {
    show("lost", "Not reachable, as of"); // the next poll may fare better
  }
}

// A connection can die without a word: a laptop that slept, a proxy that forgot.
setInterval(() => {
  if (Date.now() - heardAt > SILENT_MS && !polling) {
    show("lost", "Reconnecting, as of");
    stream.close();
    listen();
  }
}, 5_000);

listen();
