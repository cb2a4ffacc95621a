// A queue of cards by keys: j and k go from card to card (10-keys.js), and what a card offers is
// pressed by its own letter: data-act="a" on a button, a box or a fold of the card one stands on.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = document.activeElement;
  if (at?.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return;
  const card = at?.closest("[data-card]");
  const act = card && [...card.querySelectorAll("[data-act]")].find((e) => e.dataset.act === event.key);
  if (!act) return;
  event.preventDefault();
  act.click();
  if (act.matches("summary")) act.parentElement.querySelector("input, textarea")?.focus();
});
