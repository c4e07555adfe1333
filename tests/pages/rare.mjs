// Pages that the demo's data has none of: every kind with all of its fields, what became of a
// record, claims that differ, what a node has no room for, who asks too often, a node that
// starts. Small nodes of their own show them.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, createServer, get } from "node:http";
import { connect, createServer as createListener } from "node:net";
import { join } from "node:path";

const NAME = "ministry.example.org";
/** Connections of one address, which are few so that one reader can take all of them. */
const CONNECTIONS = 16;
const PATIENCE = 20_000;

const text = (language, text, kind) => ({ language, text, kind: kind && `TEXT_KIND_${kind}` });
const claim = (field, value, host, year) => ({
  field,
  value,
  sources: [{ url: `https://${host}/plan`, opened: { value: year } }],
});

const PLAN = {
  external_id: "plan",
  countries: ["KEN"],
  title: [
    text("en", "Second plan of action on women, peace and security", "ORIGINAL"),
    text("fr", "Deuxième plan d’action sur les femmes, la paix et la sécurité", "OFFICIAL_TRANSLATION"),
    text("ar", "خطة العمل الثانية بشأن المرأة والسلام والأمن", "OFFICIAL_TRANSLATION"),
  ],
  themes: ["mediation", "peacekeeping"],
  sources: [{ url: "https://ministry.example.org/plan", citation: "Official gazette, part II" }],
  claims: [
    claim("period.end", "2023", "network.example.org", "2021"),
    claim("period.end", "2025-06", "tracker.example.org", "2024-03-08"),
    claim("status_history", "period_ended", "tracker.example.org", "2024-03-08"),
  ],
  national_action_plan: {
    period: { start: { value: "2020" }, end: { value: "2024" } },
    lead_bodies: [{ name: [text("en", "Ministry of Public Service and Gender")] }],
    status_history: [
      { status: "PLAN_STATUS_ADOPTED", basis: "BASIS_STATED", date: { value: "2020-04-08" } },
      { status: "PLAN_STATUS_IN_FORCE", basis: "BASIS_STATED", as_of: { value: "2021-01" } },
    ],
  },
};
const LAW = {
  external_id: "law",
  countries: ["COD"],
  title: [
    text("fr", "Loi portant modalités d’application des droits de la femme et de la parité", "ORIGINAL"),
    text("en", "Act on the implementation of women’s rights and of parity", "UNOFFICIAL_TRANSLATION"),
  ],
  claims: [
    claim("law.adopted", "2015-08-01", "gazette.example.org", "2023"),
    claim("law.adopted", "2015-07", "parliament.example.org", "2019"),
    claim("law.number", "15/014", "parliament.example.org", "2019"),
  ],
  sources: [{ url: "https://gazette.example.org/15-013" }],
  law: { instrument: "law", number: "15/013", adopted: { value: "2015-08-01" } },
};
/** A number that has no place to break. */
const LONG = {
  external_id: "long",
  countries: ["COD"],
  title: [text("en", "An act with a long number and a long title, of which a list shows as much as it has room for")],
  law: { instrument: "law", number: "15".repeat(100), adopted: { value: "2015-08-01" } },
};
const event = (id, title) => ({
  external_id: id,
  title: [text("en", title)],
  event: { type: "network-meeting", state: "EVENT_STATE_HELD", period: { start: { value: "2018-04-09" } } },
});

