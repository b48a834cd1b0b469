// What was typed last and has not been sent yet goes along when the page is left, by a link or otherwise.
(() => {
  const form = document.getElementById("form");
  const saved = document.getElementById("saved");
  let unsent = false;
  const send = () => {
    if (!unsent) return;
    unsent = !navigator.sendBeacon(saved.getAttribute("hx-post"), new URLSearchParams(new FormData(form)));
  };
  form.addEventListener("input", () => { unsent = true; });
  form.addEventListener("submit", () => { unsent = false; });
  saved.addEventListener("htmx:beforeRequest", () => { unsent = false; });
  document.addEventListener("click", (pressed) => { if (pressed.target.closest?.("a[href]")) send(); });
  addEventListener("pagehide", send);
})();
