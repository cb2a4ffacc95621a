// A desk without a mouse: j and k go through what can be opened, / to the search field. A page says
// more with data-key on a button or link: that key presses it. Nothing happens while one writes.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = document.activeElement;
  if (at?.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) {
    if (event.key === "Escape") at.blur();
    return;
  }
  const own = [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === event.key && e.offsetParent);
  const search = document.querySelector("input[type=search]");
  if (own) own.matches("a, button") ? own.click() : own.focus();
  else if (event.key === "/" && search) search.focus();
  else if (event.key === "j" || event.key === "k") {
    const rows = [...document.querySelectorAll("[data-keys] a[href], [data-keys] [data-row]")].filter((e) => e.offsetParent);
    if (!rows.length) return;
    const here = rows.indexOf(at.closest?.("[data-row]") ?? at);
    const next = event.key === "j" ? Math.min(rows.length - 1, here + 1) : Math.max(0, here - 1);
    rows[next].focus();
    rows[next].scrollIntoView({ block: "nearest" });
  } else return;
  event.preventDefault();
});
