const answers = new WeakMap();

function facet(group) {
  if (group.bars) {
    const bars = el("ul", { class: "years" });
    for (const b of group.bars) {
      const bar = el(b.count || b.on ? "a" : "span", { href: b.count || b.on ? b.href : null, class: b.on ? "on" : null, title: `${b.label}: ${b.count}`, "aria-label": b.count || b.on ? `${b.label}: ${b.count}${b.on ? ", chosen" : ""}` : null }, el("i", { style: `height:${b.height}%` }));
      bars.append(el("li", {}, bar));
    }
    const width = `max-width:${46 * group.bars.length}px`; // few bars stay bars
    bars.style = width;
    return el("section", {}, el("h2", {}, group.name), bars, el("div", { class: "ends num", style: width }, el("span", {}, group.bars[0].label.slice(0, 4)), group.bars.length > 1 ? el("span", {}, group.bars.at(-1).label.slice(-4)) : null));
  }
  const list = el("ul", { class: "values" });
  group.values.forEach((v, i) => list.append(el("li", { hidden: i >= 8 && !v.on }, el("a", { href: v.href, class: v.on ? "on" : null },
    el("span", { class: "box", "aria-hidden": "true" }), el("bdi", {}, v.label), v.on ? el("span", { class: "vh" }, " (chosen)") : null, el("span", { class: "num" }, v.count)))));
  const section = el("section", {}, el("h2", {}, group.name), list);
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
    sort, el("p", { class: "cover" }, data.cover, data.explore ? " " : null, data.explore ? el("a", { href: data.explore }, "How often, by year and speaker") : null));
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

export default function ({ parentElement, data }) {
  const state = answers.get(parentElement) ?? docked(parentElement.querySelector(".answer-root"));
  answers.set(parentElement, state);
  const text = parse(data);
  if (text !== state.shown) {
    const first = state.shown === null;
    state.shown = text;
    const answer = JSON.parse(text);
    for (const rec of answer.recordings) for (const row of rec.rows) ready(row, rec);
    const narrow = facets(answer);
    state.body.replaceChildren(el("div", { class: narrow ? "wrap grid" : "wrap" }, heading(answer), narrow, el("section", { "aria-label": "Answer" }, answer.empty ? el("div", { class: "none" }, el("p", {}, answer.empty), el("ul", {}, ...answer.tips.map((t) => el("li", {}, t.href ? el("a", { href: t.href }, t.label) : t.label)))) : null, ...answer.recordings.map((rec) => recording(rec, state.act)), pages(answer), takeAway(answer))));
    state.take(answer.recordings.flatMap((rec) => rec.rows));
    if (!first) pane().scrollTo(0, 0);
  }
  return () => { state.off(); answers.delete(parentElement); };
}
