// Press: answers at once. The button says what is being asked (data-busy), and cannot be pressed twice meanwhile;
// pressing twice would do no harm, for an operation has one uid, but people should see that they were heard.
function busy(button) {
  if (!button || button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const word = button.querySelector("[data-word]");
  if (!word || !button.dataset.busy) return;
  button.dataset.word = word.textContent;
  word.textContent = button.dataset.busy;
}

function free(button) {
  if (button.dataset.word) button.querySelector("[data-word]").textContent = button.dataset.word;
  button.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter || form.querySelector("[data-primary]");
  if (button?.getAttribute("aria-busy") === "true" || button?.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  busy(button);
}, { capture: true });

document.addEventListener("htmx:beforeRequest", (event) => {
  const element = event.detail.elt;
  if (element.matches("button")) busy(element);
});

document.addEventListener("htmx:afterRequest", () => {
  for (const button of document.querySelectorAll("[aria-busy='true']")) free(button);
});

// Coming back by the browser's arrow shows the page as it was left: with nothing busy.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy='true']")) free(button);
});

// A refused press is told, and its notice shown, though the answer is no success.
document.addEventListener("htmx:beforeSwap", (event) => {
  const answer = event.detail.xhr;
  if (answer.status >= 400 && answer.getResponseHeader("HX-Retarget")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

function unreachable() {
  // What lies under an open dialog is not seen, so there it is said inside.
  const notices = document.querySelector("dialog[open]") || document.getElementById("notices");
  if (!notices || notices.querySelector("[data-unreachable]")) return;
  const notice = document.getElementById("notice-unreachable").content.firstElementChild.cloneNode(true);
  notice.dataset.unreachable = "";
  notices.append(notice);
}

document.addEventListener("htmx:sendError", unreachable);
document.addEventListener("htmx:timeout", unreachable);
document.addEventListener("htmx:afterOnLoad", () => {
  for (const notice of document.querySelectorAll("[data-unreachable]")) notice.remove();
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-close]")?.closest("[data-notice]")?.remove();
});

// A lock that runs out: the button counts down quietly and can be pressed again when it is over.
function countDown(button) {
  const word = button.querySelector("[data-word]");
  const plain = word.textContent;
  const ends = performance.now() + Number(button.dataset.waitMs);
  const show = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    if (left <= 0) {
      clearInterval(timer);
      button.removeAttribute("aria-disabled");
      word.textContent = plain;
      return;
    }
    const seconds = String(left % 60).padStart(2, "0");
    word.textContent = `${button.dataset.waitWord} ${Math.floor(left / 60)}:${seconds}`;
  };
  button.setAttribute("aria-disabled", "true");
  const timer = setInterval(show, 250);
  show();
}

for (const button of document.querySelectorAll("[data-wait-ms]")) countDown(button);
document.addEventListener("htmx:load", (event) => {
  for (const button of event.detail.elt.querySelectorAll("[data-wait-ms]:not([aria-disabled])")) countDown(button);
});

// What is missing is said in the reader's language, not in the browser's. The word is taken back before the next
// press: whether the field is filled then is looked at anew, also where a press and no key has filled it.
const missing = new Set();

document.addEventListener("invalid", (event) => {
  if (!event.target.validity.valueMissing) return;
  event.target.setCustomValidity(document.body.dataset.missing);
  missing.add(event.target);
}, { capture: true });

for (const heard of ["input", "change", "click", "keydown"]) {
  document.addEventListener(heard, () => {
    for (const field of missing) field.setCustomValidity("");
    missing.clear();
  }, { capture: true });
}
