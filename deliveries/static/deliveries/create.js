/* The steps of Create: what is typed is saved by itself, what a choice does not need is put away, fields are at hand. */
(function () {
  "use strict";
  const WAIT = 1500;

  function autosave(form) {
    const said = form.querySelector(".xd-saved");
    let timer = 0,
      typed = false,
      running = false,
      held = null;
    async function save() {
      if (running) {
        timer = window.setTimeout(save, WAIT);
        return;
      }
      running = true;
      typed = false;
      const data = new FormData(form);
      for (const name of ["file", "html_file"]) data.delete(name);
      data.set("do", "stay");
      try {
        const answer = await fetch(location.href, {
          method: "POST",
          body: data,
          headers: { "X-Autosave": "1" },
          credentials: "same-origin",
        });
        const told = await answer.json();
        said.textContent = told.said;
        said.classList.toggle("xd-saved-not", !answer.ok);
        if (answer.ok) {
          form.elements.version.value = told.version;
          const preview = document.getElementById("preview");
          if (preview) preview.src = preview.src;
        }
      } catch (error) {
        typed = true;
        timer = window.setTimeout(save, 4 * WAIT);
      }
      running = false;
      if (held) {
        window.clearTimeout(timer);
        held();
      }
    }
    form.addEventListener("input", (event) => {
      if (event.target.type === "file") return;
      const who = form.querySelector("[name=who]:checked");
      if (who && who.value === "upload") return;
      typed = true;
      if (who && who.value === "new") return; // a filter is made once, by the button
      window.clearTimeout(timer);
      timer = window.setTimeout(save, WAIT);
    });
    form.addEventListener("submit", (event) => {
      window.clearTimeout(timer);
      typed = false;
      if (!running) return;
      event.preventDefault(); // the save that runs gives the version without which this one would be refused
      const button = event.submitter;
      held = () => {
        held = null;
        typed = false;
        form.requestSubmit(button);
      };
    });
    window.addEventListener("beforeunload", (event) => {
      if (typed) event.preventDefault();
    });
  }

  function choices(form) {
    const parts = form.querySelectorAll("[data-for]");
    function show() {
      const chosen = form.querySelector("[name=who]:checked");
      for (const part of parts) part.hidden = !chosen || !part.dataset.for.split(" ").includes(chosen.value);
    }
    form.addEventListener("change", show);
    show();
  }

  /* A link that is marked is to be counted: without the option the mark would say nothing. */
  function counting(form) {
    const on = form.elements.on;
    if (!on) return;
    form.addEventListener("input", (event) => {
      const one = event.target.name === "tracked" && event.target.checked;
      const all = event.target === form && form.querySelector("[name=tracked]:checked");
      if (one || all) on.checked = true;
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector(".xd-create");
    if (!form) return;
    if (form.hasAttribute("data-autosave") && form.elements.version && !form.querySelector("[value=start]"))
      autosave(form);
    if (form.querySelector("[data-for]")) choices(form);
    counting(form);
    form.addEventListener("click", (event) => {
      const all = event.target.closest("[data-check], [data-uncheck]");
      if (all) {
        for (const box of form.querySelectorAll(`[name="${all.dataset.check || all.dataset.uncheck}"]`))
          box.checked = Boolean(all.dataset.check);
        form.dispatchEvent(new Event("input"));
      }
    });
  });
})();
