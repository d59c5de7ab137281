// The sign-in page: what is missing is asked for where it is missing, before anything is sent.
const form = document.querySelector("[data-sign-in]");

function missing() {
  const tills = [...form.querySelectorAll("input[name='till']")];
  if (tills.length && !tills.some((one) => one.checked)) {
    form.querySelector("[data-till-help]").hidden = false;
    return tills[0];
  }
  return [...form.querySelectorAll("[data-pad-input]")].find((one) => !one.value);
}

// Before every other listener: a form that is not sent must not look busy.
window.addEventListener("submit", (event) => {
  const field = event.target === form && missing();
  if (!field) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  field.focus();
}, { capture: true });

// Choosing the till goes on to what is typed next.
form.addEventListener("change", (event) => {
  if (event.target.name !== "till") return;
  const help = form.querySelector("[data-till-help]");
  if (help) help.hidden = true;
  if (event.target.matches(":focus-visible") && document.documentElement.hasAttribute("data-keys")) return;
  missing()?.focus();
});
