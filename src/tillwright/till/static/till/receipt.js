// Printing: the page that answers 'Print' opens the browser's own print, once.
if (document.querySelector("[data-print-now]")) {
  window.addEventListener("load", () => window.print(), { once: true });
}
