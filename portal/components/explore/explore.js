// Counts as charts and tables, and the words around each hit, its hits below one another. The tables are the data;
// the charts show the same to the eye and are hidden from readers of screens.
const explorers = new WeakMap();

// On the scale of all charts (0), or on its own (1).
function chart(term, figures, scale) {
  const bars = el("ul", { class: "bars" });
  for (const b of term.bars) {
    const props = { title: b.said, class: [b.few && "few", b.none && "none", b.cut[scale] && "cut"].filter(Boolean).join(" ") || null };
    const drawn = el("i", { style: `height:${b.heights[scale]}%` });
    bars.append(el("li", {}, b.href ? el("a", { ...props, href: b.href, tabindex: -1 }, drawn) : el("span", props, drawn)));
  }
  const width = `max-width:${46 * term.bars.length}px`; // few bars stay bars
  const ends = el("div", { class: "ends num", style: width }, ...figures.ends.map((end) => el("span", {}, end)));
  const shape = term.bars.length ? el("div", { class: "shape", "aria-hidden": "true" }, el("span", { class: "top num", title: "the height of the chart" }, term.tops[scale]), el("div", {}, el("div", { class: "frame", style: width }, bars), ends)) : null;
  return el("article", { class: "term" },
    el("h2", { class: "title" }, el("bdi", {}, term.href ? el("a", { href: term.href }, term.label) : term.label)),
    el("p", { class: "meta" }, term.said, " · ", el("a", { href: term.csv, download: "" }, "CSV")), shape);
}

function cell(c) {
  if (!c.words) return el("td", { class: "none" }, el("span", { "aria-label": "no words" }, "·"));
  const rate = c.href ? el("a", { href: c.href, title: c.said }, c.rate) : el("span", { title: c.said }, c.rate);
  return el("td", { class: c.few ? "few" : null, style: c.share === undefined ? null : `--v:${c.share}` }, rate,
    c.moments === undefined ? null : el("span", { class: "soft" }, c.moments), c.among ? el("span", { class: "soft small among" }, c.among) : null);
}

function table(data) {
  const name = (row) => (row.href ? el("a", { href: row.href }, el("bdi", {}, row.label)) : el("bdi", {}, row.label));
  const words = (row) => (row.words === undefined ? null : el("td", { class: row.few ? "few" : null }, row.words, row.few ? el("span", { class: "badge" }, "few") : null));
  const body = data.rows.map((row) => el("tr", {}, el("th", { scope: "row" }, name(row)), ...row.cells.map(cell), words(row)));
  const heads = data.heads.map((head) => el("th", { scope: "col" }, el("bdi", {}, head)));
  return el("section", { class: `part ${data.kind}` }, el("h2", {}, data.title), data.about ? el("p", { class: "soft small" }, data.about) : null,
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": data.title }, el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...body))),
    data.more ? el("p", { class: "soft small" }, data.more) : null);
}

function charts(data) {
  const drawn = el("div", { class: "terms" });
  const draw = (scale) => drawn.replaceChildren(...data.terms.map((term) => chart(term, data, scale)));
  const own = el("button", { class: "plain small", type: "button", "aria-pressed": "false", onclick: () => {
    const pressed = own.getAttribute("aria-pressed") !== "true";
    own.setAttribute("aria-pressed", String(pressed));
    draw(Number(pressed));
  } }, "Each chart on its own scale");
  draw(0);
  return el("section", { "aria-label": "Charts by year" }, drawn, data.terms.length > 1 && data.terms[0].bars.length ? el("p", { class: "scale" }, own) : null);
}

