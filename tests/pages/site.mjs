// A node that serves the demo's data, one browser, and the kinds of pages to look at; those
// that the demo has not are of the nodes in `rare`.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { listening, rare, stopped } from "./rare.mjs";

export const LANGUAGES = ["en", "fr", "es", "ru", "ar", "zh"];

/** Every kind of page: its name, its address without the language, and the state it answers with. */
const PAGES = [
  ["home", ""],
  ["list", "/national-action-plan"],
  ["list-chosen", "/national-action-plan?country=KEN&country=ALB&sort=date"],
  ["list-empty", "/national-action-plan?words=zzzz"],
  ["list-unclear", "/event?country=Wonderland", 400],
  ["list-page-2", "next:/national-action-plan"],
  ["list-series", "/series"],
  ["record-plan", "first:/national-action-plan?country=KEN"],
  ["record-regional", "first:/regional-action-plan"],
  ["record-decision", "first:/decision"],
  ["record-finding", "first:/finding"],
  ["record-series", "first:/series?country=KEN"],
  ["record-indicator", "first:/indicator?words=parliaments"],
  ["record-event", "first:/event"],
  ["record-initiative", "first:/initiative"],
  ["record-law", "first:/law"],
  ["record-count", "first:/printed-count?type=signatories"],
  ["record-organisation", "first:/organisation"],
  ["organisation", "about:/organisation"],
  ["country", "/country/KEN"],
  ["country-without-plan", "/country/ERI"],
  ["region", "/region/AU"],
  ["theme", "/theme/mediation"],
  ["countries", "/country"],
  ["regions", "/region"],
  ["themes", "/theme"],
  ["network", "/network"],
  ["method", "/method"],
  ["method-kind", "/method/national-action-plan"],
  ["vocabulary", "/vocabulary/themes"],
  ["accessibility", "/accessibility"],
  ["styleguide", "/styleguide"],
  ["not-found", "/nowhere", 404],
];

/** Runs `work` with the pages, each with its address, and a browser, and stops all afterwards. */
export async function withSite(binary, demo, work) {
  const own = mkdtempSync(join(tmpdir(), "wpsx-pages-"));
  const folder = demo && existsSync(demo) ? demo : join(own, "demo");
  if (folder !== demo) {
    execFileSync(binary, ["demo", "--once", "--data-dir", folder], { stdio: "ignore" });
  }
  const node = spawn(binary, ["--data-dir", join(folder, "secretariat"), "serve"]);
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
  let others;
  try {
    const [address, found] = await Promise.all([listening(node), rare(binary, own)]);
    others = found;
    await work([...(await pages(address)), ...others.pages], browser);
  } finally {
    await browser.close();
    await Promise.all([stopped(node), others?.stop()]);
    rmSync(own, { recursive: true, force: true });
  }
}

/** What leads from a list to pages whose addresses nobody knows before. */
const WAYS = {
  first: /href="\/en(\/[a-z]+\/[0-9a-f]{32,})"/,
  about: /href="\/en\/record(\/[0-9a-f]{32,})"/,
  next: /href="\/en(\/[^"]*[?&;]page=[^"]*)"/,
};

/** The pages with their addresses; those that a list leads to are looked up in it. */
async function pages(address) {
  const contact = "secretariat@example.org";
  return Promise.all(
    PAGES.map(async ([name, path, status = 200]) => {
      const [way, from] = path.split(":");
      if (!from) return { name, path, status, address, contact };
      const list = await (await fetch(`${address}/en${from}`)).text();
      const found = list.slice(list.indexOf("<main")).match(WAYS[way]);
      if (!found) throw new Error(`${from} leads to no ${way}`);
      const there = found[1].replaceAll("&amp;", "&");
      return { name, path: way === "about" ? from + there : there, status, address, contact };
    }),
  );
}

/** Does all of `jobs`, several at a time, each in a tab of its own kind of window. */
export async function inTabs(browser, jobs, work, tabs = 4) {
  const waiting = [...jobs];
  const worker = async () => {
    const tab = await browser.newPage();
    for (let job; (job = waiting.shift()); ) await work(tab, job);
    await tab.close();
  };
  await Promise.all(Array.from({ length: tabs }, worker));
}
