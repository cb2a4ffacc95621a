// The queue by keys: x ticks the row that one stands on.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = document.activeElement;
  if (at?.matches("input:not([type=checkbox]), textarea, select")) return;
  const box = at?.closest("tr, li")?.querySelector("input[type=checkbox]");
  if (!box) return;
  box.checked = !box.checked;
  event.preventDefault();
});
