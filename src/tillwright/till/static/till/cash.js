// Cash in and out: notes add up in the field, and the press says the sum.
import { moneyOf } from "./money.js";

const form = document.querySelector("[data-cash]");

if (form) {
  const { minor, plain, written } = moneyOf(form);
  const amount = form.elements.amount;
  const word = form.querySelector("[data-primary] [data-word]");

  const show = () => {
    const sum = minor(amount.value);
    amount.setAttribute("aria-invalid", String(Boolean(amount.value) && !(sum > 0)));
    if (word && word.closest("button").getAttribute("aria-busy") !== "true") {
      word.textContent = sum > 0 ? `${word.dataset.plain} ${written(sum)}` : word.dataset.plain;
    }
  };

  amount.addEventListener("input", show);
  form.addEventListener("click", (event) => {
    const note = event.target.closest("[data-note]");
    if (!note) return;
    amount.value = plain((minor(amount.value) || 0) + Number(note.dataset.note));
    show();
    amount.focus({ preventScroll: true });
  });
  show();
}
