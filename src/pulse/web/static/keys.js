// Single keys for those who like them. They rest while somebody types, and can be switched off (WCAG 2.1.4).

const PLACES = { o: "/", s: "/app/stories", p: "/app/posts", f: "/app/sources", c: "/app/channels", n: "/app/niches", b: "/app/budget" };
const STORED = "pulse.keys";
let leader = 0;

function isOn() {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
}

function isTyping(target) {
  // Right after a dialog closed, what had the focus in it still has it.
  if (target.closest?.("dialog:not([open])")) return false;
  return target.closest?.("input, textarea, select, [contenteditable], dialog");
}

function items() {
  return [...document.querySelectorAll("main [data-item]")].filter((item) => item.offsetParent !== null);
}

function move(step) {
  const all = items();
  if (!all.length) return;
  const here = all.findIndex((item) => item.contains(document.activeElement));
  const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + step, 0), all.length - 1)];
  const goal = next.querySelector("h1 a, h2 a, h3 a, a") || next;
  if (goal === next) next.tabIndex = -1;
  goal.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function approve() {
  const all = items();
  const item = all.find((one) => one.contains(document.activeElement)) || (all.length === 1 ? all[0] : null);
  item?.querySelector("[data-approve]")?.click();
}

function press(event, dialog) {
  const leading = Date.now() - leader < 1500;
  leader = 0;
  if (leading && PLACES[event.key]) location.assign(PLACES[event.key]);
  else if (event.key === "g") leader = Date.now();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "a") approve();
  else if (event.key === "?") dialog.showModal();
  else return;
  event.preventDefault();
}

export function start() {
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const toggle = dialog.querySelector("[data-keys-switch]");
  toggle.checked = isOn();
  toggle.addEventListener("change", () => {
    try {
      localStorage.setItem(STORED, toggle.checked ? "on" : "off");
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  });
  for (const opener of document.querySelectorAll("[data-open-keys]")) opener.addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!toggle.checked || isTyping(event.target)) return;
    press(event, dialog);
  });
}
