// One component draws the answer and the dock, so that a click on a moment sounds at once, without a round trip.
const answers = new WeakMap();

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

function facet(group) {
  if (group.bars) {
    const bars = el("ul", { class: "years" });
    for (const b of group.bars) {
      const bar = el(b.count || b.on ? "a" : "span", { href: b.count || b.on ? b.href : null, class: b.on ? "on" : null, title: `${b.label}: ${b.count}`, "aria-label": b.count || b.on ? `${b.label}: ${b.count}${b.on ? ", chosen" : ""}` : null }, el("i", { style: `height:${b.height}%` }));
      bars.append(el("li", {}, bar));
    }
    const width = `max-width:${46 * group.bars.length}px`; // few bars stay bars
    bars.style = width;
    return el("section", {}, el("h3", {}, group.name), bars, el("div", { class: "ends num", style: width }, el("span", {}, group.bars[0].label.slice(0, 4)), group.bars.length > 1 ? el("span", {}, group.bars.at(-1).label.slice(-4)) : null));
  }
  const list = el("ul", { class: "values" });
  group.values.forEach((v, i) => list.append(el("li", { hidden: i >= 8 && !v.on }, el("a", { href: v.href, class: v.on ? "on" : null },
    el("span", { class: "box", "aria-hidden": "true" }), el("bdi", {}, v.label), v.on ? el("span", { class: "vh" }, " (chosen)") : null, el("span", { class: "num" }, v.count)))));
  const section = el("section", {}, el("h3", {}, group.name), list);
  const hidden = [...list.children].filter((li) => li.hidden);
  if (hidden.length) {
    const more = el("button", { class: "less", type: "button", onclick: () => { hidden.forEach((li) => { li.hidden = false; }); more.remove(); } }, `${hidden.length} more`);
    section.append(more);
  }
  return section;
}

function facets(data) {
  const chosen = data.chips.length;
  const groups = data.facets.map(facet);
  const wide = matchMedia("(min-width: 761px)");
  const box = el("details", { class: "facets", open: wide.matches }, el("summary", { class: "chip" }, chosen ? `Filters · ${chosen}` : "Filters"), ...groups);
  return groups.length ? el("aside", { class: "narrow", "aria-label": "Narrow the answer" }, box) : null;
}

function heading(data) {
  const sort = data.sorts.length ? el("nav", { class: "sorts", "aria-label": "Order" }, ...data.sorts.map((s) => el("a", { href: s.href, "aria-current": s.on ? "true" : null }, s.label))) : null;
  return el("div", { class: "head" },
    el("h1", { class: "total" }, data.total),
    ...data.chips.map((c) => el("a", { class: "chip", href: c.href, "aria-label": `Remove the filter ${c.label}` }, el("bdi", {}, c.label), icon("cross", 9))),
    sort, el("p", { class: "cover" }, data.cover));
}

function recording(rec, act) {
  const box = el("article", { class: "rec" }, el("h2", { class: "title" }, el("a", { href: rec.href }, rec.title)), el("p", { class: "meta", dir: direction(rec.title) }, ...rec.meta.flatMap((m, i) => [i ? " · " : null, el("bdi", {}, m)])));
  if (!rec.rows.length) return box; // no word was asked for
  const line = el("div", { class: "line", role: "img", "aria-label": rec.line });
  for (const at of rec.ticks) line.append(el("i", { style: `left:${at}%` }));
  box.append(line);
  rec.rows.forEach((row, i) => {
    const button = el("button", { class: "play num", type: "button", "aria-label": `Play ${clock(row.start)}, ${rec.title}`, onclick: () => act.toggle(row) }, el("span", { class: "sign" }, icon("play")), clock(row.start));
    const link = el("button", { type: "button", onclick: () => act.link(row, link) }, "Link");
    const open = el("a", { href: row.open }, "Open transcript");
    const who = el("p", { class: "who" }, row.who ? el("bdi", {}, row.who) : null, row.who ? " · " : null, row.layer ? el("span", { class: "badge" }, row.layer) : null, row.layer ? " " : null, row.badge ? el("span", { class: `badge ${row.kind}` }, row.badge) : null, row.why ? ` ${row.why}` : null);
    row.node = el("div", { class: "m", hidden: i >= rec.shown }, button, el("div", { class: "txt", dir: direction(row.words.map(([text]) => text).join(" ")) }, passage(row, "say", { onmark: (hit) => act.play(row, hit) }), who), el("div", { class: "acts" }, link, open));
    row.button = button;
    box.append(row.node);
  });
  const folded = rec.rows.slice(rec.shown);
  if (folded.length) {
    const more = el("button", { class: "more", type: "button", onclick: () => { folded.forEach((r) => { r.node.hidden = false; }); more.remove(); folded[0].button.focus(); } }, rec.fold);
    box.append(more);
  }
  if (rec.beyond) box.append(el("a", { class: "more", href: rec.all }, rec.beyond));
  return box;
}

function pages(answer) {
  const data = answer.pages;
  if (!data.earlier && !data.later) return null;
  return el("nav", { class: "pages", "aria-label": "Pages" }, data.earlier ? el("a", { class: "plain", href: data.earlier, rel: "prev" }, "← Earlier recordings") : el("span"), el("span", { class: "soft small num" }, data.page), data.later ? el("a", { class: "plain", href: data.later, rel: "next" }, "More recordings →") : el("span"));
}

function takeAway(answer) {
  if (!answer.exports.length) return null;
  return el("p", { class: "soft small" }, "All moments to take away: ", ...answer.exports.flatMap((e, i) => [i ? " · " : null, el("a", { href: e.href, download: "" }, e.label)]));
}

function mount(parent) {
  const root = parent.querySelector(".answer-root");
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
  const track = player(media, paint);
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
  Object.assign(state, { act, mark, off: () => { off.abort(); media.pause(); media.removeAttribute("src"); media.load(); } });
  return state;
}

export default function ({ parentElement, data }) {
  const state = answers.get(parentElement) ?? mount(parentElement);
  answers.set(parentElement, state);
  const text = parse(data);
  if (text !== state.shown) {
    const first = state.shown === null;
    state.shown = text;
    const answer = JSON.parse(text);
    for (const rec of answer.recordings) for (const row of rec.rows) Object.assign(row, { rec, id: `${row.media}@${row.start}`, starts: row.words.map((w) => w[1]) });
    state.rows = answer.recordings.flatMap((rec) => rec.rows);
    state.hits = state.rows.flatMap((row) => row.marks.map((_, hit) => [row, hit]));
    const narrow = facets(answer);
    state.body.replaceChildren(el("div", { class: narrow ? "wrap grid" : "wrap" }, heading(answer), narrow, el("section", { "aria-label": "Answer" }, answer.empty ? el("div", { class: "none" }, el("p", {}, answer.empty), el("ul", {}, ...answer.tips.map((t) => el("li", {}, t.href ? el("a", { href: t.href }, t.label) : t.label)))) : null, ...answer.recordings.map((rec) => recording(rec, state.act)), pages(answer), takeAway(answer))));
    state.mark();
    if (!first) pane().scrollTo(0, 0);
  }
  return () => { state.off(); answers.delete(parentElement); };
}
