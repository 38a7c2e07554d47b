// The labeling tool: each shape, editing, limits, tags, keys.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { annotation, clickAt, drag, imageOf, login, maskPixels, openTool, quiet, ROLE, ROOT, saved, stage, step, until } from "./lab.mjs";

const { open, serve } = stage();

test("each tool: what is drawn is what the server has", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "tools", userIds: [l.id] });
  const page = await open(s);
  await login(page, "hand", l.password);
  await openTool(page, `/label/${job.id}`);
  const image = await imageOf(page);
  const pick = async (name) => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByRole("region", { name: "Classes" }).getByRole("button", { name: new RegExp(name) }).click();
  };
  await pick("box");
  await drag(page, [[200, 300], [500, 420]]);
  await pick("leaf");
  for (const [x, y] of [[600, 200], [800, 240], [760, 400]]) await clickAt(page, x, y);
  await page.keyboard.press("Space");
  await pick("stem");
  for (const [x, y] of [[900, 300], [950, 350], [1000, 310]]) await clickAt(page, x, y);
  await page.keyboard.press("Enter");
  await pick("spot");
  await clickAt(page, 1100, 500);
  await pick("lemon");
  await drag(page, [[300, 700], [400, 760], [500, 700]], 6);
  const bits = await page.evaluate(() => { const m = window.__labeld.engine.scene.brush.mask; let n = 0; for (const b of m.bits) n += b; return n; });
  await page.keyboard.press("Space");
  const objects = await until("five objects", async () => { const { objects } = await annotation(s, image); return objects.length === 5 && objects; });
  await saved(page);
  const drawn = await page.evaluate(() => window.__labeld.doc.objects.map((o) => ({ id: o.id, type: o.type, points: o.points })));
  for (const o of objects) {
    const mine = drawn.find((d) => d.id === o.id);
    assert.ok(mine, `object ${o.id} has its id here`);
    assert.equal(mine.type, o.geometryType);
    if (o.points) assert.deepEqual(o.points.exterior, mine.points);
  }
  const near = (p, q) => Math.abs(p[0] - q[0]) <= 2.5 && Math.abs(p[1] - q[1]) <= 2.5;
  const box = objects.find((o) => o.classTitle === "box").points.exterior;
  assert.ok(near(box[0], [200, 300]) && near(box[1], [500, 420]) && box.flat().every(Number.isInteger));
  const leaf = objects.find((o) => o.classTitle === "leaf").points.exterior;
  assert.equal(leaf.length, 3);
  assert.ok(near(leaf[0], [600, 200]) && leaf.flat().every((v) => v % 1 === 0.5));
  const mask = maskPixels(objects.find((o) => o.classTitle === "lemon").bitmap);
  let n = 0;
  for (let y = mask.y; y < mask.y + mask.h; y++) for (let x = mask.x; x < mask.x + mask.w; x++) n += mask.at(x, y);
  assert.equal(n, bits, "every pixel of the mask arrived, and no other");
  assert.ok(mask.at(400, 755));
  // the stock SDK downloads the same, in its whole pixels
  const sdk = JSON.parse(execFileSync(join(ROOT, "build/venv/bin/python"), ["-c", `
import json, os, sys
os.environ["LOG_LEVEL"] = "critical"
import supervisely as sly
api = sly.Api(sys.argv[1], sys.argv[2])
meta = sly.ProjectMeta.from_json(api.project.get_meta(int(sys.argv[3])))
out = {}
for label in api.annotation.download(int(sys.argv[4])).annotation["objects"] and sly.Annotation.from_json(api.annotation.download_json(int(sys.argv[4])), meta).labels:
    g = label.geometry
    out[label.obj_class.name] = (int(g.data.sum()), g.origin.col, g.origin.row) if isinstance(g, sly.Bitmap) else g.to_json()["points"]["exterior"]
print(json.dumps(out))`, s.url, s.token, String(s.projectId), String(image)], { encoding: "utf8" }).trim().split("\n").at(-1));
  const floor = (name) => objects.find((o) => o.classTitle === name).points.exterior.map((p) => p.map(Math.floor));
  for (const name of ["leaf", "stem", "spot"]) assert.deepEqual(sdk[name], floor(name), name);
  assert.deepEqual(sdk.box, [box[0], box[1].map((v) => v - 1)], "the SDK's right and bottom are inside");
  assert.deepEqual(sdk.lemon, [bits, mask.x, mask.y]);
  await page.reload();
  await page.waitForFunction(() => window.__labeld?.doc?.objects.length === 5);
  const back = await page.evaluate(() => window.__labeld.doc.objects.find((o) => o.mask).mask.bits.reduce((a, b) => a + b, 0));
  assert.equal(back, bits, "and is read back the same");
  quiet(page);
});

