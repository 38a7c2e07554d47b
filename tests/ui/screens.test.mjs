// Every screen: axe, screenshots, a very long table, the files of the UI.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AXE, calm, login, openTool, quiet, ROOT, stage } from "./lab.mjs";
import { orchard } from "./scene.mjs";

const { open, serve } = stage();

test("100 000 jobs scroll, with few rows in the page; filters live in the URL", async () => {
  const s = await serve();
  await s.job({ name: "a real job", userIds: [s.userId] });
  await s.kill("SIGTERM");
  execFileSync("python3", ["-c", `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
cols = [c[1] for c in db.execute("PRAGMA table_info(job)") if c[1] not in ("id", "name")]
names = ", ".join(cols)
db.execute(f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) INSERT INTO job (name, {names}) SELECT 'job ' || i, {names} FROM n, job WHERE job.id = 1")
db.commit()`, join(s.data, "labeld.db")]);
  await s.start();
  const page = await open(s, { width: 1280, height: 800 });
  await login(page, "admin", "admin-password");
  await page.getByText("100,000 jobs").waitFor();
  const box = page.getByRole("table", { name: "Labeling jobs" });
  assert.equal(await box.evaluate((e) => e.scrollWidth - e.clientWidth), 0, "all columns are in view");
  await box.evaluate((e) => e.scrollTo(0, e.scrollHeight / 2));
  await page.waitForFunction(() => document.querySelectorAll(".vr .name").length > 5);
  const rows = await page.locator(".vr").count();
  assert.ok(rows < 80, `${rows} rows in the page`);
  await box.evaluate((e) => e.scrollTo(0, e.scrollHeight));
  await page.getByRole("link", { name: "a real job" }).waitFor();
  await page.getByLabel("Search by name").fill("job 4711");
  await page.getByRole("link", { name: "job 4711", exact: true }).waitFor();
  assert.match(page.url(), /name=job\+4711/);
  const there = await open(s);
  await login(there, "admin", "admin-password");
  await there.goto(page.url());
  await there.getByRole("link", { name: "job 4711", exact: true }).waitFor();
  await there.getByLabel("Status").selectOption("completed");
  await there.getByText("No job matches these filters").waitFor();
  await there.goBack();
  await there.getByRole("link", { name: "job 4711", exact: true }).waitFor();
  quiet(page);
});

test("assets: compressed, cached for ever, asked again by ETag, with a strict policy", async () => {
  const s = await serve();
  const page = await fetch(`${s.url}/jobs/1`, { headers: { accept: "text/html" } });
  const html = await page.text();
  assert.match(page.headers.get("content-security-policy"), /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/);
  assert.equal(page.headers.get("cache-control"), "no-cache");
  const again = await fetch(`${s.url}/`, { headers: { "if-none-match": page.headers.get("etag") } });
  assert.equal(again.status, 304);
  const [, app] = /src="(\/assets\/app-[^"]+\.js)"/.exec(html);
  for (const encoding of ["br", "gzip"]) {
    const r = await fetch(s.url + app, { headers: { "accept-encoding": encoding } });
    assert.equal(r.headers.get("content-encoding"), encoding);
    assert.match(r.headers.get("cache-control"), /immutable/);
    assert.match(await r.text(), /import/);
  }
  assert.equal((await fetch(`${s.url}/assets/none.js`)).status, 404);
  assert.equal((await fetch(`${s.url}/nowhere`)).status, 404);
  assert.equal((await fetch(`${s.url}/public/nothing`, { headers: { accept: "text/html" } })).status, 404);
});

