// Live: the stream of the strip. The server ends it every half minute and the browser comes back by itself; only if it
// does not come back soon is that said, in words, because then what stands on the strip may be old.
const PATIENCE_MS = 3000;

const strip = document.querySelector("[data-live]");
let waiting = 0;

if (strip) {
  strip.addEventListener("htmx:sseError", () => {
    waiting ||= setTimeout(() => { strip.dataset.lost = ""; }, PATIENCE_MS);
  });
  strip.addEventListener("htmx:sseOpen", () => {
    clearTimeout(waiting);
    waiting = 0;
    delete strip.dataset.lost;
  });
  // The session is over: the page asks for itself, and the server says why. Nothing that was begun is lost by it.
  strip.addEventListener("htmx:sseOpen", (event) => {
    event.detail.source.addEventListener("ended", () => location.replace(location.pathname + location.search));
  });
}