test("select, move, vertices, delete, undo and redo across saves", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "edit", userIds: [l.id] });
  const page = await open(s);
  await login(page, "hand", l.password);
  await openTool(page, `/label/${job.id}`);
  const image = await imageOf(page);
  const state = () => annotation(s, image).then((a) => JSON.stringify(a.objects.map((o) => [o.classTitle, o.points])));
  const here = () => page.evaluate(() => JSON.stringify(window.__labeld.doc.objects.map((o) => [window.__labeld.classOf(o.classId).title, { exterior: o.points, interior: o.holes }])));
  const same = async () => { await saved(page); await until("server and page agree", async () => (await state()) === (await here())); return here(); };
  await page.getByRole("region", { name: "Classes" }).getByRole("button", { name: /leaf/ }).click();
  for (const [x, y] of [[600, 200], [900, 240], [860, 500], [620, 480]]) await clickAt(page, x, y);
  await page.keyboard.press("Space");
  const made = await same();
  await page.keyboard.press("v");
  await page.getByRole("region", { name: "Objects" }).getByRole("button", { name: /^leaf/ }).click();
  await drag(page, [[740, 350], [800, 390]]);
  const moved = await same();
  assert.notEqual(moved, made);
  await page.keyboard.press("Alt+ArrowRight");
  await same();
  const [vx, vy] = await page.evaluate(() => window.__labeld.object.points[0]);
  await page.keyboard.down("Alt");
  await clickAt(page, vx, vy);
  await page.keyboard.up("Alt");
  const three = await same();
  assert.equal(JSON.parse(three)[0][1].exterior.length, 3);
  await page.keyboard.press("Delete");
  assert.equal(await same(), "[]");
  for (let i = 0; i < 4; i++) await page.keyboard.press("Control+z");
  assert.equal(await same(), made);
  for (let i = 0; i < 3; i++) await page.keyboard.press("Control+Shift+z");
  assert.equal(await same(), three);
  quiet(page);
});

test("limits, tags, confirm and submit; then the labeler sees nothing of it", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "limits", userIds: [l.id], meta: { classes: ["spot"], projectTags: ["size", "blurred"], imageFiguresLimit: 2, imageTagsLimit: 1 } });
  const page = await open(s);
  await login(page, "hand", l.password);
  await page.getByRole("link", { name: "Start labeling" }).click();
  await page.waitForFunction(() => window.__labeld?.doc);
  assert.equal(await page.getByRole("region", { name: "Classes" }).getByRole("button").count(), 1);
  assert.ok(await page.getByRole("button", { name: "Rectangle" }).isDisabled());
  const image = await imageOf(page);
  await page.keyboard.press("o");
  await clickAt(page, 300, 300);
  await clickAt(page, 400, 300);
  await page.getByTestId("objects").filter({ hasText: "2 of 2" }).waitFor();
  await clickAt(page, 500, 300);
  await page.getByText(/allows 2 objects an image/).waitFor();
  await page.getByLabel("size on the image").check();
  await page.getByLabel("Value of size on the image").selectOption("big");
  await page.getByLabel("blurred on the image").click();
  await page.getByText(/allows 1 tags an image/).waitFor();
  await saved(page);
  const a = await until("tag and points", async () => { const x = await annotation(s, image); return x.objects.length === 2 && x.tags[0]?.value === "big" && x; });
  assert.equal(a.tags.length, 1);
  await page.locator(".stage").focus();
  for (let i = 0; i < 6; i++) await step(page, "Enter");
  await page.getByRole("heading", { name: "Submit the job?" }).waitFor();
  await page.getByText("6 of 6 images confirmed").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Submit job" }).click();
  await page.getByRole("heading", { name: "My jobs" }).waitFor();
  await page.getByText("Nothing to label right now").waitFor();
  const after = await s.call("jobs.info", { id: job.id });
  assert.equal(after.status, "on_review");
  assert.equal(after.finishedImagesCount, 6);
  await page.goto(`${s.url}/jobs/${job.id}`);
  await page.getByText(/don't have enough permissions/).waitFor();
  quiet(page);
});

