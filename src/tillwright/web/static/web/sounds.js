// Sounds: three, each unlike the others, made here and mutable. A page asks with the event `till:sound` {name}; the
// server with the header HX-Trigger.
const KEY = "sounds-muted";
const TONES = {
  scan: [[1320, 0, 0.06]],
  done: [[660, 0, 0.09], [990, 0.1, 0.16]],
  red: [[220, 0, 0.22], [185, 0.26, 0.34]],
};

let context = null;

const muted = () => localStorage.getItem(KEY) === "1";

function play(name) {
  const tones = TONES[name];
  if (!tones || muted()) return;
  context ||= new AudioContext();
  if (context.state === "suspended") context.resume();
  for (const [frequency, after, length] of tones) tone(frequency, context.currentTime + after, length);
}

function tone(frequency, at, length) {
  const wave = context.createOscillator();
  const level = context.createGain();
  wave.type = "sine";
  wave.frequency.value = frequency;
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(0.2, at + 0.008);
  level.gain.exponentialRampToValueAtTime(0.001, at + length);
  wave.connect(level).connect(context.destination);
  wave.start(at);
  wave.stop(at + length);
}

function show() {
  for (const button of document.querySelectorAll("[data-mute]")) {
    button.setAttribute("aria-pressed", String(!muted()));
    button.querySelector("[data-mute-word]").textContent = muted() ? button.dataset.off : button.dataset.on;
  }
}

document.addEventListener("till:sound", (event) => play(event.detail.name));
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-mute]")) return;
  localStorage.setItem(KEY, muted() ? "0" : "1");
  show();
  play("scan");
});
show();
