// Following an operation: whenever something of the till has changed, the part of the page that shows it is fetched
// anew. Without the stream it is asked for every two seconds. Waiting is counted in words: the seconds from the second
// one on, what comes next from the fifth.
const POLL_MS = 2000;
const COUNT_FROM_MS = 2000;
const NEXT_FROM_MS = 5000;

const part = document.querySelector("[data-follow]");
const old = document.querySelector("[data-old]");
const now = () => part.querySelector(".operation");
const ended = () => now().hasAttribute("data-ended");

let began = performance.now();
let asking = false;
let again = false;

const sound = (name) => document.dispatchEvent(new CustomEvent("till:sound", { detail: { name } }));

function show(html) {
  const state = now().dataset.state;
  const focused = part.contains(document.activeElement);
  const opened = [...part.querySelectorAll("details")].map((row) => row.open);
  part.innerHTML = html;
  window.htmx?.process(part);
  began = performance.now();
  document.title = now().dataset.title;
  part.querySelectorAll("details").forEach((row, index) => { row.open = Boolean(opened[index]); });
  if (focused || document.activeElement === document.body) part.querySelector("[data-primary]")?.focus();
  if (now().dataset.state !== state && ["done", "red"].includes(now().dataset.state)) sound(now().dataset.state);
  count();
}

async function fetchNow() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    const answer = await fetch(`${part.dataset.follow}?version=${now().dataset.version}`, { headers: { "HX-Request": "true" } });
    if (answer.headers.get("HX-Redirect")) location.reload();
    else if (answer.status === 200) show(await answer.text());
    old.hidden = answer.ok;
  } catch {
    old.hidden = false;
  }
  asking = false;
  if (again) { again = false; fetchNow(); }
}

function count() {
  const passed = performance.now() - began;
  const waiting = part.querySelector("[data-waiting]");
  if (waiting) {
    const since = Number(waiting.dataset.waiting) + passed;
    const seconds = waiting.querySelector("[data-count]");
    seconds.hidden = since < COUNT_FROM_MS;
    seconds.textContent = spell(since);
    part.querySelector("[data-after]").hidden = since < NEXT_FROM_MS;
  }
  const question = part.querySelector("[data-left]");
  if (question) {
    question.querySelector("[data-left-s]").textContent = spell(Math.max(0, Number(question.dataset.left) - passed));
  }
}

function spell(length_ms) {
  const seconds = Math.floor(length_ms / 1000);
  const unit = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "second", unitDisplay: "short" });
  if (seconds < 100) return unit.format(seconds);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

if (part) {
  document.addEventListener("htmx:sseOpen", (event) => {
    const source = event.detail.source;
    if (!source || source.tillFollowed) return;
    source.tillFollowed = true;
    source.addEventListener("tick", fetchNow);
  });
  setInterval(() => { if (!ended() && !document.hidden) fetchNow(); }, POLL_MS);
  setInterval(count, 250);
  count();
  if (document.activeElement === document.body) part.querySelector("[data-primary]")?.focus();
  if (document.referrer.endsWith("/pay") && ended()) sound(now().dataset.state);
}
