// A list whose rows have keys of their own: what data-row-key says is pressed in the row one stands on.
// A fold that opens so is written into at once.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = document.activeElement;
  if (!at || at.matches("input, textarea, select")) return;
  const own = at.closest("section, article, li, tr");
  const found = own && [...own.querySelectorAll("[data-row-key]")].find((e) => e.dataset.rowKey === event.key);
  if (!found) return;
  event.preventDefault();
  found.click();
  if (found.matches("summary")) found.parentElement.querySelector("textarea, select")?.focus();
});
