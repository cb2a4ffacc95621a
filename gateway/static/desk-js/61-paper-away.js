// The paper desk while its line is down. The browser keeps who may vote by code and address (nobody's
// name) for half a day, and what is done meanwhile until it is sent; both go with the mark that
// js/60-desk-kept.js watches. Nothing here decides: what the books refuse is shown, one by one.
"use strict";

(async () => {
  const net = document.querySelector("#net");
  if (!net || !window.indexedDB) return;
  const poll = net.dataset.poll || location.pathname.split("/")[3] || "";
  const words = JSON.parse(net.dataset.words);
  const who = document.body.dataset.who || "";
  const MARK = "draft:paper-desk", HALF_A_DAY = 12 * 3600 * 1000, FRESH = 5 * 60 * 1000, AT_ONCE = 100;
  const part = (name) => net.querySelector(`[data-${name}]`);
  const say = (name, n) => { part("line").textContent = words[name].replace("{n}", n); };
  const fill = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);
  let csrf = net.dataset.csrf || "", unreachable = !poll || !net.dataset.poll;
  const away = () => unreachable || !navigator.onLine;

  // -- what is kept --------------------------------------------------------------------------------

  const kept = await new Promise((done) => {
    const asked = indexedDB.open("shequ-paper", 1);
    asked.addEventListener("upgradeneeded", () => {
      asked.result.createObjectStore("lists", { keyPath: "poll" });
      asked.result.createObjectStore("waits", { keyPath: "id", autoIncrement: true });
    });
    asked.addEventListener("success", () => done(asked.result));
    asked.addEventListener("error", () => done(null)); // a private window keeps nothing
  });
  if (!kept) return;
  kept.addEventListener("versionchange", () => kept.close()); // it is being thrown away
  const of = (request) => new Promise((done, failed) => {
    request.addEventListener("success", () => done(request.result));
    request.addEventListener("error", () => failed(request.error));
  });
  const store = (name, mode = "readwrite") => kept.transaction(name, mode).objectStore(name);
  const waits = async () => (await of(store("waits", "readonly").getAll())).filter((one) => one.poll === poll);
  const list = async () => {
    const found = await of(store("lists", "readonly").get(poll));
    if (!found || Date.now() - found.at < HALF_A_DAY && (!who || found.who === who)) return found;
    await of(store("lists").delete(poll));
    return undefined;
  };
  const mark = async () => {
    const n = (await of(store("waits", "readonly").getAll())).filter((one) => !one.number).length;
    const path = `/console/paper/${poll}`, [title] = document.title.split(" · ");
    const owner = who || JSON.parse(localStorage.getItem(MARK) || "{}").who || "";
    localStorage.setItem("paper-desk", "1");
    localStorage.setItem(MARK, JSON.stringify({ who: owner, at: Date.now(), path, title, waits: n, warn: fill(words.warn, { n }) }));
  };

  // Another person's, or that of somebody who logged out since: gone before anything is shown.
  const foreign = (await of(store("lists", "readonly").getAll())).some((one) => who && one.who !== who);
  if (foreign || !localStorage.getItem(MARK)) {
    await of(store("lists").clear());
    await of(store("waits").clear());
  }

  const fetched = async () => {
    const entries = [];
    let told, cursor = "";
    do {
      const asked = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
      const answer = await fetch(`/console/paper/${poll}/list${asked}`);
      if (!answer.ok || answer.redirected) return;
      told = await answer.json();
      entries.push(...told.entries);
      cursor = told.next;
    } while (cursor);
    csrf = told.csrf;
    unreachable = false;
    await of(store("lists").put({ poll, who, at: Date.now(), title: told.title, entries }));
    await mark();
  };

  // -- finding -------------------------------------------------------------------------------------

  // What was done meanwhile is laid over the list: the next one sees it.
  const after = { issue: ["paper_out", ["return", "spoil", "take_back"]], return: ["paper", []], spoil: ["free", ["issue"]], take_back: ["free", ["issue"]] };
  const laid = (entries, waiting) => {
    const byCode = new Map(entries.map(([code, building, place, state, paper, acts]) => [code, { code, building, place, state, paper, acts }]));
    for (const one of waiting) {
      const entry = byCode.get(one.code);
      if (!entry || one.refusal || one.number) continue;
      [entry.state, entry.acts] = after[one.act];
      entry.paper = one.act === "issue" ? "" : entry.paper;
      entry.of = one.act === "issue" ? one.entry_key : entry.of;
      entry.waits = true;
    }
    return [...byCode.values()];
  };
  const whole = (text, wanted) => new RegExp(`(?<![0-9A-Za-z])${wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![0-9A-Za-z])`, "i").test(text);
  const meant = (entries, typed, building) => {
    const text = typed.normalize("NFKC").trim();
    const slip = /^(?:shequ:paper:[^:]+:)?(\d{4,7})[-\s]([0-9A-Z]{2})$/i.exec(text);
    if (slip) return entries.filter((one) => one.paper === `${slip[1]}-${slip[2].toUpperCase()}`);
    const code = entries.find((one) => one.code === text.toUpperCase());
    if (code) return [code];
    const door = String.raw`(?:(?<unit>\d{1,2})\s*(?:单元|-|/|\s)\s*)?(?<room>\d{2,5}[A-Z]?)\s*室?$`;
    const { house, unit, room } = (
      new RegExp(String.raw`^(?<house>\d+|[A-Z])\s*(?:号楼|号|栋|幢|座|楼|#|-|/|\s)\s*${door}`, "i").exec(text)
      ?? new RegExp(String.raw`^(?<house>.*\S(?:号楼|栋|幢|座|楼))\s*${door}`, "i").exec(text)
      ?? /^(?<house>)(?:(?<unit>\d{1,2})\s*单元\s*)?(?<room>\d{1,5}[A-Z]?)\s*室?$/i.exec(text)
    )?.groups ?? {};
    if (!room) return [];
    const of = house || building;
    return entries.filter((one) => (!of || whole(one.building, of)) && (!unit || whole(one.place, `${unit}单元`)) && whole(one.place, room));
  };

  const counter = () => document.querySelector("#counter");
  const note = (text) => {
    const line = document.createElement("p");
    line.className = "note";
    line.textContent = text;
    return line;
  };
  const SHOWN = 8;
  const card = (entry, alone) => {
    const made = net.querySelector("template").content.cloneNode(true);
    const [state, look] = words.entry[entry.state] ?? [entry.state, "rest"];
    made.querySelector(".voter").classList.add(look);
    made.querySelector(".stand").classList.add(look);
    made.querySelector("[data-place]").textContent = `${entry.building} ${entry.place}`;
    made.querySelector("[data-state]").textContent = state;
    made.querySelector("[data-no]").textContent = entry.paper || (entry.of ? words.number : "");
    made.querySelector(".acts").append(...entry.acts.map((act, i) => {
      const button = document.createElement("button");
      button.className = `weui-btn ${i ? "weui-btn_default" : "weui-btn_primary huge"} wide full`;
      button.textContent = words.act[act];
      button.autofocus = alone && !i;
      button.addEventListener("click", () => queue({ act, ...entry, place: `${entry.building} ${entry.place}` }));
      return button;
    }));
    if (!entry.acts.length) made.querySelector(".acts").append(words.still);
    return made;
  };
  const show = async (text, building) => {
    const known = await list();
    if (!known) return counter().replaceChildren(note(words.nothing));
    const found = meant(laid(known.entries, await waits()), text, building);
    const cards = found.slice(0, SHOWN).map((one) => card(one, found.length === 1));
    const rest = found.length ? found.length > SHOWN ? [note(words.many)] : [] : [note(words.unknown)];
    counter().replaceChildren(...cards, ...rest);
    (counter().querySelector("button[autofocus]") ?? counter().querySelector("[data-row]"))?.focus();
  };

  // -- waiting -------------------------------------------------------------------------------------

  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const queue = async ({ act, code, paper, of: issued, place, entry_key = key() }) => {
    const at = new Date().toISOString();
    const body = act === "issue" ? { subject_id: code } : { ...(paper ? { paper } : {}), at };
    const after = act !== "issue" && !paper ? issued : undefined;
    await of(store("waits").add({ poll, who, entry_key, act, body, after, code, place, at }));
    await mark();
    const said = document.createElement("section");
    said.className = "card did";
    said.append(note(`${place} · ${words.short[act]} · ${words.noted}`));
    counter().replaceChildren(said);
    const field = document.querySelector("#q");
    field.value = "";
    field.focus();
    await shown();
  };

  const row = (text, buttonText, act) => {
    const line = document.createElement("li"), words_ = document.createElement("span"), button = document.createElement("button");
    words_.className = "grow";
    words_.textContent = text;
    button.type = "button";
    button.className = "weui-btn weui-btn_default small";
    button.textContent = buttonText;
    button.addEventListener("click", act);
    line.append(words_, button);
    return line;
  };
  const drop = async (...ids) => {
    for (const id of ids) await of(store("waits").delete(id));
    await mark();
    await shown();
  };
  const clock = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

  const shown = async () => {
    const all = await waits();
    const numbers = all.filter((one) => one.number), refused = all.filter((one) => one.refusal);
    const pending = all.filter((one) => !one.number && !one.refusal);
    part("waits").hidden = !pending.length;
    part("waits").querySelector("[data-count]").textContent = pending.length;
    part("waits").querySelector("ol").replaceChildren(...pending.map((one) => row(
      `${clock(one.at)} ${one.place} · ${words.short[one.act]}${one.body.paper ? ` ${one.body.paper}` : ""}`, words.undo,
      () => drop(one.id, ...pending.filter((other) => other.after === one.entry_key).map((other) => other.id)))));
    part("numbers").hidden = !numbers.length;
    part("numbers").querySelector("ul").replaceChildren(...numbers.map((one) => row(`${one.place} → ${one.number}`, words.written, () => drop(one.id))));
    conflict(refused);
    const known = await list();
    const [title] = document.querySelectorAll("[data-title]");
    if (title && known) title.textContent = known.title;
    part("send").hidden = away();
    part("forget").hidden = !known;
    net.classList.toggle("cut", away());
    if (away()) say(known ? "away" : "nothing");
    else if (known) say("kept", known.entries.length);
    else say("reading");
    net.hidden = false;
  };

  const conflict = ([first, ...rest]) => {
    const box = part("refused");
    box.hidden = !first;
    if (!first) return;
    box.querySelector("[data-count]").textContent = rest.length + 1;
    part("what").textContent = `${clock(first.at)} ${first.place} · ${words.short[first.act]} ${first.body.paper ?? ""}`;
    part("said").textContent = first.refusal.said;
    part("advice").textContent = words.advice[first.refusal.code] ?? words.otherwise;
    part("look").href = `/console/paper/${poll}?code=${encodeURIComponent(first.code)}`;
    const mend = part("mend"), field = mend.querySelector("input");
    mend.hidden = first.refusal.code !== "votes.unknown_paper";
    field.value = first.body.paper ?? "";
    mend.querySelector("button").onclick = async () => {
      const paper = field.value.trim().toUpperCase();
      if (!paper) return field.focus();
      await of(store("waits").put({ ...first, entry_key: key(), refusal: undefined, body: { ...first.body, paper } }));
      await shown();
      await send();
    };
    part("settled").onclick = () => drop(first.id);
  };

  // -- sending -------------------------------------------------------------------------------------

  // In the order in which it was done. What goes with a paper whose number is not known yet waits for
  // the answer that brings it.
  const batch = (pending) => {
    const until = pending.findIndex((one) => one.after);
    return pending.slice(0, until < 0 ? AT_ONCE : Math.min(until, AT_ONCE));
  };
  const answered = async (one, told, all) => {
    if (told.outcome === "refused") {
      const refusal = { code: told.refusal.code, said: told.said };
      for (const other of [one, ...all.filter((other) => other.after === one.entry_key)]) {
        await of(store("waits").put({ ...other, after: undefined, refusal }));
      }
      return;
    }
    const number = one.act === "issue" ? told.result.papers[0].paper : "";
    for (const other of all.filter((other) => other.after === one.entry_key)) {
      await of(store("waits").put({ ...other, after: undefined, body: { ...other.body, paper: number } }));
    }
    await of(number ? store("waits").put({ ...one, number }) : store("waits").delete(one.id));
  };
  let sending = false;
  const send = async () => {
    if (sending || !navigator.onLine || !poll) return;
    sending = true;
    try {
      for (let tries = 0; tries < 500; tries += 1) {
        const all = await waits(), pending = all.filter((one) => !one.number && !one.refusal);
        const now = batch(pending);
        if (!now.length) break;
        say("sending");
        if (!csrf) await fetched();
        const entries = JSON.stringify(now.map(({ entry_key, act, body }) => ({ entry_key, act, body })));
        const answer = await fetch(`/console/paper/${poll}/sync`, { method: "POST", body: new URLSearchParams({ csrf, entries }) });
        if (answer.redirected || answer.status === 401) return say("login");
        if (answer.status === 403 && csrf) { // the page is older than the session
          csrf = "";
          continue;
        }
        if (!answer.ok) return say("later");
        const { results } = await answer.json();
        for (const [i, told] of results.entries()) await answered(now[i], told, all);
        unreachable = false;
        await mark();
        await shown();
        if (now.length === pending.length) await fetched();
      }
      await shown();
    } catch {
      unreachable = true; // still no line
      await shown();
    } finally {
      sending = false;
    }
  };

  // -- the page ------------------------------------------------------------------------------------

  const instead = (form) => {
    if (form.matches("#find")) return show(form.elements.q.value, form.elements.b?.value || "");
    const said = Object.fromEntries(new FormData(form));
    return queue({ act: form.dataset.act, code: said.code, paper: said.paper, place: form.dataset.place, entry_key: said.once });
  };
  const ours = (form) => form.matches?.("#find") || form.matches?.("[data-act]") && form.dataset.act in after;
  document.addEventListener("submit", (event) => {
    if (!ours(event.target) || !away()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    instead(event.target);
  }, true);
  document.addEventListener("htmx:error", (event) => {
    if (!ours(event.target)) return;
    unreachable = true; // the browser has a net, but nobody answers: the key of the form is that of the entry
    shown().then(() => instead(event.target));
  });
  part("send").addEventListener("click", send);
  part("forget").addEventListener("click", async () => {
    const n = (await waits()).filter((one) => !one.number).length;
    if (n && !confirm(fill(words.forget, { n }))) return;
    kept.close();
    indexedDB.deleteDatabase("shequ-paper");
    for (const name of [MARK, "paper-desk"]) localStorage.removeItem(name);
    net.hidden = true;
  });
  addEventListener("offline", shown);
  const back = async () => {
    const answer = navigator.onLine && await fetch("/paper-desk", { cache: "no-store" }).catch(() => null);
    if (answer?.ok) location.reload();
  };
  addEventListener("online", () => (net.dataset.poll ? send().then(renew) : back()));
  if (!net.dataset.poll) setInterval(back, 3000);
  const renew = async () => {
    if (!navigator.onLine || !net.dataset.poll || document.hidden) return;
    if (unreachable) await send();
    const known = await list();
    if (!known || Date.now() - known.at > FRESH) await fetched().catch(() => { unreachable = true; });
    await shown();
  };
  setInterval(renew, 30000);
  if (window.caches && net.dataset.poll) {
    const wanted = ["/paper-desk", ...[...document.querySelectorAll("head [src], head link[rel=stylesheet]")].map((e) => e.getAttribute("src") || e.getAttribute("href"))];
    caches.open("paper-desk").then((shell) => shell.addAll(wanted.map((one) => new Request(one, { credentials: "omit" })))).catch(() => {});
  }
  await shown();
  if (net.dataset.poll) await send();
  await renew();
})();