/** Starts the nodes; gives their pages, and how to stop them. */
export async function rare(binary, folder) {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("WPSX_")));
  // Each would have the same port for it.
  environment.WPSX_NODE_METRICS_LISTEN = "none";
  const env = { ...environment, WPSX_LIMITS_CONNECTIONS_PER_ADDRESS: `${CONNECTIONS}` };
  const small = node(binary, join(folder, "small"), env);
  const dialled = `127.0.0.1:${await free()}`;
  small.run("init", "--name", NAME, "--listen", dialled, "--http-listen", "127.0.0.1:0");
  small.run("publisher", "add", NAME, "--title", "Ministry of Foreign Affairs");
  const publish = (record) => small.run("publish", small.file(record)).id;
  const plan = publish(PLAN);
  PLAN.national_action_plan.period.end.value = "2026";
  publish(PLAN);
  PLAN.national_action_plan.status_history.push({ status: "PLAN_STATUS_UNDER_REVIEW", basis: "BASIS_STATED", date: { value: "2025-11" } });
  PLAN.themes.push("climate");
  publish(PLAN);
  const law = publish(LAW);
  publish(LONG);
  const [erased, withdrawn] = [publish(event("e", "A meeting")), publish(event("w", "Another meeting"))];
  small.run("erase", "--yes", "--reason", "protection", erased);
  small.run("withdraw", "--reason", "mistake", withdrawn);
  const address = await small.serve();
  const full = await everyKind(binary, join(folder, "full"), environment);
  const partial = await filtering(binary, join(folder, "partial"), environment, small);
  const crowded = await refusing(address);
  const slow = await starting(binary, join(folder, "slow"), environment);
  const pages = [
    ["record-history", `/record/${plan}/history`, 200, address],
    ["record-revision", `/record/${plan}/1`, 200, address],
    ["record-plan-claims", `/record/${plan}`, 200, address],
    ["record-law-claims", `/record/${law}`, 200, address],
    ["record-withdrawn", `/record/${withdrawn}`, 200, address],
    ["list-long", "/law", 200, address],
    ["erased", `/record/${erased}`, 410, address],
    ["record-not-held", `/record/${plan}`, 200, partial.address],
    ...full.kinds.map(([kind, id]) => [`every-field-${kind}`, `/record/${id}`, 200, full.address]),
    ["too-many", "", 429, crowded.address],
    ["starting", "", 503, slow.address],
  ].map(([name, path, status, address]) => ({ name, path, status, address }));
  // It has no ways around it yet.
  pages.at(-1).isBare = true;
  const stop = async () => {
    crowded.close();
    await Promise.all([small.stop(), full.stop(), partial.stop(), slow.stop()]);
  };
  return { pages, stop };
}

/** A node with a record of every kind that has a value in each field: its template's example. */
async function everyKind(binary, folder, env) {
  const full = node(binary, folder, env);
  full.run("init", "--name", NAME, "--listen", "none", "--http-listen", "127.0.0.1:0");
  full.run("publisher", "add", NAME, "--title", "Ministry of Foreign Affairs");
  const address = await full.serve();
  const method = await (await fetch(`${address}/en/method`)).text();
  const named = [...method.matchAll(/href="\/en\/method\/([a-z-]+)"/g)].map(([, kind]) => kind).filter((kind) => kind !== "record");
  const kinds = [...new Set(named)].map((kind) => {
    const file = join(folder, `${kind}.csv`);
    execFileSync(binary, ["template", kind, "--out", file], { env });
    writeFileSync(file, readFileSync(file, "utf8").replace("example: this row is not imported", `one-${kind}`));
    full.run("import", file, "--kind", kind);
    return [kind, full.run("list", "--kind", kind).records[0].id];
  });
  if (kinds.length < 20) throw new Error(`the method page leads to ${kinds.length} kinds`);
  return { address, kinds, stop: full.stop };
}

/** A node that follows another one and takes its laws alone. */
async function filtering(binary, folder, env, other) {
  const partial = node(binary, folder, env);
  partial.run("init", "--name", "partial.example.org", "--listen", "none", "--http-listen", "127.0.0.1:0");
  const card = join(folder, "card");
  writeFileSync(card, other.run("card").card);
  partial.run("peer", "add", card, "--introduces", "--kind", "law");
  const address = await partial.serve();
  const until = Date.now() + PATIENCE;
  while ((await (await fetch(`${address}/en/record`)).text()).match(/\/record\/[0-9a-f]{32}/g) === null) {
    if (Date.now() > until) throw new Error("nothing came from the peer");
    await new Promise((later) => setTimeout(later, 50));
  }
  return { address, stop: partial.stop };
}

