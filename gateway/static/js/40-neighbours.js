// At the door: the code of an address that was scanned, the camera where the browser reads codes
// itself, and printing. Without any of it the code is typed.
"use strict";

(() => {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print-page]")) print();
  });

  const door = document.querySelector("form#door");
  if (!door) return;
  const scanned = decodeURIComponent(location.hash.slice(1));
  if (/^[0-9A-Z]{4,12}$/i.test(scanned)) {
    history.replaceState(null, "", location.pathname);
    door.elements.code.value = scanned;
    door.requestSubmit();
  }

  const box = door.querySelector("[data-scan]");
  if (!window.BarcodeDetector || !navigator.mediaDevices) return;
  box.hidden = false;
  const video = box.querySelector("video");
  const button = box.querySelector("button");
  button.addEventListener("click", async () => {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      box.querySelector("[role=status]").textContent = box.dataset.denied;
      return;
    }
    button.hidden = true;
    video.hidden = false;
    video.srcObject = stream;
    await video.play();
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    const look = async () => {
      const [found] = await detector.detect(video).catch(() => []);
      if (!found) return setTimeout(look, 200);
      for (const track of stream.getTracks()) track.stop();
      door.elements.code.value = found.rawValue;
      door.requestSubmit();
    };
    look();
  });
})();
