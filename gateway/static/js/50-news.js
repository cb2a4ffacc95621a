// Pushes: this browser is asked only after a tap, and what it says travels with the page's own form.
"use strict";

(() => {
  const form = document.querySelector("[data-push]");
  if (!form) return;
  const button = form.querySelector("button");
  const said = form.querySelector("[role=status]");
  const say = (what) => { said.textContent = form.dataset[what]; };
  if (!window.isSecureContext || !navigator.serviceWorker || !window.PushManager || !window.Notification) {
    button.disabled = true;
    return say("cannot");
  }
  if (Notification.permission === "denied") say("denied");

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const subscribe = async () => {
    const { pushManager } = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) };
    try {
      return await pushManager.subscribe(options);
    } catch (error) {
      const old = await pushManager.getSubscription(); // of a key that this installation no longer has
      if (!old) throw error;
      await old.unsubscribe();
      return pushManager.subscribe(options);
    }
  };
  button.addEventListener("click", async () => {
    button.setAttribute("aria-busy", "true");
    say("busy");
    try {
      if (await Notification.requestPermission() !== "granted") {
        button.removeAttribute("aria-busy");
        return say("denied");
      }
      const { endpoint, keys } = (await subscribe()).toJSON();
      Object.entries({ endpoint, ...keys }).forEach(([name, value]) => {
        if (form.elements[name]) form.elements[name].value = value;
      });
      form.submit();
    } catch {
      button.removeAttribute("aria-busy");
      say("failed");
    }
  });
})();
