// The counter of the paper desk: the field is ready for the next one, and a slip is read by the
// camera, or off a photo. What was read is typed into the field; the page does the rest.
"use strict";

(() => {
  const find = document.querySelector("#find");
  if (!find) return;
  const field = find.elements.q;

  document.addEventListener("htmx:after:swap", () => {
    const counter = document.querySelector("#counter");
    if (counter.querySelector("[autofocus]")) return; // htmx puts the focus there
    const rows = counter.querySelectorAll(".voters [data-row]");
    if (rows.length > 1) return rows[0].focus();
    if (counter.querySelector(".did")) field.value = "";
    field.focus();
    field.select();
  });

  // -- the camera ----------------------------------------------------------------------------------

  const box = document.querySelector("#scan");
  if (!box) return;
  const video = box.querySelector("video"), said = box.querySelector("[role=status]");
  const canvas = document.createElement("canvas");
  let stream = null;

  // Chromium on a phone knows codes by itself; others are given a library, when they need it.
  const library = () => new Promise((done, failed) => {
    if (window.jsQR) return done();
    const script = document.createElement("script");
    script.src = box.dataset.library;
    script.addEventListener("load", done);
    script.addEventListener("error", failed);
    document.head.append(script);
  });
  const draw = (picture, width, height) => {
    const scale = Math.min(1, 1200 / Math.max(width, height));
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return pen.getImageData(0, 0, canvas.width, canvas.height);
  };
  const reader = async () => {
    if (window.BarcodeDetector) {
      const kinds = await BarcodeDetector.getSupportedFormats().catch(() => []);
      if (kinds.includes("qr_code")) {
        const detector = new BarcodeDetector({ formats: ["qr_code"] });
        return async (picture) => (await detector.detect(picture))[0]?.rawValue;
      }
    }
    await library();
    return async (picture, width, height) => {
      const { data, width: across, height: down } = draw(picture, width, height);
      return jsQR(data, across, down)?.data;
    };
  };

  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    box.hidden = true;
    video.hidden = false;
  };
  const found = (text) => {
    stop();
    field.value = text;
    find.requestSubmit();
  };

  const start = async () => {
    box.hidden = false;
    said.textContent = "";
    try {
      const read = await reader();
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = stream;
      await video.play();
      while (stream) {
        const text = video.videoWidth && await read(video, video.videoWidth, video.videoHeight).catch(() => null);
        if (text) return found(text);
        await new Promise((next) => setTimeout(next, 150));
      }
    } catch {
      video.hidden = true;
      said.textContent = box.dataset.denied;
    }
  };

  find.querySelector("[data-scan]").addEventListener("click", () => (stream ? stop() : start()));
  box.querySelector("[data-stop]").addEventListener("click", stop);
  box.querySelector("input[type=file]").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const text = await (await reader())(picture, picture.width, picture.height);
      if (text) return found(text);
    } catch { /* no picture that this browser can draw */ }
    said.textContent = box.dataset.nothing;
  });
  addEventListener("pagehide", stop);
})();
