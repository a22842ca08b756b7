// The dock of a component that shows moments: it draws them and the dock, so that a click on one sounds at once,
// without a round trip.
const KEYS = [["Space", "Play or pause"], ["j", "Next moment"], ["k", "Previous moment"], ["/", "Go to the search box"], ["?", "Show or hide the keys"]];

// The words of a passage, each in a span, runs of hit words in one mark. `onword` makes words ones to click, and
// `onmark` marks, by number; where a passage has several, keys reach them too, for its button plays only the first.
function passage(row, cls, { onword, onmark }) {
  const p = el("p", { class: cls, lang: row.lang, dir: "auto" });
  let mark = null, run = -1;
  row.words.forEach(([text, start], i) => {
    const hit = row.marks.findIndex(([a, b]) => a <= i && i <= b);
    const word = onword ? el("span", { class: "w", onclick: () => onword(start) }, text) : text;
    if (hit >= 0 && hit === run) mark.append(row.join, word);
    else {
      if (i) p.append(row.join);
      if (hit >= 0) { mark = el("mark", onmark ? playable(row, hit, start, onmark) : {}, word); p.append(mark); } else p.append(word);
    }
    run = hit;
  });
  return p;
}

function playable(row, hit, start, onmark) {
  const play = { class: "hit", "data-hit": hit, title: `Play ${clock(start)}`, onclick: () => onmark(hit) };
  if (row.marks.length < 2) return play;
  const onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); onmark(hit); } };
  return { ...play, role: "button", tabindex: 0, onkeydown };
}

// A row as the dock takes it; `rec` has the duration of its recording.
const ready = (row, rec) => Object.assign(row, { rec, id: `${row.media}@${row.start}`, starts: row.words.map((w) => w[1]) });

// The page's body and the dock below it. Whoever draws the body gives every row its `node` and `button`, and calls `take`.
function docked(root) {
  const body = el("div"), toast = toaster(root), keys = keysDialog(root, KEYS);
  const media = el("video", { playsinline: true, preload: "none", tabindex: -1 });
  const state = { root, body, shown: null, rows: [], hits: [], now: null, hit: 0, media };
  const big = el("button", { class: "big", type: "button", onclick: () => track.toggle() });
  const said = el("div", { class: "said" }), time = el("span", { class: "small soft num time" });
  const open = el("a", { class: "small open" }, "Open transcript");
  const link = el("button", { class: "linkbtn small", type: "button", onclick: () => act.link(state.now, link) }, "Link");
  const slide = scrubber("Position in the recording", (t) => track.seek(t));
  const dock = el("section", { class: "dock", "aria-label": "Now playing", hidden: true }, big, media, el("div", { class: "t" }, said, slide.box), time, link, open);
  root.append(body, dock);

  let sounding = null;
  const paint = () => {
    if (!state.now) return;
    const at = media.currentTime, length = media.duration || state.now.rec.duration;
    const i = indexAt(state.now.starts, at + 0.02);
    if (i !== state.lit) {
      state.spans[state.lit]?.classList.remove("now");
      state.spans[i]?.classList.add("now");
      if (i > 0 && state.spans[i]) center(said.firstChild, state.spans[i]);
      state.lit = i;
    }
    slide.show(at, length);
    time.textContent = `${clock(at)} / ${clock(length)}`;
    if (sounding !== !media.paused) {
      sounding = !media.paused;
      big.replaceChildren(icon(sounding ? "pause" : "play", 16));
      big.ariaLabel = sounding ? "Pause" : "Play";
      mark();
    }
  };
  const track = player(media, paint, toast);
  const center = (box, word) => { box.scrollLeft += word.getBoundingClientRect().left + word.offsetWidth / 2 - box.getBoundingClientRect().left - box.clientWidth / 2; };
  const mark = () => {
    for (const row of state.rows) {
      const on = row.id === state.now?.id;
      row.node.classList.toggle("on", on);
      for (const hit of row.node.querySelectorAll(".hit")) hit.classList.toggle("at", on && Number(hit.dataset.hit) === state.hit);
      row.button.querySelector(".sign").replaceChildren(icon(on && sounding ? "pause" : "play"));
    }
  };
  const act = {
    play(row, hit = 0) {
      const same = state.now && state.now.media === row.media;
      state.now = row;
      state.hit = hit;
      if (!same) { media.src = row.media; media.hidden = !row.video; }
      const line = passage(row, "say", { onword: (t) => track.from(t, row.stop) });
      said.replaceChildren(line);
      state.spans = [...line.querySelectorAll(".w")];
      state.lit = -1;
      open.setAttribute("href", row.open);
      dock.hidden = false;
      sounding = null;
      track.from(row.words[row.marks[hit][0]][1], row.stop);
      paint();
    },
    toggle(row) { if (row.id === state.now?.id && !media.paused) media.pause(); else act.play(row); },
    step(by) {
      const i = state.hits.findIndex(([row, hit]) => row.id === state.now?.id && hit === state.hit);
      const [row, hit] = state.hits[i < 0 && by < 0 ? -1 : i + by] ?? [];
      if (!row) return;
      if (row.node.hidden) row.node.parentElement.querySelector("button.more")?.click();
      act.play(row, hit);
      reveal(row.node);
    },
    link(row, button) {
      copy(location.origin + row.link).then(() => toast("Link copied: it opens on these words and plays them."));
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Link"; }, 1600);
    },
  };
  const off = new AbortController();
  document.addEventListener("keydown", (event) => {
    const what = { " ": () => state.now && track.toggle(), j: () => act.step(1), k: () => act.step(-1), "?": keys }[keyFor(event)];
    if (what) { event.preventDefault(); what(); }
  }, { signal: off.signal });
  const take = (rows) => {
    state.rows = rows;
    state.hits = rows.flatMap((row) => row.marks.map((_, hit) => [row, hit]));
    mark();
  };
  Object.assign(state, { act, take, off: () => { off.abort(); media.pause(); media.removeAttribute("src"); media.load(); } });
  return state;
}
