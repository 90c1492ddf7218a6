// htmx, held to what the pages' Content-Security-Policy allows.

import htmx from "htmx.org/dist/htmx.esm.js";

Object.assign(htmx.config, {
  includeIndicatorStyles: false, // a style element is not allowed
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  // Pages show what is true now: none is kept in the browser, going back asks for it.
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
});

window.htmx = htmx;
