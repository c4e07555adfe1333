// Checks every kind of page as people who read it differently would: axe by day and by night,
// the Tab key, twice the size, wider spacing, four widths, no motion, headings and landmarks.
// Makes one picture of each kind of page, and fails with every fault at once.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { get } from "node:http";
import { inTabs, LANGUAGES, withSite } from "./site.mjs";
import * as inPage from "./in_page.mjs";

const [binary, out, demo] = process.argv.slice(2);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
// Some kinds of pages alone, while one works on them.
const only = process.env.ONLY ? new RegExp(process.env.ONLY) : /./;
// At each of these no page is moved sideways, and no cell of a table is cut.
const WIDTHS = [1440, 1024, 768, 320];
const FIRST_PAGE = 40 << 10;
const ANY_PAGE = 60 << 10;

const faults = [];
const since = performance.now();

await withSite(binary, demo, async (pages, browser) => {
  mkdirSync(out, { recursive: true });
  const all = pages.filter(({ name }) => only.test(name));
  const jobs = all.flatMap((page) => ["en", "ar", "zh"].map((language) => ({ page, language })));
  await inTabs(browser, jobs, look);
  for (const page of all) await weigh(page);
  console.log(`${all.length} kinds of pages in ${Math.round((performance.now() - since) / 1000)} s`);
});

if (faults.length > 0) {
  console.error(`${faults.length} faults:\n${faults.join("\n")}`);
  process.exit(1);
}

async function look(tab, { page, language }) {
  const { address } = page;
  const at = `/${language}${page.path}`;
  const fault = (what) => faults.push(`${page.name} ${at}: ${what}`);
  const watch = (request) => {
    if (!request.url().startsWith(address)) fault(`loads ${request.url()}`);
    if (request.resourceType() === "script") fault(`loads the script ${request.url()}`);
  };
  const listen = (message) => {
    if (message.type() === "error" && !message.text().includes(`${page.status}`)) fault(message.text());
  };
  tab.on("request", watch).on("console", listen);
  await tab.setViewport({ width: 1440, height: 900 });
  await tab.emulateMediaFeatures(media("light"));
  const response = await tab.goto(address + at, { waitUntil: "load" });
  if (response.status() !== page.status) fault(`answers ${response.status()}, not ${page.status}`);

  // From its top, before anything is done with it.
  if (language === "en") writeFileSync(join(out, `${page.name}.png`), await tab.screenshot());

  for (const said of await tab.evaluate(inPage.structure, language, page.isBare)) fault(said);
  for (const said of await tab.evaluate(inPage.glyphs)) fault(said);
  if (page.contact) for (const said of await written(tab, page.contact)) fault(said);
  if (language !== "zh") {
    await tab.evaluate(AXE);
    for (const scheme of ["light", "dark"]) {
      await tab.emulateMediaFeatures(media(scheme));
      for (const said of await tab.evaluate(inPage.axe, RULES)) fault(`axe, ${scheme}: ${said}`);
    }
    await tab.emulateMediaFeatures(media("light"));
    for (const said of await keyboard(tab, page.isBare)) fault(said);
  }
  for (const width of WIDTHS) {
    await tab.setViewport({ width, height: 900 });
    for (const said of await tab.evaluate(inPage.tables, width)) fault(said);
  }
  for (const said of await narrow(tab)) fault(said);
  tab.off("request", watch).off("console", listen);
}

/** Whoever cannot use the page, or its print, is told whom to write to, about this very page. */
async function written(tab, contact) {
  const found = [];
  for (const type of ["screen", "print"]) {
    await tab.emulateMediaType(type);
    const { to, about, seen, here } = await tab.evaluate(inPage.contact);
    if (to !== `mailto:${contact}` || !seen) found.push(`names nobody to write to: ${to}, ${type}`);
    if (about !== here) found.push(`a mail about ${here} says ${about}`);
  }
  await tab.emulateMediaType("screen");
  return found;
}

function media(scheme) {
  return [
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ];
}

/** Walks with the Tab key: past the header first, then in the order of reading, always seen. */
async function keyboard(tab, isBare) {
  const found = [];
  await tab.evaluate(inPage.restart);
  const stops = Math.min(40, await tab.evaluate(inPage.stops));
  let before = -1;
  for (let stop = 0; stop < stops; stop++) {
    await tab.keyboard.press("Tab");
    const { at, name, seen, ringed, isSkip } = await tab.evaluate(inPage.focused);
    if (stop === 0 && !isSkip && !isBare) found.push(`the Tab key stops first at ${name}, not at the link past the header`);
    if (at <= before) found.push(`the Tab key goes back to ${name}`);
    if (!seen) found.push(`${name} has the focus and is not seen`);
    if (!ringed) found.push(`${name} does not show that it has the focus`);
    before = at;
  }
  // Where nothing stands before the content nothing leads past it.
  if (isBare) return found;
  await tab.evaluate(inPage.restart);
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Enter");
  if (!(await tab.evaluate(inPage.isAtContent))) found.push("the link past the header does not lead to the content");
  return found;
}

/** At 320 pixels, at twice the size of text, and with text as widely spaced as WCAG 1.4.12 asks. */
async function narrow(tab) {
  const found = [];
  await tab.setViewport({ width: 320, height: 800 });
  found.push(...(await tab.evaluate(inPage.fits, "at 320 pixels", "")));
  found.push(...(await tab.evaluate(inPage.fromTheTop)));
  found.push(...(await tab.evaluate(inPage.fits, "with text spaced", inPage.SPACED)));
  await tab.setViewport({ width: 1280, height: 800 });
  found.push(...(await tab.evaluate(inPage.fits, "with text twice as large", "html { font-size: 200% !important }")));
  return found;
}

/** What a page weighs on the line, with its stylesheet if it is the first. */
async function weigh({ address, ...page }) {
  const languages = page.name === "home" ? LANGUAGES : ["ar"];
  for (const language of languages) {
    const html = await packed(`${address}/${language}${page.path}`);
    const style = page.name === "home" ? html.text.match(/href="(\/style\.css[^"]*)"/)[1] : null;
    const bytes = html.bytes + (style ? (await packed(address + style)).bytes : 0);
    const most = style ? FIRST_PAGE : ANY_PAGE;
    if (bytes > most) faults.push(`${page.name} ${language}: ${bytes} bytes on the line, at most ${most}`);
  }
}

function packed(url) {
  return new Promise((there, failed) => {
    get(url, { headers: { "accept-encoding": "gzip" } }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => {
        const body = Buffer.concat(parts);
        const isPacked = response.headers["content-encoding"] === "gzip";
        there({ bytes: body.length, text: (isPacked ? gunzipSync(body) : body).toString() });
      });
    }).on("error", failed);
  });
}
