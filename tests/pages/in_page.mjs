// What is asked inside a page. Each function is sent there by itself and gives what is wrong.

/** The spacing of text that a page must bear (WCAG 2.2, 1.4.12). */
export const SPACED = `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
  p { margin-block-end: 2em !important }`;

/** Language, direction, one title, headings in steps, landmarks, and no motion; of a page
 * that is bare, only what it can have. */
export function structure(language, isBare) {
  const found = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const html = document.documentElement;
  if (html.lang !== language) found.push(`its language is ${html.lang}`);
  const direction = language === "ar" ? "rtl" : "ltr";
  if (getComputedStyle(html).direction !== direction) found.push(`it does not run ${direction}`);
  if (document.body.innerText.trim().length < (isBare ? 20 : 100)) found.push("it is blank");
  const levels = all("h1, h2, h3, h4, h5, h6").map((heading) => Number(heading.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) found.push("it has not one h1");
  levels.forEach((level, at) => {
    if (level > (levels[at - 1] ?? 0) + 1) found.push(`heading ${at + 1} skips to level ${level}`);
  });
  const around = isBare ? [] : [["contentinfo", "body > footer"]];
  for (const [landmark, selector] of [["banner", "body > header"], ["main", "main"], ...around]) {
    if (all(selector).length !== 1) found.push(`it has not one ${landmark}`);
  }
  const names = all("nav").map((nav) => nav.getAttribute("aria-label"));
  if (names.some((name) => !name) || new Set(names).size !== names.length) {
    found.push(`its navigations are called ${names.join(", ")}`);
  }
  for (const { lang } of all("[lang]")) {
    if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(lang)) found.push(`"${lang}" is no language`);
  }
  const moving = all("*").filter((element) => {
    const { transitionDuration, animationName } = getComputedStyle(element);
    return animationName !== "none" || transitionDuration.split(", ").some((it) => parseFloat(it) > 0);
  });
  if (moving.length > 0) found.push(`<${moving[0].localName}> moves although motion is to be reduced`);
  const links = new Map(all("link[hreflang]").map((link) => [link.hreflang, link.getAttribute("href")]));
  const own = document.querySelector('link[rel="canonical"]') !== null;
  const [{ responseStatus: status }] = performance.getEntriesByType("navigation");
  if (!isBare && !own && status === 200) found.push("it has no address of its own");
  // A page that says what is not there is not the page of its address in any language.
  const named = own ? 7 : 0;
  if (!isBare && (links.size !== named || links.has("x-default") !== own)) found.push(`it names ${links.size} languages`);
  return found;
}

/** Characters that no font has: each is drawn, and compared with one that none can have. */
export function glyphs() {
  const canvas = new OffscreenCanvas(40, 40);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const { fontFamily } = getComputedStyle(document.body);
  const drawn = (character) => {
    context.clearRect(0, 0, 40, 40);
    context.font = `24px ${fontFamily}`;
    context.fillText(character, 4, 30);
    return context.getImageData(0, 0, 40, 40).data.join();
  };
  const none = drawn("\u0378");
  const characters = new Set(document.body.innerText.match(/[\p{L}\p{N}\p{P}\p{S}]/gu) ?? []);
  const missing = [...characters].filter((character) => character > "~" && drawn(character) === none);
  // The comparison itself: another character without a glyph looks the same, a letter does not.
  if (drawn("\u0379") !== none || drawn("A") === none) return ["missing glyphs cannot be told"];
  return missing.length > 0 ? [`no font has ${missing.join(" ")}`] : [];
}

/** Whom the page says to write to, about which page, whether that is seen, and its own address. */
export function contact() {
  const link = document.querySelector('footer a[href^="mailto:"]');
  const [to, query] = (link?.getAttribute("href") ?? "").split("?");
  const own = document.querySelector('link[rel="canonical"]')?.href ?? location.href;
  const about = new URLSearchParams(query).get("body");
  return { to, about, seen: Boolean(link?.checkVisibility()), here: own };
}

