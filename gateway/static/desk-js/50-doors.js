// At a door without a net: what was found waits on the phone, under the key of its form, and is sent
// when there is one. It is a draft: another person's is forgotten, and logging out forgets it.
"use strict";

(() => {
  const KEY = "draft:ticks";
  const who = document.body.dataset.who || "";
  const waiting = () => JSON.parse(localStorage.getItem(KEY) || "{}").ticks || [];
  const keep = (ticks) => {
    if (!ticks.length) return localStorage.removeItem(KEY);
    const [title] = document.title.split(" · ");
    const path = location.pathname + location.search;
    localStorage.setItem(KEY, JSON.stringify({ who, at: Date.now(), path, title, ticks }));
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-tick]") || navigator.onLine) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const fields = Object.fromEntries(new FormData(form, event.submitter));
    if (fields.state === "help" && !fields.need) return form.elements.need.focus();
    delete fields.csrf;
    keep([...waiting(), { action: new URL(form.action).pathname, fields: { ...fields, at: new Date().toISOString() } }]);
    const said = document.createElement("p");
    said.setAttribute("role", "status");
    said.textContent = form.dataset.tick;
    form.closest(".door").classList.add("waiting");
    form.replaceWith(said);
  }, true);

  let sending = false;
  const send = async () => {
    const csrf = document.querySelector("[data-csrf]")?.dataset.csrf;
    if (sending || !csrf || !waiting().length) return;
    sending = true;
    try {
      while (waiting().length) {
        const [first] = waiting();
        const answer = await fetch(first.action, { method: "POST", body: new URLSearchParams({ ...first.fields, csrf }) });
        if (answer.status >= 500 || answer.redirected && answer.url.includes("/login")) break;
        keep(waiting().slice(1)); // what was refused (it is over, it was said before) is not sent for ever
      }
      if (!waiting().length) location.reload();
    } catch {
      // still no net
    } finally {
      sending = false;
    }
  };
  addEventListener("online", send);
  if (navigator.onLine) send();
})();
