// "I am here": the phone says where it is, once, when it is asked to. Without it words do as well.
"use strict";

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-locate] button")?.closest("[data-locate]");
  if (!box) return;
  const said = box.querySelector("[role=status]");
  const put = (name, value) => { box.querySelector(`[name=${name}]`).value = value; };
  if (!navigator.geolocation) {
    said.textContent = box.dataset.failed;
    return;
  }
  said.textContent = box.dataset.busy;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      put("lng", coords.longitude.toFixed(6));
      put("lat", coords.latitude.toFixed(6));
      said.textContent = box.dataset.found.replace("{n}", Math.ceil(coords.accuracy));
    },
    () => { said.textContent = box.dataset.failed; },
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
  );
});