function figures(data) {
  return el("div", {}, el("div", { class: "head" }, el("h1", { class: "total" }, data.title),
    ...data.chips.map((c) => el("a", { class: "chip", href: c.href, "aria-label": `Remove the filter ${c.label}` }, el("bdi", {}, c.label), icon("cross", 9))),
    choices("Language", data.languages), el("p", { class: "cover" }, data.cover)),
  data.hint ? el("div", { class: "hint" }, el("p", {}, data.hint), ...data.examples.map((e) => el("a", { class: "chip", href: e.href }, el("bdi", {}, e.label)))) : null,
  charts(data),
  data.about ? el("p", { class: "soft small about" }, data.about) : null,
  el("div", { class: data.terms.length > 2 ? "tables wide" : "tables" }, ...data.tables.map(table)));
}

function choices(label, links) {
  if (links.length < 2) return null;
  return el("nav", { class: "sorts", "aria-label": label }, ...links.map((l) => el("a", { href: l.href, "aria-current": l.on ? "true" : null }, el("bdi", {}, l.label))));
}

// A line runs as its language does: what was said before the hit stands where a reader comes from.
function line(row, act) {
  const [first, last] = row.marks[0];
  const text = (from, to) => row.words.slice(from, to).map(([word]) => word).join(row.join);
  row.button = el("button", { class: "play num", type: "button", "aria-label": `Play ${clock(row.start)}, ${row.title}`, onclick: () => act.toggle(row) }, el("span", { class: "sign" }, icon("play")), clock(row.start));
  const hit = el("mark", { class: "hit", "data-hit": 0, onclick: () => act.play(row) }, text(first, last + 1));
  const words = el("p", { class: "kwic", dir: direction(row.words.map(([word]) => word).join(" ")), lang: row.lang },
    el("span", { class: "before" }, el("span", {}, text(Math.max(first - row.side, 0), first))), " ", hit, " ",
    el("span", { class: "after" }, el("span", {}, text(last + 1, last + 1 + row.side))));
  const about = el("a", { class: "small", href: row.open, title: row.title }, el("bdi", {}, row.of), row.year ? el("span", { class: "num" }, row.year) : null);
  row.node = el("li", { class: "line" }, row.button, words, el("span", { class: "from" }, about, row.layer ? el("span", { class: "badge" }, row.layer) : null, row.kind === "warn" ? el("span", { class: "badge warn", title: row.why }, row.badge) : null));
  return row.node;
}

function lines(data, act) {
  if (!data.rows.length && data.terms.length < 2) return el("section", {}); // else another of the queries may have some
  const pages = data.pages.earlier || data.pages.later ? el("nav", { class: "pages", "aria-label": "Pages" },
    data.pages.earlier ? el("a", { class: "plain", href: data.pages.earlier, rel: "prev" }, "← Before") : el("span"), el("span", { class: "soft small num" }, data.pages.page),
    data.pages.later ? el("a", { class: "plain", href: data.pages.later, rel: "next" }, "More →") : el("span")) : null;
  return el("section", { class: "part lines", "aria-label": data.title }, el("div", { class: "head" }, el("h2", { class: "title" }, data.title), choices("Words", data.terms), choices("Order", data.orders),
    el("p", { class: "cover" }, data.note)), data.rows.length ? el("ul", {}, ...data.rows.map((row) => line(row, act))) : null, pages);
}

export default function ({ parentElement, data }) {
  const state = explorers.get(parentElement) ?? docked(parentElement.querySelector(".explore-root"));
  explorers.set(parentElement, state);
  const text = parse(data);
  if (text !== state.shown) {
    const first = state.shown === null;
    state.shown = text;
    const page = JSON.parse(text), drawn = JSON.stringify(page.figures);
    for (const row of page.lines.rows) ready(row, row);
    const below = lines(page.lines, state.act);
    if (drawn !== state.drawn) {
      state.drawn = drawn;
      state.body.replaceChildren(el("div", { class: "wrap" }, figures(page.figures), below));
      if (!first) pane().scrollTo(0, 0);
    } else { // another page or order of the lines: what stands above them stays
      state.below.replaceWith(below);
      below.scrollIntoView({ block: "start", behavior: "auto" });
    }
    state.below = below;
    state.take(page.lines.rows);
  }
  return () => { state.off(); explorers.delete(parentElement); };
}
