// What the paper desk keeps on a device goes with its mark among the drafts: another person, a week,
// or logging out takes it away. What was not sent is asked about first.
"use strict";

(() => {
  const MARK = "draft:paper-desk", KEPT = "paper-desk";
  if (!localStorage.getItem(KEPT)) return;
  if (!localStorage.getItem(MARK) && !document.querySelector("[data-drafts]")) {
    indexedDB.deleteDatabase("shequ-paper");
    localStorage.removeItem(KEPT);
  }
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") !== "/logout") return;
    const { waits, warn } = JSON.parse(localStorage.getItem(MARK) || "{}");
    if (!waits || confirm(warn)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
})();