/** A node in a folder of its own. */
function node(binary, folder, env) {
  mkdirSync(folder, { recursive: true });
  let running;
  let files = 0;
  return {
    run: (...words) => JSON.parse(execFileSync(binary, ["--data-dir", folder, "--json", ...words], { env, encoding: "utf8" })),
    file: (record) => {
      const path = join(folder, `${files++}.json`);
      writeFileSync(path, JSON.stringify(record));
      return path;
    },
    start() {
      running = spawn(binary, ["--data-dir", folder, "serve"], { env });
      // Also where what was to be looked at could not be made.
      process.once("exit", () => running.kill("SIGKILL"));
      return running;
    },
    serve() {
      return listening(this.start());
    },
    stop: () => stopped(running),
  };
}

/** The address of the pages, as soon as the node says that it serves. */
export function listening(node) {
  return new Promise((there, failed) => {
    let said = "";
    node.stderr.on("data", (part) => {
      const http = (said += part).match(/ http="?([0-9.:]+)"?/);
      if (http) there(`http://${http[1]}`);
    });
    node.once("exit", () => failed(new Error(`the node ended:\n${said}`)));
  });
}

export async function stopped(node) {
  if (!node || node.exitCode !== null) return;
  const ended = new Promise((ended) => node.once("exit", ended));
  node.kill("SIGTERM");
  await ended;
}

/** What the node answers while one reader has all the connections that it may, at another
 * address; the stylesheet is that of the node itself. */
async function refusing(address) {
  const { hostname, port } = new URL(address);
  const held = Array.from({ length: CONNECTIONS }, () => connect(Number(port), hostname));
  await Promise.all(
    held.map((socket) => {
      socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
      return new Promise((answered) => socket.once("data", answered));
    }),
  );
  const said = {};
  for (const language of ["en", "fr", "es", "ru", "ar", "zh"]) {
    said[language] = await answer(`${address}/${language}`);
  }
  held.forEach((socket) => socket.destroy());
  const server = createServer(async (request, response) => {
    const { status, headers, body } = request.url.startsWith("/style.css")
      ? await answer(address + request.url)
      : said[request.url.slice(1, 3)] ?? said.en;
    response.writeHead(status, headers).end(body);
  });
  await new Promise((there) => server.listen(0, "127.0.0.1", there));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** An answer over a connection of its own. */
function answer(url) {
  return new Promise((there, failed) => {
    get(url, { agent: new Agent() }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => there({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    }).on("error", failed);
  });
}

/** A node that is still starting: it waits for a vocabulary that nobody writes. */
async function starting(binary, folder, env) {
  const port = await free();
  const slow = node(binary, folder, env);
  slow.run("init", "--name", "slow.example.org", "--listen", "none", "--http-listen", `127.0.0.1:${port}`);
  mkdirSync(join(folder, "vocabularies"), { recursive: true });
  execFileSync("mkfifo", [join(folder, "vocabularies", "slow.csv")]);
  const running = slow.start();
  const address = `http://127.0.0.1:${port}`;
  const until = Date.now() + PATIENCE;
  for (let there = false; !there; ) {
    if (Date.now() > until || running.exitCode !== null) throw new Error("the node does not begin to start");
    there = await fetch(address).then(() => true, () => new Promise((later) => setTimeout(() => later(false), 50)));
  }
  // It waits where it cannot be told to stop.
  const stop = () => {
    running.kill("SIGKILL");
    return new Promise((ended) => running.once("exit", ended));
  };
  return { address, stop };
}

/** A port that nobody has. */
function free() {
  return new Promise((there) => {
    const listener = createListener().listen(0, "127.0.0.1", () => {
      const { port } = listener.address();
      listener.close(() => there(port));
    });
  });
}
