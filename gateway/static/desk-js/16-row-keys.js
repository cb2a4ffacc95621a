// A list whose rows have keys of their own: what data-row-key says (a button, a link, a box, a fold) is
// pressed in the row that one stands in. A fold that opens so is written into at once.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = document.activeElement;
  if (at?.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return;
  const found = [...document.querySelectorAll("[data-row-key]")].find(
    (e) => e.dataset.rowKey === event.key && e.closest("section, article, li, tr").contains(at));
  if (!found) return;
  event.preventDefault();
  found.click();
  if (found.matches("summary")) found.parentElement.querySelector("input:not([type=hidden]), textarea, select")?.focus();
});
