// Printing: the page that answers 'Print' opens the browser's own print, once.
if (document.querySelector("[data-print-now]")) {
  window.addEventListener("load", () => window.print(), { once: true });
}

// What is stored nowhere is printed from the page itself.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
