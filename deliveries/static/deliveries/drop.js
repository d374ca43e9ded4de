/* Files that are dropped on a form (data-drop) go to its field of the XML and to that of the files beside it. */
(function () {
  "use strict";

  function give(field, files) {
    const held = new DataTransfer();
    for (const file of files) held.items.add(file);
    field.files = held.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function zone(event) { return event.target instanceof Element ? event.target.closest("[data-drop]") : null; }

  document.addEventListener("dragover", (event) => {
    const over = zone(event);
    for (const one of document.querySelectorAll("[data-drop]")) one.classList.toggle("xd-over", one === over);
    if (over) event.preventDefault();
  });
  document.addEventListener("dragleave", (event) => {
    const left = zone(event);
    if (left && !left.contains(event.relatedTarget)) left.classList.remove("xd-over");
  });
  document.addEventListener("drop", (event) => {
    const over = zone(event);
    if (!over || !event.dataTransfer.files.length) return;
    event.preventDefault();
    over.classList.remove("xd-over");
    const files = [...event.dataTransfer.files];
    const isXml = (file) => file.name.toLowerCase().endsWith(".xml");
    const xml = over.querySelector("[name=xml]"), beside = over.querySelector("[name=beside]");
    if (files.some(isXml)) give(xml, files.filter(isXml).slice(0, 1));
    const others = files.filter((file) => !isXml(file));
    if (others.length) give(beside, others);
  });
})();
