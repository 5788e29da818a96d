// Moments come in UTC; here they are shown on the viewer's own clock, in the viewer's manner.

import { say } from "./words.js";

const STYLES = {
  full: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  day: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

const language = document.documentElement.lang;
// The words are the page's language, the order of day and month and the clock are the viewer's.
const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) || language;
const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

function words(moment, style) {
  const seconds = (moment - Date.now()) / 1000;
  if (style !== "relative") return new Intl.DateTimeFormat(locale, STYLES[style] || STYLES.full).format(moment);
  if (Math.abs(seconds) > 6 * 86400) return new Intl.DateTimeFormat(locale, STYLES.full).format(moment);
  if (Math.abs(seconds) < 45) return say(seconds > 0 ? "soon" : "justNow");
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size * 0.75);
  return relative.format(Math.round(seconds / size), unit);
}

function show(element) {
  const moment = new Date(element.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  element.textContent = words(moment, element.dataset.style);
  element.title = exact.format(moment);
}

function localInput(date) {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60000);
  return shifted.toISOString().slice(0, 16);
}

export function times(root) {
  for (const element of root.querySelectorAll("time[datetime]")) show(element);
  for (const field of root.querySelectorAll("[data-zone-field]")) field.value = ZONE;
  for (const name of root.querySelectorAll("[data-zone-name]")) name.textContent = ZONE.replaceAll("_", " ");
  for (const input of root.querySelectorAll("[data-local-time]")) {
    if (input.value) continue;
    const next = new Date(Math.ceil((Date.now() + 30 * 60000) / 3600000) * 3600000);
    input.min = localInput(new Date());
    input.value = localInput(next);
  }
}

export function clock(moment) {
  return words(moment, "clock");
}

export function start(root) {
  times(root);
  setInterval(() => {
    for (const element of document.querySelectorAll('time[data-style="relative"]')) show(element);
  }, 30000);
}
