// The editor: what was checked and then changed is marked, and cannot be saved before it is checked again.

import { say } from "./words.js";

export function start() {
  document.addEventListener("input", (event) => {
    const text = event.target.closest?.("[data-edited]");
    const checked = document.querySelector("[data-checked]");
    if (!text || !checked) return;
    const saved = checked.querySelector("[data-save] [name=text]");
    const stale = !saved || saved.value.trim() !== text.value.trim();
    checked.toggleAttribute("data-stale", stale);
    for (const button of checked.querySelectorAll("[data-save] button")) button.disabled = stale;
    let note = checked.querySelector("[data-stale-note]");
    if (stale && !note) {
      note = Object.assign(document.createElement("p"), { className: "doubt-line", textContent: say("unchecked") });
      note.dataset.staleNote = "";
      note.setAttribute("role", "status");
      checked.prepend(note);
    } else if (!stale) note?.remove();
  });
}
