// Light, dark, or as the system has it: changed at once, remembered in the cookie that the server reads.

export function start() {
  for (const form of document.querySelectorAll("[data-theme-form]")) {
    form.addEventListener("submit", (event) => {
      const chosen = event.submitter?.value;
      if (!chosen) return;
      event.preventDefault();
      document.documentElement.dataset.theme = chosen;
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `pulse_theme=${encodeURIComponent(chosen)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
      for (const button of document.querySelectorAll("[data-theme-form] button")) {
        button.setAttribute("aria-pressed", String(button.value === chosen));
      }
      document.dispatchEvent(new CustomEvent("pulse:theme"));
    });
  }
}