test("axe finds nothing serious on any screen, light and dark; screenshots are kept", async () => {
  const shots = join(ROOT, "build/ui-shots");
  mkdirSync(shots, { recursive: true });
  const s = await serve();
  const { jobs, people } = await orchard(s);
  const [, reviewed] = jobs;
  const { id: queue } = await s.call("labeling-queues.add", { name: "night shift", datasetId: s.datasetId, userIds: [people.labeler_1.id], reviewerIds: [people.boris.id] });
  const { id: collection } = await s.call("entities-collections.add", { projectId: s.projectId, name: "hard ones", description: "Fruits that touch" });
  await s.call("entities-collections.items.bulk.add", { collectionId: collection, entityIds: reviewed.entities.slice(0, 2).map((e) => e.id) });
  const { id: issue } = await s.call("issues.add", { teamId: s.teamId, name: "Half lemons", isLocal: true, comment: "Are they *lemons*?" });
  await s.call("guides.add", { teamId: s.teamId, name: "How we draw fruits", description: "For all jobs" });
  await s.call("webhooks.add", { teamId: s.teamId, url: "https://hooks.example.org/labeld", action: "labeling_job.completed" });
  const own = await s.job({ name: "mine", userIds: [s.userId], reviewerId: s.userId });
  const image = own.entities[0].id;
  const screens = { jobs: "/jobs", newjob: `/jobs/new?from=${own.id}`, job: `/jobs/${reviewed.id}`, "job-statistics": `/jobs/${reviewed.id}/statistics`, "job-activity": `/jobs/${reviewed.id}/activity`, "job-settings": `/jobs/${reviewed.id}/settings`,
    work: "/work", reviews: "/reviews", queues: "/queues", queue: `/queues/${queue}`, newqueue: "/queues/new", projects: "/projects", project: `/projects/${s.projectId}`, images: `/projects/${s.projectId}/images`, collections: `/projects/${s.projectId}/collections`, collection: `/collections/${collection}`, classes: `/projects/${s.projectId}/classes`, tags: `/projects/${s.projectId}/tags`,
    statistics: `/projects/${s.projectId}/statistics`, dataset: `/datasets/${s.datasetId}`, members: "/members", users: "/users", account: "/account", activity: "/activity", team: "/statistics", guides: "/guides", newguide: "/guides/new", issues: "/issues", issue: `/issues/${issue}`, webhooks: "/webhooks", missing: "/nothing-here", empty: "/jobs?name=zzz", gone: "/jobs/99999" };
  const bad = [];
  const look = async (theme) => {
    const page = await open(s, { theme });
    const check = async (name) => {
      await calm(page);
      await page.screenshot({ path: join(shots, `${name}-${theme}.png`) });
      if (!(await page.evaluate(() => !!window.axe))) await page.evaluate(AXE);
      // colours are the only thing that the themes do differently
      const { violations } = await page.evaluate((only) => window.axe.run(document, { runOnly: only }), theme === "light" ? ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] : { type: "rule", values: ["color-contrast"] });
      for (const v of violations.filter((x) => x.impact === "serious" || x.impact === "critical")) bad.push(`${name} ${theme}: ${v.id} ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(" | ").slice(0, 300)}`);
    };
    await page.goto(s.url);
    await page.getByLabel("Login").waitFor();
    await check("login");
    await login(page, "admin", "admin-password");
    await page.getByText("9 jobs").waitFor();
    for (const [name, path] of Object.entries(screens)) {
      await page.evaluate((to) => { history.pushState(null, "", to); }, path); // another screen, the same page
      await page.locator("#main, main.tool").first().waitFor();
      await check(name);
    }
    await page.keyboard.press("Control+k");
    await page.getByRole("option", { name: /Projects/ }).waitFor();
    await check("palette");
    for (const [name, path] of [["tool", `/label/${own.id}/${image}`], ["review", `/review/${reviewed.id}`]]) {
      await openTool(page, path);
      await page.keyboard.press("Tab");
      if (name === "review") await page.getByRole("region", { name: "History" }).getByRole("button", { name: "Show" }).click();
      await check(name);
    }
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keys" }).waitFor();
    await check("keys");
    assert.deepEqual(page.wrong, []);
  };
  await Promise.all([look("light"), look("dark")]);
  assert.deepEqual(bad, []);
});
