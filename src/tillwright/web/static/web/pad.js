// Numeric pad: types into the field of its form that had the focus last. The field keeps the focus, and the screen
// keyboard of the device stays away.
const last = new WeakMap();

function fields(form) {
  return [...form.querySelectorAll("[data-pad-input]")];
}

function target(form) {
  const chosen = last.get(form);
  return chosen && chosen.isConnected ? chosen : fields(form).find((one) => one === document.activeElement) || fields(form)[0];
}

function press(button) {
  const form = button.closest("form");
  const field = form && target(form);
  if (!field) return;
  if (button.dataset.digit) {
    if (field.maxLength < 0 || field.value.length < field.maxLength) field.value += button.dataset.digit;
  } else if ("back" in button.dataset) {
    field.value = field.value.slice(0, -1);
  } else {
    field.value = "";
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus({ preventScroll: true });
}

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-pad-input]")) last.set(event.target.form, event.target);
});

document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[data-pad] button")) event.preventDefault(); // the field keeps the focus
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pad] button");
  if (button) press(button);
});

// Enter in a field of a pad goes to the next empty field, and sends the form from the last.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || !event.target.matches?.("[data-pad-input]")) return;
  const empty = fields(event.target.form).find((one) => one.required && !one.value);
  if (!empty) return;
  event.preventDefault();
  empty.focus();
});

// Fields that come into the page later are quiet too.
function quieten(within) {
  if (!matchMedia("(pointer: coarse)").matches) return;
  for (const field of within.querySelectorAll("[data-pad-input]")) field.inputMode = "none";
}

quieten(document);
document.addEventListener("htmx:load", (event) => quieten(event.detail.elt.parentElement || document));
