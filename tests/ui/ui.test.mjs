// The web UI, used by people: a real Chromium against the real binary. Run: node --test tests/ui/ui.test.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { AXE, browser, clickAt, drag, login, openTool, place, ROLE, ROOT, saved, Server, window } from "./lab.mjs";

let chrome;
const servers = [];
const serve = async (options) => {
  const s = await new Server(options).start();
  servers.push(s);
  return s;
};
before(async () => {
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  for (const s of servers) await s.close().catch(() => {});
});
const quiet = (page) => assert.deepEqual(page.wrong, []);
const annotation = (s, imageId) => s.call("annotations.info", { imageId, integerCoords: false }).then((a) => a.annotation);
const imageOf = (page) => page.evaluate(() => window.__labeld.doc.imageId);
const until = async (what, f) => {
  for (let i = 0; i < 100; i++) {
    const value = await f();
    if (value) return value;
    await new Promise((r) => setTimeout(r, 100));
  }
  assert.fail(`never: ${what}`);
};

// What the SDK does with a mask: base64, zlib, PNG. Only what our own codec writes.
function maskPixels({ origin, data }) {
  const png = inflateSync(Buffer.from(data, "base64"));
  const w = png.readUInt32BE(16);
  const h = png.readUInt32BE(20);
  const parts = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(parts));
  const stride = Math.ceil(w / 8) + 1;
  return { x: origin[0], y: origin[1], w, h, at: (x, y) => x >= origin[0] && y >= origin[1] && x < origin[0] + w && y < origin[1] + h && ((raw[(y - origin[1]) * stride + 1 + ((x - origin[0]) >> 3)] >> (7 - ((x - origin[0]) & 7))) & 1) === 1 };
}

test("first run makes the administrator, once", async () => {
  const s = await serve({ init: false });
  const page = await window(chrome, s);
  await page.goto(s.url);
  await page.getByRole("heading", { name: "Create the administrator" }).waitFor();
  await page.getByLabel("Login").fill("root");
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByLabel("Password again").fill("short");
  await page.getByRole("button", { name: /Create and sign in/ }).click();
  await page.getByText(/a password has 8 to 256 bytes/).waitFor();
  await page.getByLabel("Password", { exact: true }).fill("long enough");
  await page.getByLabel("Password again").fill("long enough");
  await page.getByRole("button", { name: /Create and sign in/ }).click();
  await page.getByRole("heading", { name: "Labeling jobs" }).waitFor();
  const again = await fetch(`${s.url}/api/setup`, { method: "POST", headers: { "x-csrf-token": "x" }, body: JSON.stringify({ login: "two", password: "long enough" }) });
  assert.equal(again.status, 400);
  quiet(page);
});

test("login: wrong password, no team, right, logout; cookie and session", async () => {
  const s = await serve();
  const lonely = await s.user("lonely");
  const page = await window(chrome, s);
  await page.goto(s.url);
  for (const [who, password, says] of [["admin", "wrong-password", "wrong login or password"], ["lonely", lonely.password, "in no team yet"]]) {
    await page.getByLabel("Login").fill(who);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: /Sign in/ }).click();
    await page.getByRole("alert").filter({ hasText: says }).waitFor();
  }
  await login(page, "admin", "admin-password");
  const [cookie] = await page.context().cookies();
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, "Strict");
  const stolen = { cookie: `${cookie.name}=${cookie.value}` };
  const post = (headers) => fetch(`${s.url}/public/api/v3/users.me`, { method: "POST", headers, body: "{}" }).then((r) => r.status);
  assert.equal(await post(stolen), 401, "without the header of our pages");
  assert.equal(await post({ "x-api-key": cookie.value }), 401, "a session is no API token");
  await page.locator("summary", { hasText: "Account menu" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  const get = await fetch(`${s.url}/public/api/v3/users.me`, { headers: stolen });
  assert.equal(get.status, 401, "the session has ended on the server");
  quiet(page);
});

