/* The Print button of reports: the browser's own dialog. */
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
