// Receipts. One that was scanned is looked up by a form: its code stands behind the `#`, and is taken
// out of the address before anything else. Kept in this phone it is at her wish alone.
"use strict";

(() => {
  const PREFIX = "receipt:";
  const SIGNS = /^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/i;

  // -- /verify -------------------------------------------------------------------------------------

  const check = document.querySelector("form#check");
  if (check) {
    const scanned = decodeURIComponent(location.hash.slice(1));
    if (SIGNS.test(scanned)) {
      history.replaceState(null, "", location.pathname);
      check.elements.code.value = scanned;
      check.requestSubmit();
    }
    const box = document.querySelector("#kept");
    const kept = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    for (const key of kept) {
      const line = document.createElement("li");
      const code = document.createElement("span");
      code.className = "secret grow";
      code.textContent = localStorage.getItem(key);
      const button = (text, act) => {
        const made = document.createElement("button");
        made.type = "button";
        made.className = "weui-btn weui-btn_default small";
        made.textContent = text;
        made.addEventListener("click", act);
        return made;
      };
      line.append(
        code,
        button(box.dataset.check, () => {
          check.elements.code.value = code.textContent;
          check.requestSubmit();
        }),
        button(box.dataset.forget, () => {
          localStorage.removeItem(key);
          line.remove();
        }),
      );
      box.querySelector("ul").append(line);
    }
    box.hidden = !kept.length;
  }

  // -- changing a vote -----------------------------------------------------------------------------

  const wanted = document.querySelector("input[data-kept]");
  if (wanted && !wanted.value) wanted.value = localStorage.getItem(PREFIX + wanted.dataset.kept) || "";

  // -- the receipt's page --------------------------------------------------------------------------

  const receipt = document.querySelector("[data-receipt]");
  if (!receipt) return;
  const code = receipt.dataset.receipt;
  const place = PREFIX + receipt.dataset.kept;
  if (localStorage.getItem(place)) localStorage.setItem(place, code); // the old one is worth nothing now

  const download = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const picture = async (title) => {
    const svg = new XMLSerializer().serializeToString(receipt.querySelector("svg.qr-code"));
    const drawn = new Image();
    drawn.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
    await drawn.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [720, 860];
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(drawn, 60, 100, 600, 600);
    pen.fillStyle = "#000";
    pen.textAlign = "center";
    pen.font = "600 36px sans-serif";
    pen.fillText(title, 360, 70);
    pen.font = "600 38px monospace";
    pen.fillText(code, 360, 770);
    canvas.toBlob((blob) => download(blob, `receipt-${code.slice(0, 5)}.png`), "image/png");
  };

  receipt.ownerDocument.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("print" in button.dataset) print();
    if (button.dataset.savePicture) picture(button.dataset.savePicture);
    if (button.dataset.keep) {
      localStorage.setItem(place, code);
      button.textContent = button.dataset.keep;
      button.disabled = true;
    }
  });
  // A file comes instead of a page: the button must not stay busy.
  receipt.ownerDocument.querySelector("[data-again]").form.addEventListener("submit", (event) => {
    setTimeout(() => event.submitter.removeAttribute("aria-busy"), 1500);
  });
})();