test("API token page: a token that works, shown once", async () => {
  const s = await serve();
  const page = await window(chrome, s);
  await login(page, "admin", "admin-password");
  const make = async () => {
    await page.goto(`${s.url}/account`);
    await page.getByRole("button", { name: "Make a new token" }).click();
    await page.getByRole("button", { name: "Make token" }).click();
    return page.getByTestId("token").textContent();
  };
  const first = await make();
  assert.equal((await s.call("users.me", {}, first)).login, "admin");
  const second = await make();
  await assert.rejects(s.call("users.me", {}, first), /401/);
  assert.equal((await s.call("users.me", {}, second)).login, "admin");
  await page.reload();
  assert.equal(await page.getByTestId("token").count(), 0);
  quiet(page);
});

test("manager: member, project, upload, class, tag, job with every setting", async () => {
  const s = await serve();
  const page = await window(chrome, s);
  await login(page, "admin", "admin-password");
  await page.getByRole("link", { name: "Members" }).click();
  await page.getByRole("button", { name: "Add member" }).click();
  await page.getByRole("button", { name: "New account" }).click();
  await page.getByLabel("Login").fill("labeler_9");
  await page.getByLabel("Password").fill("labeler-nine");
  await page.getByRole("dialog").getByRole("button", { name: "Add member" }).click();
  await page.getByRole("cell", { name: "labeler_9" }).first().waitFor();

  await page.getByRole("link", { name: "Projects" }).click();
  await page.getByRole("button", { name: "New project" }).click();
  await page.getByLabel("Name").fill("Orchard");
  await page.getByRole("button", { name: "Create project" }).click();
  await page.getByRole("button", { name: "New dataset" }).click();
  await page.getByLabel("Name").fill("morning");
  await page.getByRole("button", { name: "Create dataset" }).click();
  await page.getByRole("heading", { name: "morning" }).waitFor();
  const demo = ["IMG_4451.jpeg", "IMG_3861.jpeg", "IMG_0748.jpeg"].map((n) => join(ROOT, "demo", n));
  const bad = join(s.dir, "broken.jpeg");
  writeFileSync(bad, "this is no picture");
  await page.getByLabel("Choose images").setInputFiles([...demo, bad]);
  await page.getByText("3 of 4 files uploaded, 1 failed").waitFor();
  await page.getByText(/broken\.jpeg: /).waitFor();
  await page.getByRole("button", { name: "IMG_4451.jpeg" }).waitFor();
  await page.getByRole("link", { name: "Orchard" }).click();
  await page.getByRole("link", { name: "Classes" }).click();
  for (const [name, shape] of [["lemon", "bitmap"], ["crate", "rectangle"]]) {
    await page.getByRole("button", { name: "New class" }).click();
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Shape").selectOption(shape);
    await page.getByRole("button", { name: "Save class" }).click();
    await page.getByRole("cell", { name }).first().waitFor();
  }
  await page.getByRole("link", { name: "Tags" }).click();
  await page.getByRole("button", { name: "New tag" }).click();
  await page.getByLabel("Name").fill("size");
  await page.getByLabel("Value", { exact: true }).selectOption("oneof_string");
  await page.getByLabel("Values, one a line").fill("small\nbig");
  await page.getByRole("button", { name: "Save tag" }).click();
  await page.getByRole("cell", { name: /one of a list/ }).waitFor();

  await page.getByRole("link", { name: "New job" }).click();
  await page.getByLabel("Name").fill("every setting");
  await page.getByLabel("Description").fill("short text");
  await page.getByLabel("Labelers").selectOption({ label: "labeler_9 — annotator" });
  await page.getByLabel("Reviewer").selectOption({ label: "admin" });
  await page.getByRole("button", { name: "Range" }).click();
  await page.getByLabel("From image").fill("2");
  await page.getByLabel("To image").fill("3");
  await page.getByRole("group", { name: /^Classes/ }).getByRole("button", { name: "lemon" }).click();
  await page.getByRole("group", { name: /^Tags none/ }).getByRole("button", { name: "size" }).click();
  await page.getByLabel("Objects an image").fill("10");
  await page.getByLabel("Tags an image").fill("3");
  await page.getByRole("textbox", { name: "Readme" }).fill("# Read me\n\n<img src=x onerror=alert(1)> **bold**");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("heading", { name: "Read me" }).waitFor();
  await page.getByLabel("Also classes made later").check();
  await page.getByLabel("A quality check after the review").check();
  await page.getByRole("heading", { name: "2 images of 3" }).waitFor();
  await page.getByText("labeler_9").first().waitFor();
  assert.match(await page.locator("pre.code").textContent(), /api\.labeling_job\.create\(\n\s+name="every setting"/);
  await page.getByRole("button", { name: /Create job/ }).click();
  await page.getByRole("heading", { name: "every setting" }).waitFor();
  const { entities } = await s.call("jobs.list", { teamId: s.teamId });
  const job = await s.call("jobs.info", { id: entities[0].id });
  assert.equal(job.description, "short text");
  assert.equal(job.reviewerLogin, "admin");
  assert.equal(job.imagesCount, 2);
  assert.deepEqual(job.meta.classes.map((c) => c.name), ["lemon"]);
  assert.deepEqual(job.meta.projectTags.map((t) => t.name), ["size"]);
  assert.equal(job.meta.imageFiguresLimit, 10);
  assert.equal(job.meta.imageTagsLimit, 3);
  assert.equal(job.meta.dynamicClasses, true);
  assert.equal(job.meta.enableIntermediateReview, true);
  page.wrong = page.wrong.filter((w) => !/inline event handler/.test(w)); // of the readme: blocked, as it should be
  quiet(page);
});

test("the tutorial's two jobs, made in the form and by the SDK, are the same rows", async () => {
  const s = await serve();
  await s.meta();
  const [one, two] = [await s.user("labeler_1", ROLE.annotator, "11111abc"), await s.user("labeler_2", ROLE.annotator, "22222abc")];
  const images = (await s.call("images.list", { datasetId: s.datasetId, sort: "id", sort_order: "asc" })).entities.slice(0, 3);
  const page = await window(chrome, s);
  await login(page, "admin", "admin-password");
  const form = async (name, labeler, cls, more) => {
    await page.goto(`${s.url}/jobs/new`);
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Description").fill("short description is here (optional)");
    await page.getByLabel("Labelers").selectOption({ label: `${labeler} — annotator` });
    await page.getByRole("textbox", { name: "Readme" }).fill("annotation manual for fruits in markdown format here (optional)");
    await page.getByRole("group", { name: /^Classes/ }).getByRole("button", { name: cls }).click();
    await more();
    await page.getByRole("button", { name: /Create job/ }).click();
    await page.getByRole("heading", { name }).waitFor();
  };
  await form("labeler1_lemons_task", "labeler_1", "lemon", async () => {});
  await form("labeler2_kiwi_task_with_complex_settings", "labeler_2", "kiwi", async () => {
    await page.getByRole("button", { name: "Pick by hand" }).click();
    for (const i of images) await page.getByRole("button", { name: i.name }).click();
    for (const tag of ["size", "origin"]) await page.getByRole("group", { name: /^Tags none/ }).getByRole("button", { name: tag }).click();
    await page.getByLabel("Objects an image").fill("10");
    await page.getByLabel("Tags an image").fill("20");
  });
  execFileSync(join(ROOT, "build/venv/bin/python"), ["-c", `
import os, sys
os.environ["LOG_LEVEL"] = "critical"
import supervisely as sly
api = sly.Api(sys.argv[1], sys.argv[2])
dataset, one, two, *images = map(int, sys.argv[3:])
text = dict(readme="annotation manual for fruits in markdown format here (optional)", description="short description is here (optional)")
api.labeling_job.create(name="labeler1_lemons_task", dataset_id=dataset, user_ids=[one], classes_to_label=["lemon"], **text)
api.labeling_job.create(name="labeler2_kiwi_task_with_complex_settings", dataset_id=dataset, user_ids=[two], classes_to_label=["kiwi"],
    objects_limit_per_image=10, tags_to_label=["size", "origin"], tags_limit_per_image=20, images_ids=images, **text)`,
    s.url, s.token, ...[s.datasetId, one.id, two.id, ...images.map((i) => i.id)].map(String)]);
  const jobs = (await s.call("jobs.list", { teamId: s.teamId, sort: "id", sort_order: "asc" })).entities;
  assert.equal(jobs.length, 4);
  for (const [mine, theirs] of [[0, 2], [1, 3]]) {
    const same = (j) => ({ ...j, id: 0, createdAt: "", updatedAt: "" });
    assert.deepEqual(same(jobs[mine]), same(jobs[theirs]));
  }
  quiet(page);
});

test("two labelers get equal shares, and a refusal names its field", async () => {
  const s = await serve();
  await s.user("one", ROLE.annotator);
  await s.user("two", ROLE.annotator);
  const page = await window(chrome, s);
  await login(page, "admin", "admin-password");
  await page.goto(`${s.url}/jobs/new`);
  await page.getByLabel("Name").fill("bad/name");
  await page.getByLabel("Labelers").selectOption({ label: "one — annotator" });
  await page.getByLabel("Labelers").selectOption({ label: "two — annotator" });
  await page.getByText("3 images", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: /Create 2 jobs/ }).click();
  await page.getByRole("alert").first().waitFor();
  assert.equal(await page.getByLabel("Name").getAttribute("aria-invalid"), "true");
  await page.getByLabel("Name").fill("halves");
  await page.getByRole("button", { name: /Create 2 jobs/ }).click();
  await page.getByRole("table", { name: "Labeling jobs" }).getByRole("link", { name: /halves/ }).first().waitFor();
  const { entities } = await s.call("jobs.list", { teamId: s.teamId });
  assert.deepEqual(entities.map((j) => j.imagesCount), [3, 3]);
  quiet(page);
});

