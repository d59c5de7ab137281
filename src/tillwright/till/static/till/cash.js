// Cash in and out: notes add up in the field, and the press says the sum.
const form = document.querySelector("[data-cash]");

if (form) {
  const exponent = Number(form.dataset.exponent);
  const amount = form.elements.amount;
  const word = form.querySelector("[data-primary] [data-word]");
  const style = { style: "currency", currency: form.dataset.currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: exponent, maximumFractionDigits: exponent };
  const money = new Intl.NumberFormat(document.documentElement.lang, style);

  const minor = (text) => {
    const found = /^(\d{1,13})(?:[.,](\d*))?$/.exec(text.trim());
    if (!found || (found[2] || "").length > exponent) return NaN;
    return Number(found[1] + (found[2] || "").padEnd(exponent, "0"));
  };
  const plain = (sum) => {
    const digits = String(sum).padStart(exponent + 1, "0");
    return exponent ? `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}` : digits;
  };
  const show = () => {
    const sum = minor(amount.value);
    amount.setAttribute("aria-invalid", String(Boolean(amount.value) && !(sum > 0)));
    if (word && word.closest("button").getAttribute("aria-busy") !== "true") {
      word.textContent = sum > 0 ? `${word.dataset.plain} ${money.format(plain(sum))}` : word.dataset.plain;
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
