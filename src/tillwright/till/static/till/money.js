// Sums of money as the server writes them: each form carries nought in its currency and the reader's language
// (data-zero), and every other sum is that with other digits.
export function moneyOf(form) {
  const zero = form.dataset.zero;
  const nought = /0(?:[.,](0+))?/.exec(zero);
  const exponent = (nought[1] || "").length;
  const digits = { minimumFractionDigits: exponent, maximumFractionDigits: exponent };
  const number = new Intl.NumberFormat(document.documentElement.lang, digits);

  // Typed or shown without a currency, in minor units: whole numbers all the way.
  const minor = (text) => {
    const found = /^(\d{1,13})(?:[.,](\d*))?$/.exec(text.trim());
    if (!found || (found[2] || "").length > exponent) return NaN;
    return Number(found[1] + (found[2] || "").padEnd(exponent, "0"));
  };
  const parted = (amount, point) => {
    const text = String(amount).padStart(exponent + 1, "0");
    return exponent ? `${text.slice(0, -exponent)}${point}${text.slice(-exponent)}` : text;
  };
  const plain = (amount) => parted(amount, nought[0].charAt(1));
  const written = (amount) => zero.replace(nought[0], () => number.format(parted(amount, ".")));
  return { minor, plain, written };
}