test("each tool: what is drawn is what the server has", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "tools", userIds: [l.id] });
  const page = await window(chrome, s);
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
  const page = await window(chrome, s);
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

test("a mask over 12 megapixels arrives exactly", async () => {
  const s = await serve({ demo: true });
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const page = await window(chrome, s);
  await login(page, "admin", "admin-password");
  const png = await page.evaluate(async () => {
    const c = new OffscreenCanvas(4000, 3000);
    const x = c.getContext("2d");
    const g = x.createLinearGradient(0, 0, 4000, 3000);
    g.addColorStop(0, "#567"); g.addColorStop(1, "#ba6");
    x.fillStyle = g; x.fillRect(0, 0, 4000, 3000);
    const b = new Uint8Array(await (await c.convertToBlob({ type: "image/jpeg", quality: 0.8 })).arrayBuffer());
    let t = ""; for (const v of b) t += String.fromCharCode(v);
    return btoa(t);
  });
  const file = join(s.dir, "large.jpeg");
  writeFileSync(file, Buffer.from(png, "base64"));
  await page.goto(`${s.url}/datasets/${s.datasetId}`);
  await page.getByLabel("Choose images").setInputFiles([file]);
  await page.getByText("1 of 1 file uploaded").waitFor();
  const { entities } = await s.call("images.list", { datasetId: s.datasetId, filter: [{ field: "name", operator: "=", value: "large.jpeg" }] });
  const job = await s.job({ name: "large", userIds: [l.id], meta: { entityIds: [entities[0].id] } });
  const p = await window(chrome, s);
  await login(p, "hand", l.password);
  await openTool(p, `/label/${job.id}`);
  await p.getByRole("region", { name: "Classes" }).getByRole("button", { name: /lemon/ }).click();
  await p.evaluate(() => { window.__labeld.size.value = 101; });
  await drag(p, [[60, 60], [3900, 2900], [100, 2800], [3900, 100]], 12);
  const want = await p.evaluate(() => { const m = window.__labeld.engine.scene.brush.mask; let n = 0, h = 0; m.bits.forEach((b, i) => { if (b) { n++; h = (Math.imul(h, 31) + (i % m.w) * 7919 + Math.floor(i / m.w)) | 0; } }); return { n, h }; });
  await p.keyboard.press("Space");
  const [o] = await until("the mask", async () => { const a = await annotation(s, entities[0].id); return a.objects.length && a.objects; });
  const m = maskPixels(o.bitmap);
  let n = 0, h = 0;
  for (let y = 0; y < 3000; y++) for (let x = 0; x < 4000; x++) if (m.at(x, y)) { n++; h = (Math.imul(h, 31) + x * 7919 + y) | 0; }
  assert.deepEqual({ n, h }, want);
  assert.ok(n > 500000);
  quiet(p);
});