/** What axe finds. */
export async function axe(rules) {
  const { violations, passes } = await globalThis.axe.run(document, { runOnly: rules });
  // A page has so much that is right, if it was looked at.
  if (passes.length < 10) return [`only ${passes.length} rules were met, so it was not looked at`];
  return violations.map(({ id, help, nodes }) => `${id} (${help}) ${nodes.length}: ${nodes[0].html.slice(0, 160)}`);
}

/** Begins the walk before the first stop. */
export function restart() {
  document.activeElement?.blur();
  getSelection().removeAllRanges();
  scrollTo(0, 0);
  history.replaceState(null, "", location.pathname + location.search);
  // Where a walk begins is where the last click was; this one is at the very top.
  document.documentElement.tabIndex = -1;
  document.documentElement.focus();
}

export function stops() {
  const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary");
  return [...all].filter((element) => element.checkVisibility()).length;
}

/** Where the focus is: its place in the order of reading, and whether one sees it. */
export function focused() {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return {
    at: [...document.querySelectorAll("*")].indexOf(element),
    name: `<${element.localName}> "${element.textContent.trim().slice(0, 40)}"`,
    seen: box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight,
    ringed: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    isSkip: element.matches("a.skip"),
  };
}

/** On a page with one column the Tab key goes from the top to the bottom. */
export function fromTheTop() {
  const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary");
  const stops = [...all].filter((element) => element.checkVisibility() && !element.matches("a.skip"));
  const tops = stops.map((element) => element.getClientRects()[0]?.top ?? 0);
  // What stands in one line, or in one row of a table, may be of different heights.
  const isBeside = (at) => stops[at].closest("tr") && stops[at].closest("tr") === stops[at - 1].closest("tr");
  const back = stops.find((_, at) => at > 0 && tops[at] < tops[at - 1] - 24 && !isBeside(at));
  return back ? [`the Tab key goes up to <${back.localName}> "${back.textContent.trim().slice(0, 40)}"`] : [];
}

export function isAtContent() {
  return location.hash === "#content" && document.activeElement?.id === "content";
}

/** Nothing is wider than the window, and no text is cut off, under these further rules. */
export function fits(when, rules) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets = [sheet];
  const found = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    const wide = [...document.querySelectorAll("main *, header *, footer *, nav *")].find((element) => {
      const { left, right } = element.getBoundingClientRect();
      return (right > clientWidth + 1 || left < -1) && !element.closest(".scroll");
    });
    found.push(`${when} it is ${scrollWidth} wide: <${wide?.localName} class="${wide?.className}"> ${wide?.textContent.trim().slice(0, 40)}`);
  }
  for (const element of document.querySelectorAll("main *, header *, footer *")) {
    const { overflowX, overflowY, textOverflow } = getComputedStyle(element);
    const isCut = [overflowX, overflowY].some((it) => it === "hidden" || it === "clip") || textOverflow === "ellipsis";
    // What is there for who listens alone is a pixel large.
    if (isCut && element.clientHeight > 1 && (element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1)) {
      found.push(`${when} the text of <${element.localName} class="${element.className}"> is cut off`);
    }
  }
  document.adoptedStyleSheets = [];
  return found;
}

/** At a width of the window: the page is not wider, and every cell of a table is seen whole. */
export function tables(width) {
  const found = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`at ${width} pixels it is ${scrollWidth} wide`);
  for (const cell of document.querySelectorAll("th, td")) {
    if (!cell.checkVisibility()) continue;
    const box = cell.getBoundingClientRect();
    // The heads of a table whose rows stand by themselves are there for who listens.
    if (box.width <= 1 || cell.closest("thead")?.clientHeight <= 1) continue;
    const around = (cell.closest(".scroll") ?? document.body).getBoundingClientRect();
    const isCut = box.left < around.left - 1 || box.right > around.right + 1 || cell.scrollWidth > cell.clientWidth + 1;
    if (isCut) {
      const name = cell.textContent.trim().slice(0, 40);
      found.push(`at ${width} pixels the cell "${name}" of ${cell.closest("table").className || "a table"} is cut`);
      break;
    }
  }
  return found;
}
