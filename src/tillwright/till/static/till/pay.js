// Paying: what has been received, what goes back, what is missing. The server works it all out again; this only shows
// it before the press. Sums are whole numbers of the currency's smallest unit.
import { moneyOf } from "./money.js";

const form = document.querySelector("[data-take]");

if (form?.elements.received) {
  const total = Number(form.dataset.total);
  const { minor, plain, written } = moneyOf(form);
  const received = form.elements.received;
  const button = form.querySelector("[data-take-button]");
  const line = form.querySelector(".pay-change");
  const word = form.querySelector("[data-change-word]");
  const sum = form.querySelector("[data-change-sum]");

  const show = () => {
    const empty = !received.value.trim();
    const given = empty ? total : minor(received.value);
    const short = !(given >= total);
    line.classList.toggle("is-short", short);
    word.textContent = short ? word.dataset.short : word.dataset.change;
    sum.textContent = written(Number.isNaN(given) ? total : Math.abs(given - total));
    received.setAttribute("aria-invalid", String(!empty && Number.isNaN(given)));
    if (!button) return;
    const label = button.querySelector("[data-word]");
    if (button.getAttribute("aria-busy") !== "true") {
      label.textContent = empty ? label.dataset.exact : `${label.dataset.plain} ${written(given || 0)}`;
    }
    button.setAttribute("aria-disabled", String(short));
  };

  received.addEventListener("input", show);
  received.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || !button) return;
    event.preventDefault(); // else the browser would press the first button of the form
    form.requestSubmit(button);
  });
  form.addEventListener("click", (event) => {
    const note = event.target.closest("[data-note]");
    if (!note) return;
    received.value = plain((minor(received.value) || 0) + Number(note.dataset.note));
    show();
    received.focus({ preventScroll: true });
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "sum") return;
    if (button?.getAttribute("aria-disabled") !== "true") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    received.focus();
  }, { capture: true });
  show();
}
