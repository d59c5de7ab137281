// Following: a part of a page with data-follow-part is fetched anew whenever something of the till has changed, and
// every two seconds without the stream. What somebody has opened or has the focus on stays so.
const POLL_MS = 2000;

function show(part, html) {
  const opened = [...part.querySelectorAll("details")].map((one) => one.open);
  const id = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.innerHTML = html;
  window.htmx?.process(part);
  part.querySelectorAll("details").forEach((one, index) => { one.open = Boolean(opened[index]); });
  if (id) document.getElementById(id)?.focus();
  begin(part);
}

async function fetchNow(part) {
  if (part.asking || part.querySelector("[aria-busy='true']")) return;
  part.asking = true;
  const old = document.querySelector("[data-old]");
  try {
    const mark = part.querySelector("[data-mark]")?.dataset.mark || "";
    const answer = await fetch(`${part.dataset.followPart}?seen=${encodeURIComponent(mark)}`, { headers: { "HX-Request": "true" } });
    if (answer.headers.get("HX-Redirect")) location.reload();
    else if (answer.status === 200) show(part, await answer.text());
    if (old) old.hidden = answer.ok;
  } catch {
    if (old) old.hidden = false;
  }
  part.asking = false;
}

// How long a step took, from when it was first shown; a page that was loaded anew goes on counting.
const key = (form) => `step ${form.dataset.timed}`;

function begin(root) {
  for (const form of root.querySelectorAll("[data-timed]")) {
    if (!sessionStorage.getItem(key(form))) sessionStorage.setItem(key(form), String(Date.now()));
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-timed]");
  const took = form?.querySelector("[name=took_ms]");
  if (!form) return;
  if (took) took.value = String(Math.max(1, Date.now() - Number(sessionStorage.getItem(key(form)) || Date.now())));
  sessionStorage.removeItem(key(form));
}, { capture: true });

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

const parts = [...document.querySelectorAll("[data-follow-part]")];
const all = () => parts.forEach((part) => fetchNow(part));

if (parts.length) {
  document.addEventListener("htmx:sseOpen", (event) => {
    const source = event.detail.source;
    if (!source || source.faultsFollowed) return;
    source.faultsFollowed = true;
    source.addEventListener("tick", all);
  });
  setInterval(() => { if (!document.hidden) all(); }, POLL_MS);
}
begin(document);

// A chart that is broader than its frame begins in the middle, where its first step is.
for (const frame of document.querySelectorAll(".flow-card")) {
  frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
}

// The editor: a problem leads to its line in the text.
document.addEventListener("click", (event) => {
  const line = Number(event.target.closest("[data-line]")?.dataset.line);
  const text = document.querySelector(".edit-text");
  if (!line || !text) return;
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] || "").length);
  text.scrollTop = (line - 4) * (text.scrollHeight / lines.length);
});

// The search: Enter searches, as it does everywhere; a new line is Shift and Enter.
document.querySelector("#said")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
