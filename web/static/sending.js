// Says that a form is on its way once that takes a while, and sends it once however often its button is pressed.
(() => {
  const told = document.getElementById("sending");
  const over = (form) => {
    form.removeAttribute("aria-busy");
    told.textContent = "";
  };
  document.addEventListener("submit", (sent) => {
    const form = sent.target;
    if (form.hasAttribute("aria-busy")) return sent.preventDefault();
    // Only now is it known whether another script sends the form in its own way.
    setTimeout(() => {
      if (sent.defaultPrevented || form.getAttribute("method") !== "post") return;
      form.setAttribute("aria-busy", "true");
      told.textContent = told.dataset.words;
      // An answer that is a file leaves the page as it is.
      setTimeout(over, 30000, form);
    });
  });
  // Who comes back by the browser's own button finds the page as it was left.
  addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(over));
})();
