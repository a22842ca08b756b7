// The recording view: media, scrubber, and a transcript that follows and answers to click, keyboard and selection.
const players = new WeakMap();

const KEYS = [["Space", "Play or pause"], ["← →", "Previous or next word; in right-to-left text mirrored"], ["Shift ← →", "Select words"], ["Enter", "Play from the word"], ["j", "Next hit, or next passage"], ["k", "Previous hit, or previous passage"], ["Esc", "Drop the selection"], ["/", "Go to the search box"], ["?", "Show or hide the keys"]];
const RATES = [0.75, 1, 1.25, 1.5, 2];
const GAP = 0.02; // seconds; a word counts as begun a frame early, or a seek onto it would light the one before

const returning = (data) => (data.back ? el("a", { class: "small", href: data.back.href }, "← All moments for ", el("bdi", {}, data.back.asked), data.back.here) : null);

// That there are newer words, or not those that were asked for.
const former = (data) => (data ? el("p", { class: "badges" }, el("span", { class: "badge warn" }, data.said), data.href ? el("a", { class: "small", href: data.href }, "See the newest") : null) : null);

function head(data) {
  return el("header", { class: "top", dir: direction(data.title) },
    el("h1", { class: "name" }, data.title), data.note ? el("p", { class: "badges" }, el("span", { class: `badge ${data.note.kind}` }, data.note.label)) : null, former(data.former), el("p", { class: "meta" }, ...data.meta.flatMap((m, i) => [i ? " · " : null, m.href ? el("a", { href: m.href }, el("bdi", {}, m.label)) : el("bdi", {}, m.label)])));
}

function side(data) {
  return el("aside", { class: "side", "aria-label": "About this recording" }, ...data.side.map((part) => el("section", {}, el("h2", {}, part.title),
    part.badges ? el("p", { class: "badges" }, ...part.badges.map((b) => el("span", { class: `badge ${b.kind}` }, b.label))) : null,
    part.links ? el("p", {}, ...part.links.flatMap((l, i) => [i ? " · " : null, el("a", { href: l.href, download: true }, l.label)])) : null,
    part.rows ? el("dl", { class: part.wide ? "wide" : null }, ...part.rows.flatMap((r) => [el("dt", {}, el("bdi", {}, r.label)), el("dd", { class: r.mono ? "mono" : null }, r.href ? el("a", { href: r.href, rel: "noreferrer" }, r.value) : el("bdi", {}, r.value))])) : null)));
}

// Links are rounded to a millisecond, so a word that only touches a range is not in it.
const inside = (w, a, b) => w.start < b - 0.005 && w.end > a + 0.005;

// Draws the segments; gives back the flat words, in order, with their nodes.
function transcript(box, script, data, jump) {
  const words = [], turns = document.createDocumentFragment();
  const among = (w, ranges) => ranges.findIndex(([a, b]) => inside(w, a, b));
  let before = null;
  for (const segment of script.segments) {
    const join = data.unspaced.includes(segment.language) ? "" : " ";
    const name = data.voices[segment.speaker] ?? script.speakers[segment.speaker] ?? segment.speaker;
    const dir = direction(segment.words.map(([text]) => text).join(" "));
    const p = el("p", { lang: segment.language === "und" ? null : segment.language, dir: "auto" });
    let mark = null, run = -1;
    segment.words.forEach(([text, start, end, probability], i) => {
      const word = { text, start, end, join, by: name, sure: segment.quality === "ok", rtl: dir === "rtl", node: el("span", { class: probability < 0.35 ? "w low" : "w", "data-i": words.length }, text) };
      const hit = among(word, data.hits);
      if (i) (hit >= 0 && hit === run ? mark : p).append(join);
      if (hit < 0) p.append(word.node);
      else if (hit === run) mark.append(word.node);
      else { mark = el("mark", {}, word.node); p.append(mark); }
      run = hit;
      words.push(word);
    });
    const at = segment.words[0]?.[1] ?? segment.start;
    turns.append(el("div", { class: "turn", dir }, el("div", { class: "by" }, name && name !== before ? el("b", { dir: "auto" }, name) : null,
      el("button", { class: "when num", type: "button", "aria-label": `Play from ${clock(at)}`, onclick: () => jump(at) }, clock(at)),
      segment.quality === "ok" ? null : el("span", { class: "badge warn" }, segment.quality === "low" ? "low certainty" : "to check"),
      segment.corrected ? el("span", { class: "badge ok" }, "corrected") : null,
      segment.reasons.length ? el("span", { class: "why" }, segment.reasons.join("; ")) : null), p));
    before = name;
  }
  box.replaceChildren(turns);
  return words;
}

