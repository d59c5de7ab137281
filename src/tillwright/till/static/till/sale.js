// Selling: the search field is cleared by what it found, Enter on nothing typed means Pay, and goods by weight ask how
// many kilograms first.
const sale = document.getElementById("sale");
const find = document.getElementById("find");
const dialog = document.getElementById("quantity-dialog");

// On a telephone the whole page would jump under the finger; there the total says that the press has arrived.
const bring = () => {
  if (matchMedia("(min-width: 801px)").matches) chosen()?.closest(".line").scrollIntoView({ block: "nearest" });
};

const chosen = () => document.querySelector("#basket-seen input[name='line']:checked");

function ask(name, sku) {
  const form = dialog.querySelector("form");
  const goods = form.elements.sku;
  form.reset();
  form.querySelector("[data-name]").textContent = name;
  goods.disabled = !sku;
  goods.value = sku || "";
  form.setAttribute("hx-post", sku ? form.dataset.addUrl : form.dataset.url);
  window.htmx.process(form);
  dialog.showModal();
  form.elements.quantity.focus();
}

// Taking something off: the chosen line is named, what it has already can be taken away again.
const off = document.getElementById("discount-dialog");

function openDiscount() {
  const form = off.querySelector("form");
  form.reset();
  form.querySelector("[data-line-name]").textContent = chosen().closest(".line").querySelector(".line-name").textContent;
  offered();
}

function offered() {
  const form = off.querySelector("form");
  const has = form.elements.of.value === "line" ? chosen()?.dataset.has : document.querySelector(".basket-off");
  form.querySelector("[data-take-away]").hidden = !has;
  form.querySelector("[data-quick-row]").hidden = form.elements.kind.value !== "percent";
  form.elements.value.required = !has;
}

function quick(button) {
  const form = off.querySelector("form");
  form.elements.value.value = button.dataset.quick;
  form.requestSubmit(form.querySelector("[data-primary]"));
}

function press(event) {
  const tile = event.target.closest("[data-weigh]");
  if (tile) ask(tile.dataset.weigh, tile.value);
  if (event.target.closest("[data-how-many]")) {
    ask(chosen().closest(".line").querySelector(".line-name").textContent, "");
  }
  if (event.target.closest("[data-opens='discount-dialog']")) openDiscount();
  const park = event.target.closest("[data-opens='park-dialog']");
  if (park) document.querySelector("#park-dialog [data-typed]").value = park.dataset.note;
  const share = event.target.closest("[data-quick]");
  if (share) quick(share);
}

// A letter typed while a dialog asks goes into its note, whatever has the focus.
function typed(event) {
  const note = document.querySelector("dialog[open] [data-typed]");
  if (note && event.key.length === 1 && event.key !== " " && event.target !== note) note.focus();
}

// The dialog that has asked goes the moment its answer is seen: a key pressed right after it opens the next one.
function swapped(event) {
  if (event.detail.elt.id === "basket") event.detail.requestConfig?.elt.closest("dialog")?.close();
}

// Back to the search after every press, so that typing and scanning always go on.
function settled(event) {
  if (event.detail.elt.id !== "basket") return;
  bring();
  if (document.querySelector("dialog[open]")) return;
  if (matchMedia("(pointer: fine)").matches || document.documentElement.dataset.keys !== undefined) find.focus();
}

function sent(event) {
  if (!event.detail.elt.matches("[data-find]") || !find.value) return;
  find.value = "";
  find.dispatchEvent(new Event("till:found"));
}

// What stands before the next sale goes away, or comes, without a press of ours: the basket then shows it.
function follow() {
  const basket = document.getElementById("basket");
  const red = document.querySelector(".strip .red-count") !== null;
  if (document.querySelector("dialog[open]") || (!red && !("ahead" in basket.dataset))) return;
  window.htmx.ajax("GET", `${basket.dataset.fresh}?line=${chosen()?.value ?? ""}`, { source: basket, target: "#basket", swap: "outerHTML" });
}

if (sale) {
  document.addEventListener("htmx:sseOpen", (event) => event.detail.source?.addEventListener("tick", follow));
  sale.addEventListener("click", press);
  sale.addEventListener("keydown", typed);
  off.addEventListener("change", offered);
  document.addEventListener("htmx:afterSwap", swapped);
  document.addEventListener("htmx:afterSettle", settled);
  document.addEventListener("htmx:beforeSend", sent);
  find.form.addEventListener("submit", (event) => {
    if (find.value.trim()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.querySelector("#basket [data-primary]")?.click();
  }, { capture: true });
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !find.value) return;
    find.value = "";
    find.dispatchEvent(new Event("till:found"));
  });
  bring();
}
