// Filters that somebody keeps under a name of her own: on this device, nowhere else.
"use strict";

(() => {
  const MOST = 12;
  for (const box of document.querySelectorAll("[data-kept]")) {
    const key = `shequ-kept-${box.dataset.kept}`;
    const list = box.querySelector("ul"), name = box.querySelector("input");

    const read = () => {
      try {
        const kept = JSON.parse(localStorage.getItem(key) ?? "[]");
        return Array.isArray(kept) ? kept.filter((one) => typeof one?.name === "string" && typeof one?.query === "string") : [];
      } catch {
        return []; // forbidden, or not ours
      }
    };
    const write = (kept) => {
      try {
        localStorage.setItem(key, JSON.stringify(kept.slice(0, MOST)));
      } catch { /* a private window keeps nothing */ }
      show();
    };
    const show = () => {
      list.replaceChildren(...read().map((one) => {
        const row = document.createElement("li"), link = document.createElement("a"), drop = document.createElement("button");
        link.href = `?${one.query}`;
        link.textContent = one.name;
        drop.type = "button";
        drop.textContent = "×";
        drop.setAttribute("aria-label", `${box.dataset.undo}：${one.name}`);
        drop.addEventListener("click", () => write(read().filter((other) => other.name !== one.name)));
        row.append(link, drop);
        return row;
      }));
    };

    box.querySelector(".beside button").addEventListener("click", () => {
      const said = name.value.trim();
      if (!said) return name.focus();
      const asked = new URLSearchParams(location.search);
      asked.delete("cursor");
      for (const [field, value] of [...asked]) if (!value) asked.delete(field);
      write([{ name: said, query: asked.toString() }, ...read().filter((one) => one.name !== said)]);
      name.value = "";
    });
    show();
  }
})();
