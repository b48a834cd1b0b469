// Moves between the rows of a list by keys while one of their links has the focus; without it Tab does.
document.addEventListener("keydown", (pressed) => {
  const rows = pressed.target.closest?.("[data-rows]");
  if (!rows || pressed.ctrlKey || pressed.altKey || pressed.metaKey) return;
  const links = [...rows.querySelectorAll("th a")];
  const at = links.indexOf(pressed.target);
  const to = { j: at + 1, ArrowDown: at + 1, k: at - 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[pressed.key];
  if (at < 0 || to === undefined) return;
  pressed.preventDefault();
  links[Math.max(0, Math.min(links.length - 1, to))].focus();
});