test("limits, tags, confirm and submit; then the labeler sees nothing of it", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "limits", userIds: [l.id], meta: { classes: ["spot"], projectTags: ["size", "blurred"], imageFiguresLimit: 2, imageTagsLimit: 1 } });
  const page = await window(chrome, s);
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
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press("Enter");
    await page.waitForTimeout(250);
  }
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

test("review: reject, restart, second round, accept, complete, archive, remove; live in another window", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("labeler_1", ROLE.annotator);
  const r = await s.user("boris", ROLE.reviewer);
  const job = await s.job({ name: "story", userIds: [l.id], reviewerId: r.id, meta: { classes: ["lemon"], range: { start: 1, end: 3 } } });
  const manager = await window(chrome, s);
  await login(manager, "admin", "admin-password");
  await manager.getByText("0 / 3").waitFor();
  const labeler = await window(chrome, s);
  await login(labeler, "labeler_1", l.password);
  await openTool(labeler, `/label/${job.id}`);
  await labeler.keyboard.press("b");
  await drag(labeler, [[300, 300], [380, 360]]);
  for (let i = 0; i < 3; i++) {
    await labeler.keyboard.press("Space");
    await labeler.keyboard.press("Enter");
    await labeler.waitForTimeout(300);
  }
  await manager.getByText("3 / 3").waitFor();
  await labeler.getByRole("dialog").getByRole("button", { name: "Submit job" }).click();
  await manager.getByRole("cell", { name: "on review" }).waitFor();

  const reviewer = await window(chrome, s);
  await login(reviewer, "boris", r.password);
  await reviewer.getByRole("link", { name: "Review", exact: true }).click();
  await reviewer.waitForFunction(() => window.__labeld?.doc);
  assert.ok(await reviewer.getByRole("button", { name: "Brush" }).isDisabled(), "read only until Fix");
  await reviewer.keyboard.press("x");
  await reviewer.waitForTimeout(300);
  for (let i = 0; i < 2; i++) {
    await reviewer.keyboard.press("a");
    await reviewer.waitForTimeout(300);
  }
  await reviewer.getByRole("heading", { name: "Finish the review?" }).waitFor();
  await reviewer.getByRole("button", { name: /Restart 1 rejected image/ }).click();
  await reviewer.getByRole("button", { name: "Send 1 image back" }).click();
  await reviewer.getByRole("heading", { name: "story round 2" }).waitFor();
  const second = (await s.call("jobs.list", { teamId: s.teamId })).entities.find((j) => j.name === "story round 2");
  assert.equal(second.labelerLogin, "labeler_1");
  assert.equal((await s.call("jobs.info", { id: job.id })).status, "completed");

  await labeler.goto(`${s.url}/work`);
  await labeler.getByRole("link", { name: "Start labeling" }).click();
  await labeler.waitForFunction(() => window.__labeld?.doc);
  await labeler.keyboard.press("b");
  await drag(labeler, [[600, 600], [700, 640]]);
  await labeler.keyboard.press("Space");
  await labeler.keyboard.press("Enter");
  await labeler.getByRole("dialog").getByRole("button", { name: "Submit job" }).click();
  await labeler.getByText("Nothing to label right now").waitFor();
  await reviewer.goto(`${s.url}/review/${second.id}`);
  await reviewer.waitForFunction(() => window.__labeld?.doc);
  await reviewer.getByRole("region", { name: "Objects" }).getByText("added").waitFor();
  await reviewer.keyboard.press("a");
  await reviewer.getByRole("button", { name: "Complete job" }).click();
  await reviewer.getByText("Review finished").waitFor();
  assert.equal((await s.call("jobs.info", { id: second.id })).status, "completed");

  await manager.getByLabel("Select story round 2").check();
  await manager.getByRole("toolbar", { name: "Selected jobs" }).getByRole("button", { name: "Archive" }).click();
  await manager.getByRole("dialog").getByRole("button", { name: "Archive 1 job" }).click();
  await manager.getByText("Archived 1 job").waitFor();
  await manager.getByLabel("Select story", { exact: true }).check();
  await manager.getByRole("toolbar", { name: "Selected jobs" }).getByRole("button", { name: "Remove" }).click();
  await manager.getByRole("dialog").getByRole("button", { name: "Remove 1 job" }).click();
  await manager.getByText("No jobs yet").waitFor();
  for (const p of [manager, labeler, reviewer]) quiet(p);
});

