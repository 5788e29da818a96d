// A story's page: whoever points at a sentence sees what it rests on, and the other way round.

function numbersOf(element) {
  return (element.dataset.sentence || element.dataset.receipt || element.dataset.citedBy || "").split(" ").filter(Boolean);
}

function light(page, numbers) {
  for (const element of page.querySelectorAll("[data-sentence], [data-receipt], [data-cited-by]")) {
    element.classList.toggle("active", numbersOf(element).some((number) => numbers.includes(number)));
  }
}

export function start() {
  const page = document.querySelector("[data-receipts]");
  if (!page) return;
  const of = (event) => event.target.closest?.("[data-sentence], [data-receipt], [data-cited-by]");
  let pinned = [];

  // Not pointerover: scrolling to a source moves other sentences under a pointer that rests.
  let last = "";
  page.addEventListener("pointermove", (event) => {
    const place = `${event.screenX} ${event.screenY}`;
    if (place === last) return;
    last = place;
    const element = of(event);
    light(page, element ? numbersOf(element) : pinned);
  });
  page.addEventListener("pointerleave", () => light(page, pinned));
  page.addEventListener("focusin", (event) => {
    const sentence = event.target.closest?.("[data-sentence]");
    if (sentence) light(page, numbersOf(sentence));
  });
  page.addEventListener("focusout", () => light(page, pinned));
  page.addEventListener("pointerdown", (event) => {
    last = `${event.screenX} ${event.screenY}`;
  });
  page.addEventListener("click", (event) => {
    const sentence = event.target.closest?.("[data-sentence]");
    const back = event.target.closest?.(".back");
    if (sentence) {
      pinned = numbersOf(sentence);
      light(page, pinned);
      const goal = document.getElementById(`receipt-${pinned[0]}`);
      const place = goal || document.getElementById(`note-${pinned[0]}`);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      place?.closest("details")?.setAttribute("open", "");
      place?.scrollIntoView({ block: goal ? "center" : "nearest", behavior: still ? "auto" : "smooth" });
      event.preventDefault();
    } else if (back) {
      event.preventDefault();
      const target = document.querySelector(back.getAttribute("href"));
      target?.focus();
      target?.scrollIntoView({ block: "center" });
    }
  });
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    pinned = [];
    light(page, pinned);
  });
}
