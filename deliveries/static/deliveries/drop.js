/* Files that are dropped on a form (data-drop) go to its field of the XML and to that of the files beside it. */
(function () {
  "use strict";

  function give(field, files) {
    const held = new DataTransfer();
    for (const file of files) held.items.add(file);
    field.files = held.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function zone(event) {
    return event.target instanceof Element ? event.target.closest("[data-drop]") : null;
  }

  /* The look's own script writes a chosen file's name into the text field that it finds near, in any form: its own
     widget has one, our plain fields have none, and a title must not be written over. */
  function plain() {
    for (const field of document.querySelectorAll("input[type=file]")) {
      if (!field.parentElement.classList.contains("opacity-0")) field.hasChangeListener = true;
    }
  }
  document.addEventListener("DOMContentLoaded", plain);
  document.addEventListener("htmx:afterSettle", plain);

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
    const xml = over.querySelector("[name=xml]"),
      beside = over.querySelector("[name=beside]");
    if (files.some(isXml)) give(xml, files.filter(isXml).slice(0, 1));
    const others = files.filter((file) => !isXml(file));
    if (others.length) give(beside, others);
  });
})();