test("a job stopped while it is open can be looked at, not changed", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "stopped", userIds: [l.id] });
  const page = await window(chrome, s);
  await login(page, "hand", l.password);
  await openTool(page, `/label/${job.id}`);
  await s.call("jobs.stop", { id: job.id });
  await page.getByText(/has been stopped, or is no longer yours/).waitFor();
  assert.ok(await page.getByRole("button", { name: "Brush" }).isDisabled());
  assert.equal(await page.getByRole("button", { name: /Confirm/ }).count(), 0);
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
  const page = await window(chrome, s);
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

test("offline: the server is killed while drawing; everything arrives once", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "offline", userIds: [l.id] });
  const page = await window(chrome, s);
  await login(page, "hand", l.password);
  await openTool(page, `/label/${job.id}`);
  const image = await imageOf(page);
  await page.getByRole("region", { name: "Classes" }).getByRole("button", { name: /spot/ }).click();
  for (let i = 0; i < 12; i++) {
    if (i === 4) await s.kill();
    await clickAt(page, 200 + i * 60, 300);
    if (i === 4) await page.getByText(/Offline: \d+ changes? waiting/).waitFor();
  }
  await page.getByText(/Offline: \d+ changes waiting/).waitFor();
  await s.start();
  await saved(page);
  const { objects } = await annotation(s, image);
  assert.equal(objects.length, 12);
  assert.equal(new Set(objects.map((o) => String(o.points.exterior))).size, 12, "nothing twice");
  quiet(page);
});

