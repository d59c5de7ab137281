// Taking back: what of each line comes back, and what that is worth. The server works it out again; this only shows it
// before the press.
import { moneyOf } from "./money.js";

const form = document.querySelector("[data-refund]");

if (form) {
  const rows = [...form.querySelectorAll("[data-line]")].filter((row) => row.querySelector("[data-quantity]"));
  const presses = document.querySelectorAll("[data-needs]");
  const word = document.querySelector(".actions [data-primary] [data-word]");
  const { written } = moneyOf(form);

  const milli = (text) => {
    const found = /^(\d{1,6})(?:[.,](\d{0,3}))?$/.exec(text.trim() || "0");
    return found ? Number(found[1]) * 1000 + Number((found[2] || "").padEnd(3, "0")) : NaN;
  };
  const plain = (amount) => String(amount / 1000);
  const worth = (row, amount) => {
    const [left, minor] = [Number(row.dataset.left), Number(row.dataset.worth)];
    return amount >= left ? minor : Math.floor((2 * minor * amount + left) / (2 * left));
  };

  const show = () => {
    let sum = 0;
    let wrong = false;
    for (const row of rows) {
      const field = row.querySelector("[data-quantity]");
      const amount = milli(field.value);
      const bad = !(amount >= 0 && amount <= Number(row.dataset.left));
      const minor = bad ? 0 : worth(row, amount);
      field.setAttribute("aria-invalid", String(bad));
      row.querySelector("[data-sum]").textContent = amount && !bad ? written(minor) : "";
      row.classList.toggle("is-chosen", Boolean(amount) && !bad);
      wrong ||= bad;
      sum += minor;
    }
    for (const press of presses) press.setAttribute("aria-disabled", String(wrong || !sum));
    if (word) word.textContent = sum ? `${word.dataset.plain} ${written(sum)}` : word.dataset.plain;
  };
  const set = (row, amount) => {
    const left = Number(row.dataset.left);
    row.querySelector("[data-quantity]").value = plain(Math.max(0, Math.min(left, amount)));
    show();
  };
  const step = (row, by) => {
    const left = Number(row.dataset.left);
    const now = milli(row.querySelector("[data-quantity]").value) || 0;
    const one = left % 1000 ? left : 1000; // what was weighed comes back as it was weighed
    set(row, now + by * one);
  };

  form.addEventListener("click", (event) => {
    const press = event.target.closest("[data-step]");
    if (press) step(press.closest("[data-line]"), Number(press.dataset.step));
  });
  form.addEventListener("input", show);
  document.querySelector("[data-all]")?.addEventListener("click", () => {
    const all = rows.every((row) => milli(row.querySelector("[data-quantity]").value) === Number(row.dataset.left));
    for (const row of rows) set(row, all ? 0 : Number(row.dataset.left));
  });
  document.querySelector("[data-go-exchange]")?.addEventListener("click", (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") === "true" || !form.reportValidity()) return;
    form.action = form.dataset.exchange; // an exchange is approved when it is paid, not here
    form.submit();
  });
  window.addEventListener("submit", (event) => {
    if (event.target !== form || event.submitter?.getAttribute("aria-disabled") !== "true") return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
  document.addEventListener("till:scan", async (event) => {
    const answer = await fetch(`${form.dataset.scanned}?code=${encodeURIComponent(event.detail.code)}`);
    const { line } = answer.ok ? await answer.json() : { line: 0 };
    const row = rows.find((one) => Number(one.dataset.line) === line);
    if (!row) return;
    document.dispatchEvent(new CustomEvent("till:sound", { detail: { name: "scan" } }));
    step(row, 1);
    row.scrollIntoView({ block: "nearest" });
  });
  show();
}