test("objects drawn by the SDK appear; tag values of each type arrive", async () => {
  const s = await serve();
  const meta = await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "both ways", userIds: [l.id] });
  const image = job.entities[0].id;
  const leaf = meta.classes.find((c) => c.title === "leaf").id;
  const points = { exterior: [[100.5, 100.5], [400.5, 120.5], [300.5, 400.5]], interior: [[[200.5, 150.5], [260.5, 160.5], [240.5, 220.5]]] };
  await s.call("figures.bulk.add", { entityId: image, figures: [{ classId: leaf, geometryType: "polygon", geometry: { points } }] });
  const page = await open(s);
  await login(page, "hand", l.password);
  await openTool(page, `/label/${job.id}/${image}`);
  assert.deepEqual(await page.evaluate(() => { const [o] = window.__labeld.doc.objects; return { exterior: o.points, interior: o.holes }; }), points);
  await page.getByRole("region", { name: "Objects" }).getByRole("button", { name: /^leaf/ }).click();
  await page.getByLabel("origin on the object").check();
  await page.getByLabel("Value of origin on the object").fill("Sicily");
  await page.keyboard.press("Tab");
  await page.getByLabel("blurred on the object").check();
  const tags = await until("the tags", async () => { const { objects } = await annotation(s, image); const t = objects[0].tags; return t.length === 2 && t.some((x) => x.value === "Sicily") && t; });
  assert.deepEqual(tags.map((t) => t.name).sort(), ["blurred", "origin"]);
  await page.getByLabel("blurred on the object").uncheck();
  await until("one tag", async () => (await annotation(s, image)).objects[0].tags.length === 1);
  quiet(page);
});

test("by keyboard alone: open the job, draw, tag, confirm, submit", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("keys", ROLE.annotator);
  const job = await s.job({ name: "keyboard", userIds: [l.id], meta: { classes: ["box", "lemon"], range: { start: 1, end: 1 } } });
  const page = await open(s);
  const k = (...keys) => keys.reduce((p, key) => p.then(() => page.keyboard.press(key)), Promise.resolve());
  await page.goto(s.url);
  await page.getByLabel("Login").waitFor();
  await page.keyboard.type("keys");
  await k("Tab");
  await page.keyboard.type(l.password);
  await k("Enter");
  await page.getByRole("link", { name: "Start labeling" }).focus();
  await k("Enter");
  await page.waitForFunction(() => window.__labeld?.doc);
  const image = await imageOf(page);
  await page.locator(".stage").focus();
  await k("c", "r", "Space", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "Space");
  await k("b", "Control+ArrowLeft", "Control+ArrowLeft", "Control+ArrowLeft", "Space", "ArrowLeft", "ArrowLeft", "Space", "Enter");
  await saved(page);
  const { objects } = await until("two objects", async () => { const a = await annotation(s, image); return a.objects.length === 2 && a; });
  assert.deepEqual(objects.map((o) => o.geometryType).sort(), ["bitmap", "rectangle"]);
  await k("Enter");
  await page.getByRole("heading", { name: "Submit the job?" }).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Submit job" }).focus();
  await k("Enter");
  await page.getByText("Nothing to label right now").waitFor();
  assert.equal((await s.call("jobs.info", { id: job.id })).status, "on_review");
  quiet(page);
});

