// The four live figures: a message a second over a WebSocket; when it breaks, again and again, less and less often.

import { clock } from "./times.js";
import { say } from "./words.js";

const KEPT = 120;
const LONGEST_WAIT = 30000;
const SESSION_ENDED = new Set([4401, 4403]);
const SHOWN = {
  articles_per_minute: (value) => number(value, 1),
  active_jobs: (value) => number(value, 0),
  success_rate: (value) => percent(value < 1 ? Math.min(0.99, value) : 1),
  engagement_score: (value) => number(value, 1),
};

const language = document.documentElement.lang;

function percent(share) {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(share);
}

function number(value, digits) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits, minimumFractionDigits: value < 100 ? digits : 0 }).format(value);
}

class Figure {
  constructor(element) {
    this.value = element.querySelector("[data-value]");
    this.place = element.querySelector("[data-chart]");
    this.format = SHOWN[element.dataset.figure];
    this.none = element.dataset.none;
    this.title = element.querySelector("dt").textContent;
    // From nought, so that a small change looks small.
    this.most = element.dataset.figure === "success_rate" ? 1.05 : null;
    this.at = [];
    this.values = [];
    this.chart = null;
  }

  add(at, value) {
    this.value.textContent = value === null || value === undefined ? "–" : this.format(value);
    this.at.push(at);
    this.values.push(value ?? null);
    if (this.at.length > KEPT) {
      this.at.shift();
      this.values.shift();
    }
    this.draw();
  }

  draw() {
    if (this.values.every((value) => value === null)) {
      this.place.textContent = this.none;
      return;
    }
    if (!window.uPlot || this.at.length < 2) return;
    if (this.chart) {
      this.chart.setData([this.at, this.values]);
      return;
    }
    const style = getComputedStyle(document.documentElement);
    this.place.textContent = "";
    const probe = Object.assign(document.createElement("span"), { className: "chart-ink" });
    this.place.append(probe);
    const ink = getComputedStyle(probe).color || style.color;
    probe.remove();
    const fill = ink.startsWith("rgb(") ? ink.replace("rgb(", "rgba(").replace(")", ", 0.12)") : "transparent";
    this.chart = new window.uPlot(
      {
        width: Math.max(this.place.clientWidth, 40),
        height: this.place.clientHeight || 40,
        cursor: { show: false },
        legend: { show: false },
        axes: [{ show: false }, { show: false }],
        padding: [4, 2, 2, 2],
        scales: { x: { time: false }, y: { range: (_chart, _low, high) => [0, this.most ?? Math.max(high * 1.15, 1)] } },
        series: [{}, { stroke: ink, fill, width: 1.5, points: { show: false } }],
      },
      [this.at, this.values],
      this.place,
    );
    this.place.setAttribute("role", "img");
    this.place.setAttribute("aria-label", say("chart", { title: this.title }));
  }

  redraw() {
    this.chart?.destroy();
    this.chart = null;
    this.draw();
  }
}

export function start() {
  const section = document.querySelector("[data-live]");
  if (!section) return;
  const figures = new Map([...section.querySelectorAll("[data-figure]")].map((one) => [one.dataset.figure, new Figure(one)]));
  const dot = section.querySelector("[data-live-dot]");
  const state = section.querySelector("[data-live-state]");
  const at = section.querySelector("[data-live-at]");
  let attempts = 0;
  let socket = null;

  function tell(kind, words) {
    dot.dataset.state = kind;
    if (state.textContent !== words) state.textContent = words;
  }

  function receive(text) {
    const message = JSON.parse(text);
    if (typeof message.articles_per_minute === "undefined") return;
    const moment = new Date(message.at);
    for (const [name, figure] of figures) figure.add(moment.getTime() / 1000, message[name]);
    at.textContent = clock(moment);
    const known = [...figures.keys()].some((name) => message[name] !== null);
    tell("live", say(known ? "live" : "noFigures"));
  }

  function connect() {
    socket = new WebSocket(new URL(section.dataset.live, location.href.replace(/^http/, "ws")));
    tell("connecting", say(attempts ? "again" : "connecting"));
    socket.addEventListener("message", (event) => {
      attempts = 0;
      try {
        receive(event.data);
      } catch {
        tell("live", say("unread"));
      }
    });
    socket.addEventListener("close", (event) => {
      if (SESSION_ENDED.has(event.code)) {
        tell("ended", say("ended"));
        return;
      }
      // Full jitter: when Pulse comes back, its viewers do not all knock at once.
      const longest = Math.min(LONGEST_WAIT, 1000 * 2 ** attempts);
      const wait = longest / 2 + (Math.random() * longest) / 2;
      attempts += 1;
      tell("waiting", attempts > 1 ? say("retrying", { seconds: Math.ceil(wait / 1000) }) : say("lost"));
      setTimeout(connect, wait);
    });
  }

  document.addEventListener("pulse:theme", () => figures.forEach((figure) => figure.redraw()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => figures.forEach((figure) => figure.redraw()));
  addEventListener("resize", () => figures.forEach((figure) => figure.redraw()));
  addEventListener("pagehide", () => socket?.close(1000));
  connect();
}
