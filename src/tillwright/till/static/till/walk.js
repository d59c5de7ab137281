// The walk: what belongs to a choice shows when it is chosen, and the press says whether there is one.
const form = document.querySelector("[data-walk]");

const chosen = () => form.querySelector("[name=choice]:checked");

function show() {
  const name = chosen()?.value || "";
  for (const part of form.querySelectorAll("[data-for]")) {
    part.hidden = part.dataset.for !== name;
    for (const input of part.querySelectorAll("input")) input.disabled = part.hidden;
  }
  const confirms = form.querySelector("[data-confirms]");
  if (confirms) confirms.hidden = !name;
  const press = form.querySelector("[data-confirm]");
  const word = press?.querySelector("[data-word]");
  if (!word || press.getAttribute("aria-busy") === "true") return;
  press.disabled = !name;
  word.textContent = name ? word.dataset.ready : word.dataset.first;
}

function first() {
  // What is missing is typed next; else the press is under the finger.
  const empty = [...form.querySelectorAll("[data-for]:not([hidden]) input, [data-needed]")].find((one) => !one.value);
  const reason = form.querySelector("[name=reason]:checked") || form.querySelector("[name=reason]");
  const next = empty || (form.querySelector("[name=reason]:checked") ? form.querySelector("[data-confirm]") : reason);
  next?.focus({ preventScroll: true });
}

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.name !== "choice") return;
    show();
    // What has to be typed comes into sight first; else what will happen.
    const fields = form.querySelector(".says-fields:not([hidden])");
    if (fields) event.target.closest(".says-one").scrollIntoView({ block: "start" });
    else form.querySelector("[data-confirms]")?.scrollIntoView({ block: "nearest" });
    if (document.documentElement.dataset.keys === undefined) return;
    first();
  });
  // Steps that were fetched before something was chosen or typed would take it back; they are fetched again soon.
  const typed = () => new URLSearchParams(new FormData(form)).toString();
  document.addEventListener("htmx:beforeRequest", (event) => { event.detail.xhr.typed = typed(); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, target, xhr } = event.detail;
    if (target.id === "walk" && requestConfig.verb === "get" && xhr.typed !== typed()) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "walk") show(); });
  show();
}
