// The check before a shift: while anybody is still being asked, and whenever something of the till has changed, the part
// is fetched anew. A countdown that runs stays as it is.
const POLL_MS = 1500;
const part = () => document.querySelector("[data-check]");

async function fetchNow() {
  const now = part();
  if (now.querySelector("[aria-busy='true']")) return;
  const answer = await fetch(now.dataset.check, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return;
  const holder = document.createElement("div");
  holder.innerHTML = await answer.text();
  const fresh = holder.querySelector("[data-check]");
  const words = (one) => one.querySelector(".checks").textContent.replace(/\s+/g, " ");
  if (words(fresh) === words(now)) return;
  if (fresh.querySelector("[data-wait-ms]") || now.querySelector("[data-wait-ms]")) { location.reload(); return; }
  now.querySelector(".checks").replaceWith(fresh.querySelector(".checks"));
  now.querySelector(".actions").replaceWith(fresh.querySelector(".actions"));
  window.htmx?.process(now);
}

if (part()) {
  setInterval(() => { if (!document.hidden && part().querySelector(".check-asking")) fetchNow(); }, POLL_MS);
  document.addEventListener("htmx:sseOpen", (event) => event.detail.source?.addEventListener("tick", fetchNow));
}
