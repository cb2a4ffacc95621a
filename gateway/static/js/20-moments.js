// The exact time of a moment, on tap: a phone shows no titles.
"use strict";

document.addEventListener("click", (event) => {
  const time = event.target.closest("time[title]");
  if (!time || event.target.closest("a, button, summary")) return;
  const said = time.nextElementSibling;
  if (said?.matches(".moment-said")) return said.remove();
  const exact = document.createElement("span");
  exact.className = "moment-said";
  exact.textContent = ` ${time.title}`;
  time.after(exact);
});
