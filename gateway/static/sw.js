// Keeps what a phone without a net needs to say so, and tells of news while no page is open.
// VERSION and KEPT are written before this (gateway.web.pages.app).
"use strict";

const DESK = "paper-desk"; // the paper desk's own cache: its page without anybody's data

self.addEventListener("install", (event) => {
  // nobody's pages: asked for without cookies
  const wanted = KEPT.map((address) => new Request(address, { credentials: "omit" }));
  event.waitUntil(caches.open(VERSION).then((kept) => kept.addAll(wanted)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const others = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name !== VERSION && name !== DESK).map((name) => caches.delete(name))));
  event.waitUntil(others.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") {
    const desk = /^\/console\/paper\/[^/]+$/.test(new URL(request.url).pathname);
    const instead = async () => (desk && await caches.match("/paper-desk")) || caches.match("/offline");
    event.respondWith(fetch(request).catch(instead));
  } else if (KEPT.includes(request.url.slice(self.location.origin.length))) {
    event.respondWith(caches.match(request.url).then((kept) => kept || fetch(request)));
  } else if (new URL(request.url).pathname.startsWith("/assets/")) {
    event.respondWith(fetch(request).catch(async () => await caches.match(request.url) || Response.error()));
  }
});

// What the sender of notify wrote: title, link, tag, lang. Words only; nobody's data.
self.addEventListener("push", (event) => {
  const news = event.data ? event.data.json() : {};
  event.waitUntil(self.registration.showNotification(news.title || "社区通", {
    tag: news.tag, lang: news.lang, icon: KEPT.find((address) => address.includes("icon")), data: { link: news.link },
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = String(event.notification.data?.link || "");
  const target = link.startsWith("/") && !link.startsWith("//") ? link : "/me/notifications";
  event.waitUntil(self.clients.matchAll({ type: "window" }).then((open) => {
    const here = open.find((one) => "navigate" in one);
    return here ? here.focus().then((one) => one.navigate(target)) : self.clients.openWindow(target);
  }));
});
