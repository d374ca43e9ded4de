/* Asks for the parts marked data-live again while they say so; rests while the tab is hidden. */
(function () {
  "use strict";
  async function refresh(part) {
    if (document.hidden || !part.dataset.live) return;
    try {
      const answer = await fetch(part.dataset.live, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#" + part.id);
      if (!fresh) return;
      part.replaceChildren(...fresh.childNodes);
      if (!fresh.dataset.live) { delete part.dataset.live; location.reload(); }
    } catch (error) { /* the line dropped: the next round tries again */ }
  }
  document.addEventListener("DOMContentLoaded", () => {
    for (const part of document.querySelectorAll("[data-live]")) {
      window.setInterval(() => refresh(part), Number(part.dataset.every || 2) * 1000);
    }
    document.addEventListener("keydown", (event) => {
      const box = document.querySelector("#modal-content #dialog");
      if (box && event.key === "Tab") {
        const stops = box.querySelectorAll("a[href], button, input, select, textarea");
        if (!box.contains(document.activeElement)) { stops[0].focus(); event.preventDefault(); }
      }
    });
    document.addEventListener("htmx:afterSettle", () => {
      const first = document.querySelector("#modal-content #dialog [autofocus], #modal-content #dialog button");
      if (first) window.setTimeout(() => first.focus(), 60);
    });
  });
})();
