// When to ask anew: after news of the page, not too often, and not for a page that nobody sees.

const LEAST_MS = 5_000;

export function onNews(act) {
  let askedAt = -Infinity;
  let waiting = null;

  function go() {
    waiting = null;
    if (document.hidden) return; // visibilitychange goes on
    isDue = false;
    askedAt = performance.now();
    act();
  }

  let isDue = false;

  function soon() {
    isDue = true;
    if (waiting !== null || document.hidden) return;
    waiting = setTimeout(go, Math.max(0, askedAt + LEAST_MS - performance.now()));
  }

  addEventListener("conscope:news", soon);
  document.addEventListener("visibilitychange", () => {
    if (isDue && !document.hidden) soon();
  });
}
