// A whole vote as a file: how much of it has come is told while it comes. Without a script the link
// is a plain download.
"use strict";

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-fetch]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const bar = link.closest("section").querySelector(".progress");
  const said = bar.querySelector("span"), meter = bar.querySelector("progress");
  if (bar.dataset.busy) return;
  bar.dataset.busy = "1";
  bar.hidden = false;
  said.textContent = link.dataset.busy;
  meter.removeAttribute("value");
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.status);
    const reader = answer.body.getReader(), pieces = [];
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      size += value.length;
      said.textContent = `${link.dataset.busy} ${(size / 1048576).toFixed(1)} MB`;
    }
    const file = document.createElement("a");
    file.href = URL.createObjectURL(new Blob(pieces, { type: "application/json" }));
    file.download = link.dataset.fetch;
    file.click();
    setTimeout(() => URL.revokeObjectURL(file.href), 60000);
    said.textContent = link.dataset.done;
    meter.value = 1;
  } catch {
    said.textContent = link.dataset.failed;
    meter.value = 0;
  } finally {
    delete bar.dataset.busy;
  }
});
