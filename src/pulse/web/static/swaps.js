// Around htmx: what comes in gets the viewer's clock, the focus is not lost, and a silent server is named.

import { say as words } from "./words.js";

const REFRESH = 20000;

function say(text) {
  const notice = document.createElement("p");
  notice.className = "notice tone-bad";
  notice.setAttribute("role", "alert");
  notice.textContent = text;
  document.getElementById("notices")?.replaceChildren(notice);
}

export function start(onFresh) {
  let hadFocus = false;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    hadFocus = event.detail.target.contains(document.activeElement) || document.activeElement === document.body;
  });
  document.body.addEventListener("htmx:load", (event) => {
    const fresh = event.detail.elt;
    onFresh(fresh.matches?.("time") ? fresh.parentElement : fresh);
    if (!hadFocus || document.activeElement !== document.body || fresh.closest("#notices, [data-refresh]")) return;
    const goal = fresh.matches("[data-focus], main") ? fresh : fresh.querySelector("[data-focus], h2 a, h3 a");
    goal?.focus({ preventScroll: true });
    hadFocus = false;
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(failure, () => say(words("silent")));
  }
  // The overview's lists refresh themselves, unless somebody is in them.
  setInterval(() => {
    for (const part of document.querySelectorAll("[data-refresh]")) {
      if (!document.hidden && !part.contains(document.activeElement)) part.dispatchEvent(new CustomEvent("refresh"));
    }
  }, REFRESH);
}
