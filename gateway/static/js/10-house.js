// What a script adds to pages that work without it: photos made small before they travel, news that
// shows itself, buttons that say they are busy. Nothing here decides anything.
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("scripted");

  // -- one tap is one tap ------------------------------------------------------------------------

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || event.target.matches("[hx-post]")) return;
    if (button.getAttribute("aria-busy") === "true") return event.preventDefault();
    button.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[aria-busy=true]").forEach((e) => e.removeAttribute("aria-busy"));
  });

  // -- photos ------------------------------------------------------------------------------------

  const LONGEST = 2048;
  const SMALL_ENOUGH = 700000;

  const shrink = async (file) => {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < SMALL_ENOUGH) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      return small && small.size < file.size ? new File([small], "photo.jpg", { type: small.type }) : file;
    } catch {
      return file; // a format that this browser cannot draw: the server will know
    }
  };

  const send = async (list, file) => {
    const form = list.closest("form");
    const place = document.createElement("li");
    place.className = "busy";
    place.textContent = list.dataset.busy;
    list.insertBefore(place, list.querySelector("li.adder"));
    const body = new FormData();
    body.set("csrf", form.elements.csrf.value);
    body.set("photo", await shrink(file));
    try {
      const answer = await fetch("/photos", { method: "POST", body, headers: { "HX-Request": "true" } });
      const to = answer.headers.get("HX-Redirect");
      if (to) return location.assign(to);
      const piece = document.createElement("template");
      piece.innerHTML = await answer.text();
      place.replaceWith(piece.content);
    } catch {
      place.className = "busy refused";
      place.textContent = list.dataset.failed;
    }
    count(list);
  };

  const count = (list) => {
    const full = list.querySelectorAll("li.kept").length >= Number(list.dataset.most);
    list.querySelector("li.adder").hidden = full;
  };

  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches("[data-photos]")) return;
    const list = input.closest("ul");
    const room = Number(list.dataset.most) - list.querySelectorAll("li.kept, li.busy").length;
    const files = [...input.files].slice(0, Math.max(0, room));
    input.value = "";
    for (const file of files) await send(list, file);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-drop]");
    if (!button) return;
    const list = button.closest("ul");
    button.closest("li").remove();
    count(list);
  });

  // -- what somebody wrote survives a lost connection ---------------------------------------------
  // It stays on the device for a week, for her who wrote it, unless she logs out. A draft that was
  // sent is forgotten on the next page that is not its form: only then it arrived. The page for when
  // there is no net is none; nor is it known there who holds the phone.

  const PREFIX = "draft:";
  const WEEK = 7 * 24 * 3600 * 1000;
  const who = document.body.dataset.who || "";
  const forms = [...document.querySelectorAll("form[data-draft]")];
  const open = new Set(forms.map((form) => PREFIX + form.dataset.draft));
  const unknown = document.querySelector("[data-drafts]");
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(PREFIX) || unknown) continue;
    const draft = JSON.parse(localStorage.getItem(key));
    const stale = (who && draft.who !== who) || Date.now() - draft.at > WEEK;
    if (stale || (draft.sent && !open.has(key))) localStorage.removeItem(key);
  }
  document.querySelector("form[action='/logout']")?.addEventListener("submit", () => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  });
  for (const form of forms) {
    const key = PREFIX + form.dataset.draft;
    const fields = [...form.querySelectorAll("input[type=text], textarea")];
    const kept = JSON.parse(localStorage.getItem(key) || "{}").fields || {};
    for (const field of fields) if (!field.value && kept[field.name]) field.value = kept[field.name];
    const keep = (sent) => {
      const now = Object.fromEntries(fields.map((field) => [field.name, field.value]));
      const [title] = document.title.split(" · ");
      const draft = { sent, fields: now, who, at: Date.now(), path: location.pathname + location.search, title };
      if (Object.values(now).some(Boolean)) localStorage.setItem(key, JSON.stringify(draft));
      else localStorage.removeItem(key);
    };
    form.addEventListener("input", () => keep(false));
    form.addEventListener("submit", () => keep(true));
  }

  // -- news --------------------------------------------------------------------------------------

  const stream = document.body.dataset.live;
  if (!stream || !window.EventSource) return;

  const bell = (number) => {
    for (const badge of document.querySelectorAll("[data-bell]")) {
      badge.textContent = number > 99 ? "99+" : String(number);
      badge.hidden = !number;
    }
  };
  const toast = (news) => {
    document.querySelector(".toast")?.parentElement.remove();
    const box = document.createElement("div"); // a link with the role of a status has no name
    box.setAttribute("role", "status");
    const link = document.createElement("a");
    link.className = "toast";
    link.href = news.link.startsWith("/") && !news.link.startsWith("//") ? news.link : "/me/notifications";
    link.textContent = news.title;
    box.append(link);
    document.body.append(box);
    setTimeout(() => box.remove(), 8000);
  };

  let source;
  let waiting = false;
  const listen = () => {
    waiting = false;
    source = new EventSource(stream);
    source.addEventListener("notification", (event) => {
      const news = JSON.parse(event.data);
      bell(news.unread);
      const here = news.link.split(/[?#]/)[0] === location.pathname.replace("/console", "");
      if (here) htmx.trigger(document.body, "shequ:here");
      else toast(news);
    });
    source.addEventListener("headcount", (event) => {
      htmx.trigger(document.body, `shequ:headcount-${JSON.parse(event.data).emergency_id}`);
    });
    source.addEventListener("bye", again);
    source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) again(); });
  };
  // The token of the page may have run out: asking for the number beside the bell renews it.
  const again = () => {
    source.close();
    if (waiting) return;
    waiting = true;
    setTimeout(async () => {
      const answer = await fetch("/me/bell", { headers: { "HX-Request": "true" } }).catch(() => null);
      if (!answer || answer.status !== 401) listen();
    }, 3000);
  };
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  listen();
})();
