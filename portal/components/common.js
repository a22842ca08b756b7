// Shared by the components and put in front of each. Text reaches the page as text only: `el` makes no markup.
const decoder = new TextDecoder();
const parse = (bytes) => decoder.decode(bytes);

// Bidi overrides and isolates could make a line read as what it is not, so they are shown, not obeyed.
const visible = (text) =>
  String(text).replace(/[\u202A-\u202E\u2066-\u2069]/g, (c) => `␣U+${c.charCodeAt(0).toString(16).toUpperCase()}`);

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "href" && !/^(\/(?!\/)|https?:\/\/)/.test(value)) continue;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined).map((c) => (c instanceof Node ? c : visible(c))));
  return node;
}

const SHAPES = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z",
  search: "M6.5 1a5.5 5.5 0 0 1 4.4 8.8l3.9 3.9-1.1 1.1-3.9-3.9A5.5 5.5 0 1 1 6.5 1m0 1.6a3.9 3.9 0 1 0 0 7.8 3.9 3.9 0 0 0 0-7.8",
  cross: "M3.2 2 8 6.8 12.8 2 14 3.2 9.2 8l4.8 4.8-1.2 1.2L8 9.2 3.2 14 2 12.8 6.8 8 2 3.2z",
};
function icon(name, size = 12) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [k, v] of Object.entries({ viewBox: "0 0 16 16", width: size, height: size, "aria-hidden": "true" })) svg.setAttribute(k, v);
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

// Which way a text runs, by its first letter: what surrounds the text follows it.
const direction = (text) => (/^[^\p{L}]*[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/u.test(text) ? "rtl" : "ltr");

// Words in the quotation marks of their script, as `phrases.quotation` puts them.
const quotation = (text) => (direction(text) === "rtl" ? `«${text}»` : `“${text}”`);

const clock = (seconds) => {
  const s = Math.max(0, Math.floor(seconds || 0)), pad = (n) => String(n).padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}` : `${Math.floor(s / 60)}:${pad(s % 60)}`;
};
// From when to when, as `phrases.span` says it; what lies within a second has one time.
const times = (start, end) => (clock(start) === clock(end) ? clock(start) : `${clock(start)} to ${clock(end)}`);

const pane = () => document.querySelector("[data-testid=stMain]") ?? document.scrollingElement;
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const reveal = (node) => node.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });

// A key belongs to the page only when nobody is writing and no control would take it.
function keyFor(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return "";
  const on = event.composedPath()[0];
  if (on instanceof Element && on.closest("input:not([type=range]),textarea,select,[contenteditable],dialog[open]")) return "";
  if (event.key === " " && on instanceof Element && on.closest("button,a,summary,[role=button]")) return "";
  return event.key;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no clipboard outside https and localhost: the old way still works there
    const area = el("textarea", { style: "position:fixed;opacity:0" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

// Keeps what a server makes on demand as a file, under the name that the server gives it; throws why it cannot.
async function save(url) {
  const answer = await fetch(url);
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error([problem.detail ?? `the server answered ${answer.status}`, problem.mend].filter(Boolean).join("; "));
  }
  const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition"))?.[1] ?? "";
  const link = el("a", { download: name, hidden: true });
  link.href = URL.createObjectURL(await answer.blob());
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // a browser may begin to read it only later
}

function toaster(root) {
  const box = el("div", { class: "toast", role: "status", "aria-live": "polite", hidden: true });
  root.append(box);
  let timer;
  return (text, ms = 2200) => {
    box.textContent = text;
    box.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => { box.hidden = true; box.textContent = ""; }, ms);
  };
}

function keysDialog(root, keys) {
  const list = el("dl");
  for (const [key, what] of keys) list.append(el("dt", {}, el("kbd", {}, key)), el("dd", {}, what));
  const dialog = el("dialog", { class: "keys", "aria-label": "Keys" }, el("h2", { class: "title" }, "Keys"), list,
    el("button", { class: "plain", type: "button", onclick: () => dialog.close() }, "Close"));
  root.append(dialog);
  return () => (dialog.open ? dialog.close() : dialog.showModal());
}

// The scrubber is a real slider, so that it works by keyboard and is read out as one. It runs left to right
// in every language, as clocks and timelines do.
function scrubber(label, seek) {
  const slider = el("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0, "aria-label": label, dir: "ltr" });
  const box = el("div", { class: "scrub" }, slider);
  slider.addEventListener("input", () => seek(Number(slider.value)));
  const show = (now, duration) => {
    slider.max = duration || 1;
    slider.value = now;
    slider.setAttribute("aria-valuetext", `${clock(now)} of ${clock(duration)}`);
    slider.style.setProperty("--at", `${(100 * now) / (duration || 1)}%`);
  };
  return { box, show };
}

// Media that plays from a time to a time. `paint` runs on every frame while it sounds, and on every change; `say` tells
// people that it cannot.
function player(media, paint, say) {
  let asked = [0, Infinity], stop = Infinity, rest = null, frame = 0; // `rest`: the end of what was asked for, while it stands there
  const tick = () => {
    cancelAnimationFrame(frame);
    if (media.currentTime >= stop && !media.paused) { rest = stop; stop = Infinity; media.pause(); }
    paint();
    if (!media.paused && !media.ended) frame = requestAnimationFrame(tick);
  };
  for (const name of ["play", "pause", "seeked", "timeupdate", "loadedmetadata", "ended"]) media.addEventListener(name, tick);
  media.addEventListener("error", () => say("The sound did not arrive. Press Play to try again.", 6000));
  const ready = () => (media.readyState >= 1 ? Promise.resolve() : new Promise((done) => {
    for (const name of ["loadedmetadata", "error"]) media.addEventListener(name, done, { once: true });
  }));
  return {
    // resolves to false where the browser does not let a page play before somebody touched it
    async from(start, end = Infinity) {
      asked = [start, end];
      stop = end;
      rest = null;
      media.preload = "auto";
      if (media.readyState < 1 || media.error) { media.load(); await ready(); }
      media.currentTime = start;
      return media.play().then(() => true, (error) => error.name === "AbortError");
    },
    toggle() {
      if (!media.paused) media.pause();
      else if (media.error) this.from(...asked);
      else { stop = Infinity; rest = null; media.play().catch(() => {}); }
    },
    seek(time) { stop = Infinity; rest = null; media.currentTime = Math.min(Math.max(time, 0), media.duration || time); },
    rest: () => rest,
    tick,
  };
}

const indexAt = (starts, time) => { // the last word that has begun, or -1
  let low = 0, high = starts.length;
  while (low < high) { const mid = (low + high) >> 1; if (starts[mid] <= time) low = mid + 1; else high = mid; }
  return low - 1;
};
