// The pages as an app: the worker for when there is no net, and what was being written then.
"use strict";

(() => {
  if (navigator.serviceWorker && window.isSecureContext) navigator.serviceWorker.register("/sw.js").catch(() => {});

  const list = document.querySelector("[data-drafts]");
  if (!list) return;
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("draft:")) continue;
    const { path, title } = JSON.parse(localStorage.getItem(key));
    if (!path) continue;
    const row = document.createElement("li");
    const link = document.createElement("a");
    link.href = path;
    link.textContent = title;
    row.append(link);
    list.append(row);
  }
  list.closest("section").hidden = !list.children.length;
  document.querySelector("[data-again]")?.addEventListener("click", () => location.reload());
  addEventListener("online", () => location.reload());
})();
