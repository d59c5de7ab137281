// Counting the drawer: plus and minus, each row's sum and the total as they are typed. What was typed survives a reload
// of the page: it stays in this browser until the count is stored.
import { moneyOf } from "./money.js";

const form = document.querySelector("[data-count-cash]");

if (form) {
  const { written } = moneyOf(form);
  const inputs = [...form.querySelectorAll("[data-value]")];
  const keep = form.dataset.keep;

  const many = (input) => (/^\d{1,6}$/.test(input.value.trim()) ? Number(input.value) : 0);

  function show() {
    let total = 0;
    for (const input of inputs) {
      const sum = many(input) * Number(input.dataset.value);
      total += sum;
      input.setAttribute("aria-invalid", String(Boolean(input.value.trim()) && !/^\d{1,6}$/.test(input.value.trim())));
      input.closest(".piece").querySelector(".piece-sum").textContent = sum ? written(sum) : "";
    }
    form.querySelector("[data-total]").textContent = written(total);
    const typed = Object.fromEntries(inputs.filter((one) => one.value).map((one) => [one.name, one.value]));
    sessionStorage.setItem(keep, JSON.stringify(typed));
  }

  const kept = JSON.parse(sessionStorage.getItem(keep) || "{}");
  for (const input of inputs) input.value ||= kept[input.name] || "";

  form.addEventListener("input", show);
  form.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (!step) return;
    const input = step.closest(".piece").querySelector("input");
    input.value = String(Math.max(0, many(input) + Number(step.dataset.step)));
    show();
  });
  form.addEventListener("keydown", (event) => {
    // Plus, minus and the arrows do what the buttons do; Enter goes to the next row until the last.
    const step = { "+": 1, "-": -1 }[event.key];
    const at = inputs.indexOf(event.target);
    if (at < 0) return;
    if (step) {
      event.preventDefault();
      event.target.value = String(Math.max(0, many(event.target) + step));
      show();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp" || (event.key === "Enter" && at < inputs.length - 1 && event.target.value)) {
      event.preventDefault();
      const next = inputs[at + (event.key === "ArrowUp" ? -1 : 1)];
      next?.focus();
      next?.select();
    }
  });
  show();
}