test("offline: what waits survives closing the page", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "closed", userIds: [l.id] });
  const page = await window(chrome, s);
  await login(page, "hand", l.password);
  await openTool(page, `/label/${job.id}`);
  const image = await imageOf(page);
  await page.getByRole("region", { name: "Classes" }).getByRole("button", { name: /spot/ }).click();
  await s.kill();
  for (let i = 0; i < 3; i++) await clickAt(page, 300 + i * 90, 400);
  await page.getByText(/Offline: 3 changes waiting/).waitFor();
  await page.close({ runBeforeUnload: false });
  await s.start();
  const again = await page.context().newPage();
  again.server = s;
  await again.goto(`${s.url}/label/${job.id}`);
  await again.waitForFunction(() => window.__labeld?.doc?.objects.length === 3);
  assert.equal((await annotation(s, image)).objects.length, 3);
});

test("by keyboard alone: open the job, draw, tag, confirm, submit", async () => {
  const s = await serve();
  await s.meta();
  const l = await s.user("keys", ROLE.annotator);
  const job = await s.job({ name: "keyboard", userIds: [l.id], meta: { classes: ["box", "lemon"], range: { start: 1, end: 1 } } });
  const page = await window(chrome, s);
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

test("what each role must not see", async () => {
  const s = await serve();
  const other = await s.user("other", ROLE.annotator);
  const job = await s.job({ name: "secret job", userIds: [other.id] });
  for (const [role, links] of [["annotator", ["My jobs"]], ["viewer", ["Labeling jobs", "My jobs", "Projects", "Members"]], ["reviewer", ["Labeling jobs", "My jobs", "Reviews", "Projects", "Members"]]]) {
    const u = await s.user(`the_${role}`, ROLE[role]);
    const page = await window(chrome, s);
    const seen = [];
    page.on("response", async (r) => seen.push(await r.text().catch(() => "")));
    await login(page, u.login, u.password);
    assert.deepEqual(await page.getByRole("navigation", { name: "Main" }).getByRole("link").allTextContents(), links);
    for (const path of [`/jobs/${job.id}`, `/label/${job.id}`, "/jobs", "/work", "/activity", "/users"]) {
      await page.goto(s.url + path);
      await page.waitForTimeout(300);
    }
    assert.ok(!seen.some((t) => t.includes("secret job")), `${role} received nothing of the job`);
    await page.context().close();
  }
});

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
  const page = await window(chrome, s);
  await login(page, "admin", "admin-password");
  await page.getByText("100,000 jobs").waitFor();
  const box = page.getByRole("table", { name: "Labeling jobs" });
  await box.evaluate((e) => e.scrollTo(0, e.scrollHeight / 2));
  await page.waitForFunction(() => document.querySelectorAll(".vr .name").length > 5);
  const rows = await page.locator(".vr").count();
  assert.ok(rows < 80, `${rows} rows in the page`);
  await box.evaluate((e) => e.scrollTo(0, e.scrollHeight));
  await page.getByRole("link", { name: "a real job" }).waitFor();
  await page.getByLabel("Search by name").fill("job 4711");
  await page.getByRole("link", { name: "job 4711", exact: true }).waitFor();
  assert.match(page.url(), /name=job\+4711/);
  const there = await window(chrome, s);
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
  await s.meta();
  const l = await s.user("labeler_1", ROLE.annotator);
  const job = await s.job({ name: "lemons / batch".replace("/", "·"), userIds: [s.userId], reviewerId: s.userId, readme: "# Lemons\n\nDraw each.", meta: { classes: ["lemon", "box"] } });
  await s.job({ name: "kiwis", userIds: [l.id], meta: { imageFiguresLimit: 5 } });
  const image = job.entities[0].id;
  const meta = await s.call("projects.meta", { id: s.projectId });
  const box = meta.classes.find((c) => c.title === "box");
  await s.call("figures.bulk.add", { entityId: image, figures: [{ classId: box.id, geometryType: "rectangle", geometry: { points: { exterior: [[100, 100], [500, 400]], interior: [] } } }] });
  const bad = [];
  for (const theme of ["light", "dark"]) {
    const page = await window(chrome, s, { theme });
    const check = async (name) => {
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(shots, `${name}-${theme}.png`) });
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
      for (const v of violations.filter((x) => x.impact === "serious" || x.impact === "critical")) bad.push(`${name} ${theme}: ${v.id} ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(" | ").slice(0, 300)}`);
    };
    await page.goto(s.url);
    await page.getByLabel("Login").waitFor();
    await check("login");
    await login(page, "admin", "admin-password");
    await page.getByText("2 jobs").waitFor();
    const screens = { jobs: "/jobs", newjob: "/jobs/new", job: `/jobs/${job.id}`, "job-statistics": `/jobs/${job.id}/statistics`, "job-activity": `/jobs/${job.id}/activity`, "job-settings": `/jobs/${job.id}/settings`,
      work: "/work", reviews: "/reviews", projects: "/projects", project: `/projects/${s.projectId}`, classes: `/projects/${s.projectId}/classes`, tags: `/projects/${s.projectId}/tags`, statistics: `/projects/${s.projectId}/statistics`,
      dataset: `/datasets/${s.datasetId}`, members: "/members", users: "/users", account: "/account", activity: "/activity", missing: "/nothing-here", empty: "/jobs?name=zzz", gone: "/jobs/99999" };
    for (const [name, path] of Object.entries(screens)) {
      await page.goto(s.url + path);
      await check(name);
    }
    for (const [name, path] of [["tool", `/label/${job.id}/${image}`], ["review", `/review/${job.id}/${image}`]]) {
      await openTool(page, path);
      await page.keyboard.press("Tab");
      await check(name);
    }
    await page.keyboard.press("?");
    await page.getByRole("heading", { name: "Keys" }).waitFor();
    await check("keys");
    assert.deepEqual(page.wrong, []);
  }
  assert.deepEqual(bad, []);
});
void place;