// The words that the browser's own selection touches, as [first, last]; null without any.
function chosen(shadow, box) {
  const selection = document.getSelection();
  let range = selection.getComposedRanges?.({ shadowRoots: [shadow] })[0];
  if (!range || !box.contains(range.startContainer)) {
    const inner = shadow.getSelection?.() ?? selection;
    range = inner.rangeCount ? inner.getRangeAt(0) : null;
  }
  if (!range || range.collapsed || !(box.contains(range.startContainer) || box.contains(range.endContainer))) return null;
  const live = document.createRange();
  live.setStart(range.startContainer, range.startOffset);
  live.setEnd(range.endContainer, range.endOffset);
  if (live.collapsed || !live.toString().trim()) return null;
  const touched = [...box.querySelectorAll(".w")].filter((node) => live.intersectsNode(node) && overlaps(live, node));
  return touched.length ? [Number(touched[0].dataset.i), Number(touched.at(-1).dataset.i)] : null;
}
function overlaps(range, node) { // more than touching at an edge
  const own = document.createRange();
  own.selectNodeContents(node);
  return range.compareBoundaryPoints(Range.END_TO_START, own) < 0 && range.compareBoundaryPoints(Range.START_TO_END, own) > 0;
}

function mount(parent) {
  const root = parent.querySelector(".player-root");
  const toast = toaster(root), keys = keysDialog(root, KEYS);
  const shell = el("div", { class: "wrap cols" });
  root.append(shell);
  const state = { root, shell, shown: null, words: [], starts: [], data: null, lit: -1, held: 0, follow: true };

  const media = el("video", { playsinline: true, preload: "metadata", tabindex: -1 });
  const big = el("button", { class: "big", type: "button", onclick: () => track.toggle() });
  const time = el("span", { class: "num small" }), length = el("span", { class: "num small soft" });
  const slide = scrubber("Position in the recording", (t) => track.seek(t));
  const rate = el("select", { class: "rate small", "aria-label": "Speed", onchange: () => { media.playbackRate = Number(rate.value); } }, ...RATES.map((r) => el("option", { value: r, selected: r === 1 }, `${r}×`)));
  const tools = el("div", { class: "tools" }, big, time, slide.box, length, rate);
  const stage = el("div", { class: "stage" }, media);
  const start = el("button", { class: "start", type: "button", hidden: true });
  const box = el("div", { class: "read", role: "group", "aria-label": "Transcript: arrow keys move from word to word, Enter plays" });
  const back = el("button", { class: "plain follow", type: "button", hidden: true, onclick: () => { state.follow = true; back.hidden = true; if (state.words[state.lit]) reveal(state.words[state.lit].node); } }, "Follow the words");
  // what can be done with words; `range` gives the first and the last of them
  const verbs = (range) => [["Copy link", (r) => act.copyLink(r)], ["Copy quote", (r) => act.copyQuote(r)], ["Save clip", (r) => act.saveClip(r)]]
    .map(([label, does]) => el("button", { type: "button", onclick: () => does(range()) }, label));
  const pop = el("div", { class: "pop", role: "toolbar", "aria-label": "Selected words", hidden: true },
    el("button", { type: "button", onclick: () => act.playChosen() }, "Play"), ...verbs(() => state.chosen),
    el("button", { type: "button", onclick: () => act.copyCorrection(state.chosen) }, "Correct"));
  const linkedTimes = el("span", { class: "num soft", dir: "ltr" });
  const linked = el("div", { class: "linked small", role: "group", "aria-label": "The words of this link", hidden: true },
    linkedTimes, ...verbs(() => state.linked));
  root.append(pop, back);

  let sounding = null;
  const paint = () => {
    const at = media.currentTime, whole = Number.isFinite(media.duration) ? media.duration : state.data.duration;
    const rest = track.rest(); // it stops a little behind the end, where the next word may have begun
    const i = indexAt(state.starts, rest === null ? at + GAP : rest - GAP);
    if (i !== state.lit) {
      state.words[state.lit]?.node.classList.remove("now");
      state.words[i]?.node.classList.add("now");
      state.lit = i;
      if (state.words[i] && !media.paused) keepInView(state.words[i].node);
    }
    slide.show(at, whole);
    time.textContent = clock(at);
    length.textContent = clock(whole);
    if (sounding !== !media.paused) {
      sounding = !media.paused;
      big.replaceChildren(icon(sounding ? "pause" : "play", 16));
      big.ariaLabel = sounding ? "Pause" : "Play";
      if (sounding) start.hidden = true;
    }
  };
  const track = player(media, paint, toast);
  const keepInView = (node) => {
    const { top, bottom } = node.getBoundingClientRect();
    const low = tools.getBoundingClientRect().bottom + 8, high = innerHeight - 90;
    if (top >= low && bottom <= high) return;
    pane().style.scrollPaddingTop = `${low}px`; // the middle is that of what the deck leaves free
    if (state.follow) reveal(node);
    else back.hidden = false;
  };
  const hold = (i, focus = true) => {
    const word = state.words[i];
    if (!word) return;
    state.words[state.held]?.node.removeAttribute("tabindex");
    word.node.tabIndex = 0;
    state.held = i;
    if (focus) word.node.focus({ preventScroll: false });
  };
  const clear = () => { document.getSelection().removeAllRanges(); pop.hidden = true; state.anchor = null; };
  const place = () => {
    const range = chosen(root.getRootNode(), box);
    state.chosen = range;
    pop.hidden = !range;
    if (!range) return;
    const first = state.words[range[0]].node.getBoundingClientRect(), last = state.words[range[1]].node.getBoundingClientRect();
    const touch = matchMedia("(pointer: coarse)").matches; // where the system's own menu sits above the words
    pop.style.top = `${touch || first.top < 130 ? Math.min(last.bottom + 10, innerHeight - 60) : first.top - pop.offsetHeight - 8}px`;
    const at = touch ? last : first, rightToLeft = getComputedStyle(state.words[range[0]].node).direction === "rtl";
    const left = rightToLeft ? at.right - pop.offsetWidth : at.left;
    pop.style.left = `${Math.max(8, Math.min(left, innerWidth - pop.offsetWidth - 8))}px`;
  };
  const text = ([first, last]) => state.words.slice(first, last + 1).map((word, i) => (i ? word.join : "") + word.text).join("");
  const span = ([first, last]) => [state.words[first].start, state.words[last].end];
  const showLinked = () => {
    const [a, b] = state.data.range ?? [];
    const first = state.words.findIndex((word) => inside(word, a, b)), last = state.words.findLastIndex((word) => inside(word, a, b));
    state.linked = first < 0 ? null : [first, last];
    linked.hidden = !state.linked;
    linkedTimes.textContent = state.linked ? times(a, b) : "";
  };
  const act = {
    from(at, end) { state.follow = true; back.hidden = true; return track.from(at, end); },
    playChosen() { act.from(...span(state.chosen)); },
    link(range) {
      const [a, b] = span(range), version = state.data.version ? `&version=${state.data.version}` : "";
      return `${location.origin}/?recording=${encodeURIComponent(state.data.id)}${version}&t=${Number(a.toFixed(3))},${Number(b.toFixed(3))}`;
    },
    copyLink(range) { copy(act.link(range)).then(() => toast("Link copied: it opens on these words and plays them.")); },
    // the command that corrects these words, for whoever may; in quotes no word is a part of it, and what steers a terminal is left out
    copyCorrection(range) {
      const [a, b] = span(range), said = text(range).replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, " ").replaceAll("'", "'\\''");
      copy(`onrecord correct ${state.data.id} --of ${state.script.version} --t ${Number(a.toFixed(3))},${Number(b.toFixed(3))} '${said}' --by NAME`)
        .then(() => toast("Command copied. Put in the right words and your name; run it, or send it to whoever keeps this archive.", 6000));
    },
    copyQuote(range) {
      const words = state.words.slice(range[0], range[1] + 1), [a, b] = span(range);
      const by = [...new Set(words.map((word) => word.by).filter(Boolean))].join(", ");
      const doubt = words.every((word) => word.sure) ? "" : "\nHeard with low certainty: listen before you quote.";
      const source = [by, ...state.data.cite.about, times(a, b)].filter(Boolean).join(", ");
      copy(`${quotation(text(range))}\n${source}\n${act.link(range)}\n${state.data.cite.proof}${doubt}\n`).then(() => toast("Quote copied, with its source and its link."));
    },
    saveClip(range) {
      const [a, b] = span(range);
      if (b - a > state.data.longest) { toast(`A clip is at most ${clock(state.data.longest)} long; choose fewer words.`, 5000); return; }
      toast("Cutting the clip…", 120_000);
      const url = `/av/${encodeURIComponent(state.data.id)}/clip.zip?t=${Number(a.toFixed(3))},${Number(b.toFixed(3))}&version=${state.script.version}`;
      save(url).then(() => toast("Clip saved, with its quote and what proves both.", 4000), (error) => toast(`The clip was not cut: ${error.message.replace(/\.$/, "")}.`, 6000));
    },
    step(by) {
      const at = media.currentTime;
      const stops = state.data.hits.length ? state.data.hits.map(([a]) => a) : state.script?.segments.map((s) => s.words[0]?.[1] ?? s.start) ?? [];
      const next = by > 0 ? stops.find((s) => s > at + 0.3) : stops.findLast((s) => s < at - 1);
      if (next !== undefined) act.from(next);
    },
    move(by, extend) {
      const i = Math.min(Math.max(state.held + by, 0), state.words.length - 1);
      if (!extend) { clear(); return hold(i); }
      state.anchor ??= state.held;
      hold(i);
      const [a, b] = state.anchor <= i ? [state.anchor, i] : [i, state.anchor];
      document.getSelection().setBaseAndExtent(state.words[a].node.firstChild, 0, state.words[b].node.firstChild, state.words[b].text.length);
      return place();
    },
  };

  box.addEventListener("click", (event) => {
    const node = event.target.closest(".w");
    if (!node || chosen(root.getRootNode(), box)) return;
    hold(Number(node.dataset.i), false);
    act.from(state.words[node.dataset.i].start);
  });
  box.addEventListener("keydown", (event) => {
    const word = event.target.closest(".w") && state.words[event.target.dataset.i];
    if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
    const ahead = word.rtl ? "ArrowLeft" : "ArrowRight", behind = word.rtl ? "ArrowRight" : "ArrowLeft";
    const by = { [ahead]: 1, [behind]: -1, Home: -Infinity, End: Infinity }[event.key];
    if (by) act.move(by, event.shiftKey);
    else if (event.key === "Enter") state.chosen && !pop.hidden ? act.playChosen() : act.from(word.start);
    else return;
    event.preventDefault();
  });

  const off = new AbortController(), on = { signal: off.signal };
  document.addEventListener("selectionchange", place, on);
  document.addEventListener("keydown", (event) => {
    const what = { " ": () => track.toggle(), j: () => act.step(1), k: () => act.step(-1), "?": keys, Escape: clear }[keyFor(event)];
    if (what) { if (event.key !== "Escape") event.preventDefault(); what(); }
  }, on);
  for (const name of ["wheel", "touchmove"]) pane().addEventListener(name, () => { state.follow = false; pop.hidden = true; }, { ...on, passive: true });

  const skeleton = () => box.replaceChildren(...Array.from({ length: 6 }, (_, i) => el("div", { class: "turn bones", "aria-hidden": "true" }, el("i", { style: "width:70%" }), el("i", { style: `width:${[96, 88, 93, 60, 97, 74][i]}%` }))));
  const fetchScript = async () => {
    if (!state.data.transcript) { box.replaceChildren(el("p", { class: "note" }, "There is no transcript of this recording yet. It can be played, and will be searchable once it has been listened to.")); return; }
    skeleton();
    try {
      const answer = await fetch(state.data.transcript);
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      state.script = await answer.json();
      state.words = transcript(box, state.script, state.data, act.from);
      state.starts = state.words.map((w) => w.start);
      state.lit = -1;
      if (!state.words.length) box.replaceChildren(el("p", { class: "note" }, "No words were heard in this recording."));
      else hold(Math.max(indexAt(state.starts, (state.data.range?.[0] ?? 0) + GAP), 0), false);
      showLinked();
      paint();
      if (state.data.range && state.words.length) keepInView(state.words[state.held].node);
    } catch (error) {
      box.replaceChildren(el("p", { class: "note" }, `The transcript did not arrive: ${error.message}. `, el("button", { class: "plain", type: "button", onclick: fetchScript }, "Try again")));
    }
  };
  const open = async () => {
    const [a, b] = state.data.range ?? [];
    if (a === undefined) return;
    const label = b ? `Play ${times(a, b)}` : `Play from ${clock(a)}`;
    start.replaceChildren(icon("play", 18), el("span", {}, label));
    start.onclick = () => { start.hidden = true; act.from(a, b ?? Infinity); };
    if (!(await act.from(a, b ?? Infinity)) && media.paused) start.hidden = false;
  };

  state.show = (data) => {
    const same = state.data?.id === data.id && state.data.transcript === data.transcript && JSON.stringify([state.data.hits, state.data.former]) === JSON.stringify([data.hits, data.former]);
    const ranged = JSON.stringify(state.data?.range) !== JSON.stringify(data.range);
    state.data = data;
    if (!same) {
      media.pause();
      media.src = data.media.url;
      stage.classList.toggle("sound", !data.media.video);
      shell.replaceChildren(el("section", { class: "main", "aria-label": "Recording" }, returning(data), el("div", { class: "deck" }, head(data), stage, start, tools), linked, box), side(data));
      slide.box.querySelectorAll("b").forEach((b) => b.remove());
      slide.box.append(...data.hits.map(([a]) => el("b", { style: `left:${(100 * a) / (data.duration || 1)}%` })));
      pane().scrollTo(0, 0);
      linked.hidden = true;
      linked.dir = direction(data.title);
      fetchScript();
    }
    if (!same || ranged) open();
    if (same && ranged) showLinked();
    sounding = null;
    paint();
  };
  state.off = () => { off.abort(); pane().style.scrollPaddingTop = ""; media.pause(); media.removeAttribute("src"); media.load(); };
  return state;
}

export default function ({ parentElement, data }) {
  const state = players.get(parentElement) ?? mount(parentElement);
  players.set(parentElement, state);
  const text = parse(data);
  if (text !== state.shown) { state.shown = text; state.show(JSON.parse(text)); }
  return () => { state.off(); players.delete(parentElement); };
}