test("after a click beside the image the keys are the image's again; what is reached by Tab answers to its own keys", async () => {
  const s = await serve();
  await s.meta();
  const job = await s.job({ name: "hands on both", userIds: [s.userId], reviewerId: s.userId });
  const status = async (id) => (await s.call("jobs.info", { id: job.id })).entities.find((e) => e.id === id).reviewStatus;
  const page = await open(s);
  await login(page, "admin", "admin-password");
  await openTool(page, `/label/${job.id}`);
  const first = await imageOf(page);
  const shown = await page.locator(".pos").textContent();
  await page.keyboard.press("+");
  await page.waitForFunction((was) => document.querySelector(".pos").textContent !== was, shown); // the zoom, before the mouse has moved
  await page.keyboard.press("0");
  const objects = () => page.evaluate(() => window.__labeld.doc.objects.length);
  await page.keyboard.press("r");
  for (const x of [100, 500]) await drag(page, [[x, 100], [x + 300, 300]]);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.waitForFunction(() => window.__labeld.doc.objects.length === 1);
  await page.keyboard.press("Space");
  assert.equal(await objects(), 1, "Space has not pressed Undo again");
  await page.getByLabel("blurred on the image").click();
  await page.keyboard.press("Space");
  assert.ok(await page.getByLabel("blurred on the image").isChecked(), "nor the tag");
  await page.getByRole("option", { name: /^2 / }).click();
  await page.waitForFunction((id) => window.__labeld.doc.imageId !== id, first);
  const second = await imageOf(page);
  await step(page, "Enter");
  await until("confirmed", async () => (await status(second)) === "done");

  const third = await imageOf(page);
  await page.keyboard.press("t");
  await page.keyboard.press("Space");
  await until("a tag by keyboard", async () => (await annotation(s, third)).tags.some((t) => t.name === "blurred"));
  await page.keyboard.press("Escape");
  assert.ok(await page.locator(".stage").evaluate((e) => document.activeElement === e));
  await page.getByLabel("opacity").focus();
  await page.keyboard.press("ArrowRight");
  assert.deepEqual([await page.getByLabel("opacity").inputValue(), await imageOf(page)], ["41", third]);
  await page.locator(".stage").focus();
  await page.keyboard.press("Tab");
  assert.ok(await page.locator(".stage").evaluate((e) => document.activeElement !== e), "nothing drawn: Tab leads on");
  await page.keyboard.press("Control+Shift+Enter");
  await page.getByRole("heading", { name: "Submit the job?" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Go on labeling");
  quiet(page);
});

test("a job of many images: what is decided, here or elsewhere, shows without asking for the whole job again", async () => {
  const s = await serve();
  const { id: datasetId } = await s.call("datasets.add", { projectId: s.projectId, name: "many", description: "" });
  const [{ hash }] = (await s.call("images.list", { datasetId: s.datasetId })).entities;
  await s.call("images.bulk.add", { datasetId, images: Array.from({ length: 3000 }, (_, i) => ({ title: `${i + 1}.jpeg`, hash })) });
  const job = await s.job({ name: "long", datasetId, userIds: [s.userId], reviewerId: s.userId });
  const page = await open(s);
  await login(page, "admin", "admin-password");
  await openTool(page, `/label/${job.id}`);
  await page.waitForFunction(() => document.documentElement.dataset.live === "stream");
  const asked = [];
  page.on("request", (r) => { if (/jobs\.info/.test(r.url())) asked.push(r.url()); });
  const counts = [-5, -4, -3, -2, -1];
  await until("the start is over", () => counts.push(asked.length) && counts.slice(-5).every((n) => n === asked.length));
  asked.length = 0;
  for (let i = 0; i < 3; i++) await step(page, "Enter");
  await page.getByRole("option", { name: "3 ✓ done: 3.jpeg" }).waitFor();
  const fifth = job.entities.find((e) => e.name === "5.jpeg").id;
  await s.call("jobs.entities.update-review-status", { jobId: job.id, entityId: fifth, status: "rejected" });
  await page.getByRole("option", { name: "5 ✕ rejected: 5.jpeg" }).waitFor();
  assert.deepEqual(asked, []);
  quiet(page);
});
