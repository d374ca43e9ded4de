/* Dialogs keep the keyboard, and give it back to where it came from; a row of a list opens its summary in place. */
(function () {
  "use strict";
  let opener = null;

  function box() {
    return document.querySelector("#modal-content #dialog");
  }

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("[hx-target='#modal-content']");
      if (link) opener = link;
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    const open = box();
    if (!open || !open.offsetParent || event.key !== "Tab") return;
    const stops = [...open.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")].filter(
      (one) => one.offsetParent,
    );
    if (!stops.length) return;
    const first = stops[0],
      last = stops[stops.length - 1];
    if (!open.contains(document.activeElement)) {
      first.focus();
      event.preventDefault();
    } else if (event.shiftKey && document.activeElement === first) {
      last.focus();
      event.preventDefault();
    } else if (!event.shiftKey && document.activeElement === last) {
      first.focus();
      event.preventDefault();
    }
  });

  function givenBack() {
    const open = box();
    if (!opener || (open && open.offsetParent)) return;
    const again = opener.isConnected
      ? opener
      : document.querySelector(`[href="${CSS.escape(opener.getAttribute("href") || "")}"]`);
    opener = null;
    if (again) again.focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") window.setTimeout(givenBack, 80);
  });
  document.addEventListener("click", (event) => {
    if (opener && !event.target.closest("[hx-target='#modal-content']")) window.setTimeout(givenBack, 80);
  });

  document.addEventListener("htmx:afterSettle", () => {
    const first = document.querySelector("#modal-content #dialog [autofocus], #modal-content #dialog button");
    if (first) window.setTimeout(() => first.focus(), 60);
  });

  /* A list clips what hangs out of it, so its menus stand fixed where their button is. */
  document.addEventListener(
    "toggle",
    (event) => {
      const more = event.target;
      if (!(more instanceof HTMLDetailsElement) || !more.matches(".xd-more") || !more.open) return;
      const menu = more.querySelector(".xd-menu"),
        at = more.getBoundingClientRect();
      const below = window.innerHeight - at.bottom > menu.offsetHeight + 16;
      menu.style.position = "fixed";
      menu.style.left = Math.max(8, at.right - menu.offsetWidth) + "px";
      menu.style.top = (below ? at.bottom + 4 : Math.max(8, at.top - menu.offsetHeight - 4)) + "px";
    },
    true,
  );
  document.addEventListener(
    "scroll",
    () => {
      for (const more of document.querySelectorAll("details.xd-more[open]")) more.open = false;
    },
    true,
  );

  /* Two areas that scroll would have one name, which tells nobody where they are. */
  function nameAreas() {
    const title = document.querySelector("h1");
    for (const area of document.querySelectorAll("#content .simplebar-content-wrapper")) {
      if (title) area.setAttribute("aria-label", title.textContent.trim().replace(/\s+/g, " "));
    }
  }
  window.addEventListener("load", nameAreas);
  document.addEventListener("xd-placed", () => window.setTimeout(nameAreas, 0)); // a list that was read anew is made at once

  /* The box of a choice by typing takes its name from what is chosen, which at first is nothing. It is made at load, too. */
  function nameBoxes() {
    for (const box of document.querySelectorAll(".select2-selection")) {
      const field = box.closest(".select2-container").previousElementSibling;
      const label = field && document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
      if (!label) continue;
      for (const part of [box, box.querySelector("[role=textbox]")])
        if (part) part.setAttribute("aria-label", label.textContent.trim());
    }
  }
  window.addEventListener("load", () => window.setTimeout(nameBoxes, 0));

  async function open(button) {
    const row = button.closest("tr"),
      body = row.parentElement;
    const shown = body.querySelector(".xd-summary-row");
    button.setAttribute("aria-expanded", String(!shown));
    if (shown) {
      shown.remove();
      return;
    }
    const answer = await fetch(button.dataset.summary, { credentials: "same-origin" });
    if (!answer.ok) return;
    const line = document.createElement("tr"),
      cell = document.createElement("td");
    line.className = "xd-summary-row";
    cell.colSpan = row.cells.length;
    cell.append(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
    line.append(cell);
    row.after(line);
  }
  document.addEventListener("click", async (event) => {
    const copied = event.target.closest("[data-copy]");
    if (!copied) return;
    try {
      await navigator.clipboard.writeText(copied.dataset.copy);
      copied.lastElementChild.textContent = copied.dataset.copied;
    } catch (error) {
      /* the words stand beside it */
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-summary]");
    if (button) {
      event.preventDefault();
      open(button);
    }
    for (const more of document.querySelectorAll("details.xd-more[open]"))
      if (!more.contains(event.target)) more.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const more of document.querySelectorAll("details.xd-more[open]")) {
      more.open = false;
      more.querySelector("summary").focus();
    }
  });
})();
