// Approval: a form that needs one asks for it when it is sent, and goes on by itself once it is given. The grant stands
// in a hidden field of that form, and is thrown away when it is too old; the server decides in any case.
const ends = new WeakMap();
const pressed = new WeakMap();

const dialog = (part) => part.querySelector("dialog");
const field = (part) => part.querySelector("[data-grant]");

function show(part, name) {
  part.querySelector("[data-approver]").textContent = name;
  part.querySelector("[data-approved]").hidden = false;
  part.querySelector("[data-over]").hidden = true;
}

function forget(part) {
  field(part).value = "";
  part.querySelector("[data-approved]").hidden = true;
  part.querySelector("[data-over]").hidden = false;
}

function ask(part, submitter) {
  pressed.set(part, submitter);
  const open = dialog(part);
  if (!open.open) open.showModal();
  // What is missing is typed next; a browser that does not know `autofocus` in a dialog is helped.
  const fields = [...open.querySelectorAll("[data-pad-input]")];
  (fields.find((one) => !one.value) || fields[0])?.focus();
}

// Before every other listener: a form that has to wait for a grant must not look busy.
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-approval-form]")) return missing(event);
  const parts = [...document.querySelectorAll("[data-approval]")].filter((one) => one.dataset.form === form.id);
  const part = parts.find((one) => !field(one).value);
  if (!part) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(part, event.submitter);
}, { capture: true });

// What is missing is asked for where it is missing, before anything is sent.
function missing(event) {
  const empty = [...event.target.querySelectorAll("[data-pad-input]")].find((one) => !one.value);
  if (!empty) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  empty.focus();
}

document.addEventListener("till:approved", (event) => {
  const part = event.target.closest("[data-approval]");
  if (!part) return;
  const { approval, name, lasts_ms: lastsMs } = event.detail;
  field(part).value = approval;
  clearTimeout(ends.get(part));
  ends.set(part, setTimeout(() => forget(part), lastsMs));
  show(part, name);
  dialog(part).close();
  const submitter = pressed.get(part);
  field(part).form?.requestSubmit(submitter?.isConnected ? submitter : undefined);
});

// A dialog that is closed keeps no PIN.
document.addEventListener("close", (event) => {
  if (!event.target.matches?.("[data-approval] dialog")) return;
  event.target.querySelector("form").reset();
  for (const pin of event.target.querySelectorAll("[type='password']")) pin.value = "";
}, { capture: true });
