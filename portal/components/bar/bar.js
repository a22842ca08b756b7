// The top bar, on every view: name, search, places. It also turns a click on any link of the portal into one
// navigation inside the page, so that links stay links (to open in a tab, to copy) and yet do not reload it.
const bars = new WeakMap();

function follower(go) {
  return (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.composedPath().find((n) => n instanceof HTMLAnchorElement && n.href);
    if (!link || link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || url.pathname !== location.pathname || url.hash) return;
    event.preventDefault();
    go(url.search);
  };
}

// Back, Forward and Reload return to where each address was left. What scrolls is Streamlit's pane, of which browsers
// keep nothing, and its content comes in pieces; so the place is aimed at until it is there, or somebody scrolls.
function scrollMemory(signal) {
  const storage = (does) => { try { return does(sessionStorage); } catch { return null; } }; // where it is forbidden
  const options = { signal, passive: true };
  let seen = ["", 0], timer = 0;
  const keep = () => storage((kept) => kept.setItem(`scroll ${seen[0]}`, seen[1]));
  const stop = () => clearInterval(timer);
  const restore = () => {
    stop();
    const top = Number(storage((kept) => kept.getItem(`scroll ${location.search}`)));
    let tries = 60, held = 0;
    const aim = () => {
      held = Math.abs(pane().scrollTop - top) < 2 ? held + 1 : 0;
      pane().scrollTop = top;
      if (held > 10 || !--tries) stop();
    };
    if (top) timer = setInterval(aim, 50);
  };
  pane().addEventListener("scroll", () => { seen = [location.search, pane().scrollTop]; }, options);
  addEventListener("popstate", () => { keep(); restore(); }, options);
  addEventListener("pagehide", keep, options);
  for (const name of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(name, stop, options);
  if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") restore();
  return () => { stop(); keep(); };
}

function mount(parent) {
  const root = parent.querySelector(".bar-root");
  const input = el("input", { type: "search", name: "q", autocomplete: "off", spellcheck: "false", dir: "auto", maxlength: 1000, enterkeyhint: "search" });
  const clear = el("button", { type: "button", class: "icon", "aria-label": "Clear the search", onclick: () => { input.value = ""; input.focus(); clear.hidden = true; } }, icon("cross", 12));
  const form = el("form", { class: "q", role: "search" }, input, clear, el("button", { class: "icon", "aria-label": "Search" }, icon("search", 16)));
  const places = el("nav", { "aria-label": "Places" });
  root.append(el("header", { class: "bar" }, el("a", { class: "brand", href: "/" }, "Onrecord"), form, places));
  const state = { input, clear, places, box: { keeps: [] }, shown: null, trigger: () => {} };
  const go = (search) => { leave(); state.trigger("go", search); };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = [...state.box.keeps, ["q", input.value.trim()]].filter(([, value]) => value);
    go(asked.length ? `?${new URLSearchParams(asked)}` : "");
    input.blur();
  });
  input.addEventListener("input", () => { clear.hidden = !input.value; });
  const off = new AbortController();
  const leave = scrollMemory(off.signal);
  // what sticks below the bar has to know how tall it is
  const height = new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${root.offsetHeight}px`));
  height.observe(root);
  document.addEventListener("click", follower(go), { signal: off.signal });
  document.addEventListener("keydown", (event) => {
    if (keyFor(event) === "/") { event.preventDefault(); input.focus(); input.select(); }
  }, { signal: off.signal });
  state.off = () => { off.abort(); height.disconnect(); };
  return state;
}

// What was typed into the bar that came with the page moves into the one that takes its place.
function takeOver({ input, clear }) {
  const cold = document.querySelector(".cold");
  const typed = cold?.querySelector("input");
  if (typed && typed.value !== typed.defaultValue) { input.value = typed.value; clear.hidden = !typed.value; }
  if (typed && document.activeElement === typed) { input.focus(); input.setSelectionRange(typed.selectionStart, typed.selectionEnd); }
  cold?.remove();
}

export default function ({ parentElement, data, setTriggerValue }) {
  const state = bars.get(parentElement) ?? mount(parentElement);
  bars.set(parentElement, state);
  state.trigger = setTriggerValue;
  const text = parse(data);
  if (text !== state.shown) {
    state.shown = text;
    const { q, box, places } = JSON.parse(text);
    state.box = box;
    state.input.value = q;
    state.input.placeholder = state.input.ariaLabel = box.label;
    state.clear.hidden = !q;
    state.places.replaceChildren(...places.map((p) => el("a", { href: p.href, "aria-current": p.here ? "page" : null }, p.label)));
  }
  takeOver(state);
  return () => { state.off(); bars.delete(parentElement); };
}
