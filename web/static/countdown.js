// Counts down how long something is still open, from what the page said when it came.
const began = Date.now();
setInterval(() => {
  for (const tag of document.querySelectorAll("[data-minutes]")) {
    const left = Math.max(0, tag.dataset.minutes - Math.floor((Date.now() - began) / 60000));
    const [unit, length] = left >= 2880 ? ["days", 1440] : left >= 120 ? ["hours", 60] : ["minutesLeft", 1];
    const words = tag.dataset[unit].replace("#", Math.floor(left / length));
    if (tag.textContent !== words) tag.textContent = words;
  }
}, 10000);
