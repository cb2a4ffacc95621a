// Many files to print are made one after another, and the page says how far it is. On a sheet Enter
// leads from number to number, and boxes are ticked all at once.
"use strict";

(() => {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tick-all]");
    if (!button) return;
    const boxes = [...button.closest("form").querySelectorAll("input[type=checkbox]")].filter((one) => one.name === button.dataset.tickAll);
    const on = !boxes.every((one) => one.checked);
    for (const one of boxes) one.checked = on;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches(".sheet-form input.input")) return;
    event.preventDefault();
    const fields = [...event.target.form.querySelectorAll("input.input, select.input, .sticky-do button")];
    fields[fields.indexOf(event.target) + 1].focus();
  });

  // A file comes in a window of its own instead of a page: the button must not stay busy.
  document.addEventListener("submit", ({ target, submitter }) => {
    if (target.target === "_blank") setTimeout(() => submitter?.removeAttribute("aria-busy"), 1500);
  });

  const files = document.querySelector("[data-files]");
  files?.querySelector("[data-all]")?.addEventListener("click", async (event) => {
    const progress = files.querySelector("[data-progress]"), bar = progress.querySelector("progress");
    event.target.hidden = true;
    progress.hidden = false;
    const links = [...files.querySelectorAll("a[data-file]")];
    for (const [i, link] of links.entries()) {
      try {
        const answer = await fetch(link.href);
        if (answer.ok) {
          link.href = URL.createObjectURL(await answer.blob());
          link.textContent = files.dataset.open;
          link.classList.replace("weui-btn_default", "weui-btn_primary");
        } else if (answer.status === 422) link.replaceWith(files.dataset.nothing); // none of these is out
        else link.textContent = files.dataset.failed;
      } catch {
        link.textContent = files.dataset.failed;
      }
      bar.value = i + 1;
      progress.querySelector("b").textContent = `${i + 1} / ${links.length}`;
    }
  });
})();
