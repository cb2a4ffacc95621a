// Where one stands, written into the fields of a place's point.
"use strict";

for (const button of document.querySelectorAll("[data-here]")) {
  const form = button.closest("form"), said = form.querySelector("[role=status]");
  button.hidden = !navigator.geolocation;
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    const done = (text) => { button.removeAttribute("aria-busy"); said.textContent = text; };
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lat.value = coords.latitude.toFixed(6);
        form.elements.lng.value = coords.longitude.toFixed(6);
        done(`± ${Math.round(coords.accuracy)} m`);
      },
      () => done(button.dataset.failed),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 },
    );
  });
}
