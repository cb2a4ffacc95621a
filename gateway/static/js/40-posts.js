// A voice note: recorded here, heard before it is sent, taken in as photos are. Without a script, or
// without a microphone, a sound file does as well.
"use strict";

(() => {
  let running = null; // one recording at a time: {recorder, clock, box}

  const boxOf = (node) => node.closest("[data-voice]");
  const part = (box, name) => box.querySelector(name);
  const tell = (box, text) => { part(box, "[role=status]").textContent = text; };

  const show = (box, html) => {
    part(box, "[data-said]").innerHTML = html;
    part(box, "[data-tools]").hidden = Boolean(part(box, "input[name=voice]"));
  };

  const send = async (box, sound, name) => {
    tell(box, box.dataset.busy);
    const body = new FormData();
    body.set("csrf", box.closest("form").elements.csrf.value);
    body.set("photo", sound, name);
    try {
      const answer = await fetch("/voice", { method: "POST", body, headers: { "HX-Request": "true" } });
      const to = answer.headers.get("HX-Redirect");
      if (to) return location.assign(to);
      show(box, await answer.text());
      tell(box, "");
    } catch {
      tell(box, box.dataset.failed);
    }
  };

  const record = async (box) => {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      return tell(box, box.dataset.denied);
    }
    const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 32000 });
    const pieces = [];
    const begun = Date.now();
    const tick = () => {
      const seconds = Math.floor((Date.now() - begun) / 1000);
      tell(box, box.dataset.on.replace("{n}", seconds));
      if (seconds >= Number(box.dataset.most)) recorder.stop();
    };
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    recorder.addEventListener("stop", () => {
      clearInterval(running.clock);
      running = null;
      for (const track of stream.getTracks()) track.stop();
      part(box, "[data-record]").classList.remove("on");
      send(box, new Blob(pieces, { type: recorder.mimeType }), "voice");
    });
    running = { recorder, clock: setInterval(tick, 1000), box };
    part(box, "[data-record]").classList.add("on");
    recorder.start();
    tick();
  };

  document.addEventListener("click", (event) => {
    const again = event.target.closest("[data-unsay]");
    if (again) return show(boxOf(again), "");
    const button = event.target.closest("[data-record]");
    if (!button) return;
    if (running) return running.recorder.stop();
    const box = boxOf(button);
    if (window.MediaRecorder && navigator.mediaDevices) record(box);
    else tell(box, box.dataset.denied);
  });

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches("[data-sound]") || !input.files[0]) return;
    send(boxOf(input), input.files[0], "voice");
    input.value = "";
  });

  // A comment that arrived is no draft any more: its page is not left when it is sent.
  document.addEventListener("htmx:after:swap", () => {
    const form = document.querySelector("#say[data-draft]");
    if (form && !form.elements.body.value) localStorage.removeItem(`draft:${form.dataset.draft}`);
  });
})();
