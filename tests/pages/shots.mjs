// Takes every picture: each kind of page at four widths in English, French and Arabic, at one
// width in Chinese, in the dark, and as it is printed.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inTabs, withSite } from "./site.mjs";

const [binary, out, demo] = process.argv.slice(2);
const HEIGHT = 900;
const WIDTHS = [1440, 1024, 768, 320];
// Of a long page the top is enough to judge it, but of the one that shows all parts of pages.
const TALLEST = 3600;
const WHOLE = "styleguide";
const only = process.env.ONLY ? new RegExp(process.env.ONLY) : /./;

await withSite(binary, demo, async (pages, browser) => {
  mkdirSync(out, { recursive: true });
  const jobs = pages.flatMap((page) => [
    ...["en", "fr", "ar"].flatMap((language) => WIDTHS.map((width) => ({ page, language, width }))),
    { page, language: "zh", width: 768 },
    { page, language: "en", width: 1440, look: "dark" },
    { page, language: "ar", width: 320, look: "dark" },
    { page, language: "en", width: 718, look: "print" },
  ]);
  const chosen = jobs.map((job) => ({ ...job, name: nameOf(job) })).filter((job) => only.test(job.name));
  await inTabs(browser, chosen, shoot);
  console.log(`${chosen.length} pictures in ${out}`);
});

function nameOf({ page, language, width, look }) {
  return [page.name, language, width, look].filter(Boolean).join(".");
}

async function shoot(tab, { page, language, width, look, name }) {
  await tab.setViewport({ width, height: HEIGHT });
  // Either of the two forgets the other.
  if (look === "print") await tab.emulateMediaType("print");
  else await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look === "dark" ? "dark" : "light" }]);
  await tab.goto(`${page.address}/${language}${page.path}`, { waitUntil: "load" });
  const height = await tab.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width, height: page.name === WHOLE ? height : Math.min(height, TALLEST) };
  // A page from right to left that is no taller than the window would be moved aside.
  const captureBeyondViewport = height > HEIGHT;
  writeFileSync(join(out, `${name}.png`), await tab.screenshot({ clip, captureBeyondViewport }));
  if (look === "print") writeFileSync(join(out, `${name}.pdf`), await tab.pdf({ format: "A4" }));
}
