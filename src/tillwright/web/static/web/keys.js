// Keyboard: every action has a key. An element with data-key="F2" is pressed by that key, data-primary by Enter,
// data-escape by Escape. Keys are shown on the buttons from the first key until the next touch.
const root = document.documentElement;

const visible = (element) => element.checkVisibility ? element.checkVisibility() : element.offsetParent !== null;

// An open dialog hides what lies under it from the keyboard too.
const scope = () => document.querySelector("dialog[open]") || document;

const find = (selector) => [...scope().querySelectorAll(selector)].find((one) => visible(one) && !one.disabled);

function name(event) {
  const prefix = (event.ctrlKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "");
  return prefix + (event.key.length === 1 ? event.key.toUpperCase() : event.key);
}

const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

function wanted(event) {
  const own = name(event);
  if (event.key === "Enter") {
    // Enter on something that is itself a press means that press; in a form the browser sends the form.
    return event.target.closest("button, a, summary, textarea, form, dialog") ? null : find("[data-primary]");
  }
  if (event.key === "Escape") return find("[data-escape]");
  if (own.length === 1 && typing(event.target)) return null;
  return [...scope().querySelectorAll("[data-key]")].find((one) => one.dataset.key === own && visible(one) && !one.disabled);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.metaKey) return;
  if (event.isTrusted) root.dataset.keys = "";
  const target = wanted(event);
  if (!target) return;
  event.preventDefault();
  target.click();
});

document.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "mouse") delete root.dataset.keys;
}, { passive: true });
