// Scanner: a wedge scanner types a code faster than any person and ends it with Enter, whatever has the focus.
// Such a burst becomes the event `till:scan`; what it typed into a field by the way is taken out again.
const FASTEST_PERSON_MS = 40;
const SHORTEST = 4;

let text = "";
let last = 0;
let field = null;
let before = "";

const editable = (element) => element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

function begin(event) {
  text = "";
  field = editable(event.target) ? event.target : null;
  before = field ? field.value : "";
}

function done(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  if (field) {
    field.value = before;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const code = text;
  text = "";
  document.dispatchEvent(new CustomEvent("till:scan", { detail: { code } }));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const quick = event.timeStamp - last < FASTEST_PERSON_MS;
  last = event.timeStamp;
  if (event.key === "Enter") {
    if (quick && text.length >= SHORTEST && !document.body.hasAttribute("data-no-scan")) done(event);
    else text = "";
    return;
  }
  if (event.key.length !== 1) return;
  if (!quick) begin(event);
  text += event.key;
}, { capture: true });

// A page that takes scans names a form: the code goes into its data-scan-field, and the form is sent.
document.addEventListener("till:scan", (event) => {
  const form = document.querySelector("form[data-scan]");
  if (!form) return;
  form.querySelector("[data-scan-field]").value = event.detail.code;
  document.dispatchEvent(new CustomEvent("till:sound", { detail: { name: "scan" } }));
  form.requestSubmit();
});
