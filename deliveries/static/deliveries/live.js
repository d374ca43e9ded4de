/* Asks again for what changes by itself (data-live, data-every in seconds) and puts the parts of the answer (data-part)
   where they stand; rests while the tab is hidden, says when the line is dead, goes where the answer leads (data-go), and ends when it says so. */
(function () {
  "use strict";
  const LOST_AFTER = 3;

  function source() {
    return document.querySelector("[data-live]");
  }

  function busy(part) {
    return (
      part.querySelector("details[open], .htmx-request") || // a question is on its way: its link opens the dialog
      (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea"))
    );
  }

  function place(fresh) {
    const old = document.getElementById(fresh.id);
    if (!old || busy(old) || old.outerHTML === fresh.outerHTML) return;
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    const again =
      held &&
      (held.id
        ? "#" + CSS.escape(held.id)
        : held.getAttribute("href") && `[href="${CSS.escape(held.getAttribute("href"))}"]`);
    old.replaceWith(fresh);
    if (window.htmx) window.htmx.process(fresh);
    if (again) {
      const next = fresh.querySelector(again);
      if (next) next.focus();
    }
  }

  function lost(say) {
    let line = document.getElementById("xd-lost");
    if (!say) {
      if (line) line.remove();
      return;
    }
    if (line) return;
    line = document.createElement("p");
    line.id = "xd-lost";
    line.className = "xd-lost";
    line.setAttribute("role", "status");
    const words = document.querySelector("[data-lost]");
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    line.textContent = (words ? words.dataset.lost : "").replace("{time}", time);
    document.body.append(line);
  }

  function address(part) {
    const url = new URL(part.dataset.live, location.href);
    if (part.dataset.query !== undefined) {
      for (const [name, value] of new URLSearchParams(location.search)) url.searchParams.append(name, value);
    }
    const rows = document.querySelectorAll("#result_list [data-row]");
    if (rows.length) url.searchParams.set("rows", [...rows].map((row) => row.dataset.row).join(","));
    return url;
  }

  /* The rows of a list changed: the whole list is read once and put in place, unless somebody is busy in it. Returns
     whether it is as it should be: else the next look tries again. */
  async function relist() {
    const list = document.getElementById("changelist");
    if (!list) return true;
    if (busy(list) || list.querySelector(".xd-summary-row, input.action-select:checked")) return false;
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["changelist-form", "page-footer"]) {
      const fresh = page.getElementById(id),
        old = document.getElementById(id);
      if (!fresh || !old) continue;
      old.replaceWith(fresh);
      if (window.htmx) window.htmx.process(fresh);
    }
    document.dispatchEvent(new Event("xd-placed"));
    return true;
  }

  /* It came to another state: what stands below and told of the old one is read anew, and what was said on it has passed. */
  async function follow() {
    const old = document.querySelector("[data-follows]");
    if (!old || busy(old)) return;
    if (old.dataset.follows === "reload") {
      location.reload(); // its charts are drawn as a page is loaded
      return;
    }
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(old.id);
    if (fresh) place(document.importNode(fresh, true));
    const said = document.querySelector("[data-said]");
    if (said) said.replaceChildren();
  }

  let failures = 0,
    stale = false; // whether the rows on show are no longer those of the list
  async function look() {
    const part = source();
    if (!part) return;
    if (!document.hidden) {
      try {
        const answer = await fetch(address(part), {
          headers: { "X-Requested-With": "fetch" },
          credentials: "same-origin",
        });
        if (answer.redirected) {
          location.reload();
          return;
        } // signed out: the log-in page says so
        if (!answer.ok) throw new Error(String(answer.status));
        failures = 0;
        lost(false);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const go = page.querySelector("[data-go]");
        if (go) {
          location.assign(go.dataset.go);
          return;
        }
        const state = page.querySelector("[data-state]"),
          shown = document.querySelector("[data-state]");
        const listed = document.querySelector("[data-list]")?.dataset.list; // of before: the part that tells it is replaced
        const moved = state && shown && state.dataset.state !== shown.dataset.state;
        for (const fresh of page.querySelectorAll("[data-part]")) place(document.importNode(fresh, true));
        if (moved) await follow();
        const list = page.querySelector("[data-list]");
        stale = stale || Boolean(list && listed !== undefined && list.dataset.list !== listed);
        if (stale) stale = !(await relist());
        if (page.querySelector("[data-reload]")) {
          location.reload();
          return;
        }
      } catch (error) {
        failures += 1;
        if (failures >= LOST_AFTER) lost(true);
      }
    }
    next();
  }

  function next() {
    const part = source();
    if (part)
      window.setTimeout(
        look,
        Number(part.dataset.every || 2) * 1000 * Math.min(8, 2 ** Math.max(0, failures - LOST_AFTER)),
      );
  }

  /* Counts the seconds to a start, of which the server says the moment. */
  function count() {
    for (const one of document.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Math.ceil((Date.parse(one.dataset.until) - Date.now()) / 1000));
      one.textContent = one.dataset.words.replace("{n}", left);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    window.setInterval(count, 1000);
    count();
    next();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && failures) look();
    });
  });
})();
