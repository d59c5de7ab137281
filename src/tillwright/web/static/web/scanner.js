// Scanner: a wedge scanner types a code faster than any person and ends it with Enter, whatever has the focus.
// Such a burst becomes the event `till:scan`; what it typed into a field by the way is taken out again.
// The pace is that of the whole code, so that one hiccup of a busy machine does not cut a code in two.
const PAUSE_MS = 150;
const FASTEST_PERSON_MS = 50;
const SHORTEST = 6;

let text = "";
let first = 0;
let last = 0;
let field = null;
let before = "";

const editable = (element) => element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

function begin(event) {
  text = "";
  first = event.timeStamp;
  field = editable(event.target) ? event.target : null;
  before = field ? field.value : "";
}

function isScan(event) {
  const pace = (event.timeStamp - first) / text.length;
  return text.length >= SHORTEST && pace < FASTEST_PERSON_MS && event.timeStamp - last < PAUSE_MS;
}

function done(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  if (field) {
    field.value = before;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.dispatchEvent(new CustomEvent("till:scan", { detail: { code: text } }));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "Enter") {
    if (isScan(event)) done(event);
    text = "";
    return;
  }
  if (event.key.length !== 1) return;
  if (!text || event.timeStamp - last >= PAUSE_MS) begin(event);
  text += event.key;
  last = event.timeStamp;
}, { capture: true });

// A page that takes scans names a form: the code goes into its data-scan-field, and the form is sent.
document.addEventListener("till:scan", (event) => {
  const form = document.querySelector("form[data-scan]");
  if (!form) return;
  form.querySelector("[data-scan-field]").value = event.detail.code;
  document.dispatchEvent(new CustomEvent("till:sound", { detail: { name: "scan" } }));
  form.requestSubmit();
});
