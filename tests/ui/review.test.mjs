// Review, rounds, what is seen live in other windows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { annotation, drag, imageOf, login, openTool, quiet, ROLE, stage, step, until } from "./lab.mjs";

const { open, serve } = stage();

test("review: reject, restart, second round, accept, complete, archive, remove; live in another window", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("labeler_1", ROLE.annotator);
  const r = await s.user("boris", ROLE.reviewer);
  const job = await s.job({ name: "story", userIds: [l.id], reviewerId: r.id, meta: { classes: ["lemon"], range: { start: 1, end: 3 } } });
  const manager = await open(s);
  await login(manager, "admin", "admin-password");
  await manager.getByText("0 / 3").waitFor();
  const labeler = await open(s);
  await login(labeler, "labeler_1", l.password);
  await openTool(labeler, `/label/${job.id}`);
  await labeler.keyboard.press("b");
  await drag(labeler, [[300, 300], [380, 360]]);
  for (let i = 0; i < 3; i++) {
    await labeler.keyboard.press("Space");
    await step(labeler, "Enter");
  }
  await manager.getByText("3 / 3").waitFor();
  await labeler.getByRole("dialog").getByRole("button", { name: "Submit job" }).click();
  await manager.getByRole("cell", { name: "on review" }).waitFor();

  const reviewer = await open(s);
  await login(reviewer, "boris", r.password);
  await reviewer.getByRole("link", { name: "Review", exact: true }).click();
  await reviewer.waitForFunction(() => window.__labeld?.doc);
  assert.ok(await reviewer.getByRole("button", { name: "Brush" }).isDisabled(), "read only until Fix");
  await reviewer.getByRole("region", { name: "Objects" }).getByRole("button", { name: /^lemon/ }).click();
  await reviewer.getByRole("button", { name: "Right: class" }).click();
  await reviewer.getByRole("button", { name: "Wrong: shape" }).click();
  const verdict = await until("the verdicts", async () => (await s.call("jobs.verdicts.list", { jobId: job.id, entityId: await imageOf(reviewer) })).figures.find((f) => f.geometryReviewStatus === "rejected"));
  assert.equal(verdict.classReviewStatus, "approved");
  await reviewer.locator(".stage").focus();
  await reviewer.keyboard.press("x");
  await reviewer.getByLabel(/What is wrong/).fill("The edges are too loose");
  assert.ok(await reviewer.getByLabel(/It is about lemon/).isChecked());
  await step(reviewer, "Enter");
  for (let i = 0; i < 2; i++) await step(reviewer, "a");
  await reviewer.getByRole("heading", { name: "Finish the review?" }).waitFor();
  await reviewer.getByRole("button", { name: /Restart 1 rejected image/ }).click();
  await reviewer.getByRole("button", { name: "Send 1 image back" }).click();
  await reviewer.getByRole("heading", { name: "story (#2)" }).waitFor();
  const second = (await s.call("jobs.list", { teamId: s.teamId })).entities.find((j) => j.name === "story (#2)");
  assert.equal(second.labelerLogin, "labeler_1");
  assert.equal((await s.call("jobs.info", { id: job.id })).status, "completed");

  await labeler.goto(`${s.url}/work`);
  await labeler.getByRole("link", { name: "Start labeling" }).click();
  await labeler.waitForFunction(() => window.__labeld?.doc);
  const told = labeler.getByRole("region", { name: "Comments" });
  await told.getByText("The edges are too loose").waitFor();
  await told.getByRole("button", { name: /lemon #/ }).click();
  assert.equal(await labeler.evaluate(() => window.__labeld.engine.scene.pins.length), 1, "pinned to the object");
  await labeler.locator(".stage").focus();
  await labeler.keyboard.press("Alt+ArrowRight");
  await labeler.keyboard.press("Escape");
  await labeler.keyboard.press("b");
  await drag(labeler, [[600, 600], [700, 640]]);
  await labeler.keyboard.press("Space");
  await labeler.keyboard.press("Enter");
  await labeler.getByRole("dialog").getByRole("button", { name: "Submit job" }).click();
  await labeler.getByText("Nothing to label right now").waitFor();
  await reviewer.goto(`${s.url}/review/${second.id}`);
  await reviewer.waitForFunction(() => window.__labeld?.doc);
  const changes = reviewer.getByRole("region", { name: "Changes" });
  await changes.getByText("added").waitFor();
  await changes.getByText("changed: shape").waitFor();
  const shown = () => reviewer.evaluate(() => window.__labeld.engine.scene.before?.length ?? -1);
  await reviewer.keyboard.press("y");
  assert.equal(await shown(), 1, "before the round there was one");
  await reviewer.keyboard.press("y");
  assert.equal(await shown(), -1);
  await reviewer.keyboard.press("a");
  await reviewer.getByRole("button", { name: "Complete job" }).click();
  await reviewer.getByText("Review finished").waitFor();
  assert.equal((await s.call("jobs.info", { id: second.id })).status, "completed");

  await manager.getByLabel("Select story (#2)").check();
  await manager.getByRole("toolbar", { name: "Selected jobs" }).getByRole("button", { name: "Archive" }).click();
  await manager.getByRole("dialog").getByRole("button", { name: "Archive 1 job" }).click();
  await manager.getByText("Archived 1 job").waitFor();
  await manager.getByLabel("Select story", { exact: true }).check();
  await manager.getByRole("toolbar", { name: "Selected jobs" }).getByRole("button", { name: "Remove" }).click();
  await manager.getByRole("dialog").getByRole("button", { name: "Remove 1 job" }).click();
  await manager.getByText("No jobs yet").waitFor();
  for (const p of [manager, labeler, reviewer]) quiet(p);
});

test("the history of an object: who, from what to what; a state is looked at and restored by who may; what was removed in a round comes back", async () => {
  const s = await serve();
  await s.meta();
  const { tags } = await s.call("projects.meta", { id: s.projectId });
  const [l, r] = [await s.user("hand", ROLE.annotator), await s.user("boris", ROLE.reviewer)];
  const job = await s.job({ name: "story", userIds: [l.id], reviewerId: r.id, meta: { classes: ["box"], projectTags: ["blurred"], range: { start: 1, end: 1 } } });
  const image = job.entities[0].id;
  const box = () => annotation(s, image).then((a) => a.objects[0]);
  const labeler = await open(s);
  await login(labeler, "hand", l.password);
  await openTool(labeler, `/label/${job.id}`);
  await labeler.keyboard.press("r");
  await drag(labeler, [[300, 300], [500, 420]]);
  await labeler.keyboard.press("Escape");
  await until("the box", box);
  const drawn = await box();
  for (let i = 0; i < 3; i++) await labeler.keyboard.press("Alt+Shift+ArrowRight");
  await until("it is moved", async () => (await box()).points.exterior[0][0] === drawn.points.exterior[0][0] + 30);
  await s.call("object-tags.add-to-object", { figureId: drawn.id, tagId: tags.find((t) => t.name === "blurred").id });
  const history = labeler.getByRole("region", { name: "History" });
  await history.getByRole("button", { name: "Show" }).focus();
  await labeler.keyboard.press("Enter");
  const [x, y] = drawn.points.exterior[0];
  const rows = history.getByRole("listitem");
  await rows.filter({ hasText: "tags: none → blurred" }).filter({ hasText: "admin" }).getByText("now, since").waitFor();
  await rows.filter({ hasText: "drawn as box" }).filter({ hasText: "hand" }).waitFor();
  await rows.filter({ hasText: new RegExp(`at ${x + 20}, ${y} → .* at ${x + 30}, ${y}`) }).waitFor();
  assert.equal(await rows.count(), 5);
  const ghost = () => labeler.evaluate(() => window.__labeld.engine.scene.ghosts.map((g) => g.points[0]));
  await rows.last().getByRole("button", { name: /^Look/ }).click();
  await until("it is seen where it was", async () => (await ghost()).length);
  assert.deepEqual(await ghost(), [[x, y]]);
  await rows.last().getByRole("button", { name: /^Restore/ }).click();
  await labeler.getByText("It is again what it was").waitFor();
  await until("it is again where it was", async () => JSON.stringify((await labeler.evaluate(() => window.__labeld.doc.objects[0].points))) === JSON.stringify(drawn.points.exterior));
  assert.deepEqual([(await box()).points, (await box()).tags], [drawn.points, []]);
  await rows.nth(5).waitFor();
  assert.deepEqual(await ghost(), []);

  await s.call("jobs.entities.update-review-status", { jobId: job.id, entityId: image, status: "rejected" });
  await s.call("jobs.set-status", { id: job.id, status: "on_review" });
  const [{ id: second }] = await s.call("jobs.restart", { id: job.id });
  await s.call("jobs.set-status", { id: second, status: "in_progress" });
  await s.call("figures.bulk.remove", { figureIds: [drawn.id] }, await s.logIn("hand", l.password), { "x-job-id": second });
  await s.call("jobs.set-status", { id: second, status: "on_review" });
  const reviewer = await open(s);
  await login(reviewer, "boris", r.password);
  await openTool(reviewer, `/review/${second}`);
  await reviewer.getByRole("region", { name: "Changes" }).getByRole("button", { name: /box .*removed/ }).click();
  const past = reviewer.getByRole("region", { name: "History" });
  await past.getByRole("button", { name: "Show" }).click();
  await past.getByRole("listitem").first().getByText("removed").waitFor();
  assert.equal(await past.getByRole("button", { name: /^Restore/ }).count(), 0, "not before Fix");
  await reviewer.locator(".stage").focus();
  await reviewer.keyboard.press("F2");
  await past.getByRole("button", { name: /^Restore/ }).first().click();
  await until("it is there again", async () => (await box())?.id === drawn.id && (await reviewer.evaluate(() => window.__labeld.doc.objects.length)) === 1);
  await past.getByText("brought back").waitFor();
  await reviewer.getByRole("region", { name: "Changes" }).getByRole("button", { name: /removed/ }).waitFor({ state: "detached" });
  for (const p of [labeler, reviewer]) quiet(p);
});

test("a job stopped or given to somebody else while it is open can be looked at, not changed", async () => {
  const s = await serve();
  await s.meta();
  const [l, other] = [await s.user("hand", ROLE.annotator), await s.user("heir", ROLE.annotator)];
  const page = await open(s);
  await login(page, "hand", l.password);
  for (const [method, change] of [["jobs.stop", {}], ["jobs.editInfo", { userId: other.id }]]) {
    const job = await s.job({ name: method, userIds: [l.id] });
    await openTool(page, `/label/${job.id}`);
    await page.locator(".live.stream, [data-live=stream]").first().waitFor({ state: "attached" });
    await s.call(method, { id: job.id, ...change });
    await page.getByText(/has been stopped, or is no longer yours/).waitFor();
    assert.ok(await page.getByRole("button", { name: "Brush" }).isDisabled());
    assert.equal(await page.getByRole("button", { name: /Confirm/ }).count(), 0);
  }
  quiet(page);
});

test("tabs share one stream of events; when the server has been away, what was missed is shown", async () => {
  const s = await serve();
  await s.meta();
  const page = await open(s);
  const asked = [];
  page.context().on("request", (r) => { if (r.url().includes("teams.events")) asked.push(r.url()); });
  await login(page, "admin", "admin-password");
  await page.locator(".live.stream").waitFor();
  const other = await page.context().newPage();
  await other.goto(`${s.url}/jobs`);
  await other.locator(".live.stream").waitFor();
  await s.job({ name: "seen by both", userIds: [s.userId] });
  for (const p of [page, other]) await p.getByRole("link", { name: "seen by both" }).waitFor();
  assert.equal(asked.length, 1, asked.join(" "));
  await page.close(); // the other goes on with it
  await s.job({ name: "after the first tab", userIds: [s.userId] });
  await other.getByRole("link", { name: "after the first tab" }).waitFor();
  await s.kill();
  await other.locator(".live.poll").waitFor();
  await s.start();
  await s.job({ name: "made meanwhile", userIds: [s.userId] });
  await other.getByRole("link", { name: "made meanwhile" }).waitFor();
  await other.locator(".live.stream").waitFor();
});
