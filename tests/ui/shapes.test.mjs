// What is special about single shapes, keys that are changed, two people at one object.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { annotation, clickAt, drag, imageOf, login, openTool, place, quiet, ROLE, ROOT, saved, stage, until } from "./lab.mjs";
import { chunk } from "./scene.mjs";

const { open, serve } = stage();

async function begin(more = {}) {
  const s = await serve();
  await s.meta();
  if (more.classes) await s.call("projects.meta.update", { id: s.projectId, meta: { classes: more.classes, tags: more.tags ?? [] } });
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "shapes", userIds: [l.id], ...more.job });
  const page = await open(s);
  await login(page, "hand", l.password);
  await openTool(page, `/label/${job.id}`);
  return { s, l, job, page, image: await imageOf(page), pick: (name) => page.getByRole("region", { name: "Classes" }).getByRole("button", { name: new RegExp(name) }).click() };
}

test("a hole is cut into a polygon, a vertex taken out of it, and the hole filled again", async () => {
  const { s, page, image, pick } = await begin();
  await pick("leaf");
  for (const [x, y] of [[300, 200], [900, 200], [900, 800], [300, 800]]) await clickAt(page, x, y);
  await page.keyboard.press("Space");
  await page.keyboard.press("v");
  await page.getByRole("region", { name: "Objects" }).getByRole("button", { name: /^leaf/ }).click();
  await page.keyboard.down("Shift");
  await clickAt(page, 450, 350);
  await page.keyboard.up("Shift");
  for (const [x, y] of [[700, 350], [700, 600], [450, 600]]) await clickAt(page, x, y);
  await page.keyboard.press("Enter");
  const holes = () => annotation(s, image).then((a) => a.objects[0]?.points.interior ?? []);
  const [hole] = await until("a hole", async () => { const h = await holes(); return h.length === 1 && h; });
  assert.equal(hole.length, 4);
  assert.deepEqual(await page.evaluate(() => window.__labeld.object.holes[0]), hole);
  await page.keyboard.down("Alt");
  await clickAt(page, ...hole[0]);
  await page.keyboard.up("Alt");
  await until("three corners", async () => (await holes())[0]?.length === 3);
  await page.getByRole("button", { name: "Cut a hole" }).click();
  for (const [x, y] of [[100, 100], [200, 100], [150, 150]]) await clickAt(page, x, y);
  await page.keyboard.press("Enter");
  await page.getByText("A hole must lie inside its polygon.").waitFor();
  await page.getByRole("button", { name: "Fill 1 hole" }).click();
  await until("no hole", async () => (await holes()).length === 0);
  await page.keyboard.press("Control+z");
  await until("it is back", async () => (await holes()).length === 1);
  quiet(page);
});

test("keypoints: placed by their template, moved, hidden and removed; the SDK reads them", async () => {
  const nodes = { a: { label: "stem", loc: [50, 0], color: "#FF0000" }, b: { label: "left", loc: [0, 100], color: "#00FF00" }, c: { label: "right", loc: [100, 100], color: "#0000FF" } };
  const { s, page, image, pick } = await begin({ classes: [{ title: "pose", shape: "graph", color: "#FFAA00", geometry_config: { nodes, edges: [{ src: "a", dst: "b", color: "#FFFFFF" }, { src: "a", dst: "c", color: "#FFFFFF" }] } }] });
  await pick("pose");
  await clickAt(page, 400, 300);
  const graph = () => annotation(s, image).then((a) => a.objects[0]?.nodes);
  const made = await until("the graph", graph);
  assert.deepEqual(Object.keys(made).sort(), ["a", "b", "c"]);
  const at = (id) => page.evaluate((k) => window.__labeld.object.nodes[k]?.loc, id);
  const [x, y] = await at("b");
  await drag(page, [[x, y], [x + 60, y + 40]]);
  const moved = await until("moved", async () => { const g = await graph(); return g.b.loc[0] !== made.b.loc[0] && g; });
  assert.ok(Math.abs(moved.b.loc[0] - x - 60) < 4);
  await page.keyboard.down("Control");
  await clickAt(page, ...(await at("b")));
  await page.keyboard.up("Control");
  await until("hidden", async () => (await graph()).b.disabled === true);
  await page.keyboard.down("Alt");
  await clickAt(page, ...(await at("c")));
  await page.keyboard.up("Alt");
  await until("removed", async () => !(await graph()).c);
  await saved(page);
  const sdk = JSON.parse(execFileSync(join(ROOT, "build/venv/bin/python"), ["-c", `
import json, os, sys
os.environ["LOG_LEVEL"] = "critical"
import supervisely as sly
api = sly.Api(sys.argv[1], sys.argv[2])
meta = sly.ProjectMeta.from_json(api.project.get_meta(int(sys.argv[3])))
[label] = sly.Annotation.from_json(api.annotation.download_json(int(sys.argv[4])), meta).labels
print(json.dumps({k: [n.location.col, n.location.row, n.disabled] for k, n in label.geometry.nodes.items()}))`, s.url, s.token, String(s.projectId), String(image)], { encoding: "utf8" }).trim().split("\n").at(-1));
  const now = await graph();
  assert.deepEqual(sdk, Object.fromEntries(Object.entries(now).map(([k, n]) => [k, [...n.loc.map(Math.floor), !!n.disabled]])));
  quiet(page);
});

test("an alpha mask that the SDK has uploaded is shown, and not touched", async () => {
  const s = await serve();
  await s.meta();
  await s.call("projects.meta.update", { id: s.projectId, meta: { classes: [{ title: "haze", shape: "alpha_mask", color: "#00C8FF" }], tags: [] } });
  const meta = await s.call("projects.meta", { id: s.projectId });
  const l = await s.user("hand", ROLE.annotator);
  const job = await s.job({ name: "alpha", userIds: [l.id] });
  const image = job.entities[0].id;
  const raw = Buffer.alloc(101 * 60); // 8-bit grey, 100 x 60: from clear to solid
  for (let y = 0; y < 60; y++) for (let x = 0; x < 100; x++) raw[y * 101 + 1 + x] = Math.round((x / 99) * 255);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(100, 0);
  head.writeUInt32BE(60, 4);
  head.set([8, 0], 8);
  const png = Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(raw)), chunk("IEND", Buffer.alloc(0))]);
  const data = deflateSync(png).toString("base64");
  const [{ id }] = await s.call("figures.bulk.add", { entityId: image, figures: [{ classId: meta.classes.find((c) => c.title === "haze").id, geometryType: "alpha_mask", geometry: {} }] });
  const form = new FormData();
  form.append("figureId", String(id));
  form.append("geometry", new Blob([JSON.stringify({ origin: [200, 150], data })]), String(id));
  const sent = await fetch(`${s.url}/public/api/v3/figures.bulk.upload.geometry`, { method: "POST", headers: { "x-api-key": s.token }, body: form });
  assert.equal(sent.status, 200, await sent.text());
  const page = await open(s);
  await login(page, "hand", l.password);
  await openTool(page, `/label/${job.id}/${image}`);
  const shown = await page.evaluate(() => {
    const [o] = window.__labeld.doc.objects;
    const c = new OffscreenCanvas(100, 60).getContext("2d");
    c.drawImage(o.alpha.picture, 0, 0);
    return { at: [o.alpha.x, o.alpha.y], size: [o.alpha.picture.width, o.alpha.picture.height], locked: o.locked, left: c.getImageData(1, 30, 1, 1).data[3], right: c.getImageData(98, 30, 1, 1).data[3] };
  });
  assert.deepEqual([shown.at, shown.size, shown.locked], [[200, 150], [100, 60], true]);
  assert.ok(shown.left < 10 && shown.right > 245, JSON.stringify(shown));
  await page.getByRole("region", { name: "Objects" }).getByRole("button", { name: /^haze/ }).click();
  await page.keyboard.press("Delete");
  await page.getByText(/is locked/).waitFor();
  assert.equal((await annotation(s, image)).objects.length, 1);
  quiet(page);
});

test("keys are changed by their owner; one that is taken is refused; classes have digits and their own keys", async () => {
  const { page } = await begin({ classes: [{ title: "crate", shape: "rectangle", color: "#11AA44", hotkey: "q" }] });
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys" });
  await sheet.getByRole("button", { name: /change the key of: Rectangle/ }).click();
  await page.keyboard.press("b");
  await sheet.getByRole("alert").filter({ hasText: "B is taken by: Brush" }).waitFor();
  await sheet.getByRole("button", { name: /change the key of: Rectangle/ }).click();
  await page.keyboard.press("m");
  await sheet.getByRole("button", { name: /^M change the key of: Rectangle/ }).waitFor();
  await sheet.getByRole("button", { name: "Close" }).click();
  const tool = () => page.evaluate(() => window.__labeld.tool.value);
  const cls = () => page.evaluate(() => window.__labeld.classOf(window.__labeld.classId.value).title);
  await page.locator(".stage").focus();
  await page.keyboard.press("m");
  assert.equal(await tool(), "rectangle");
  await page.keyboard.press("Escape");
  await page.keyboard.press("r");
  assert.equal(await tool(), "select", "its old key means nothing now");
  await page.keyboard.press("q");
  assert.deepEqual([await cls(), await tool()], ["crate", "rectangle"]);
  await page.keyboard.press("Escape");
  const third = await page.evaluate(() => window.__labeld.offered[2].title);
  await page.keyboard.press("3");
  assert.equal(await cls(), third);
  await page.reload();
  await page.waitForFunction(() => window.__labeld?.doc);
  await page.locator(".stage").focus();
  await page.keyboard.press("m");
  assert.equal(await tool(), "rectangle", "kept in this browser");
  await page.keyboard.press("?");
  await page.getByRole("button", { name: "Reset all keys" }).click();
  await page.getByRole("button", { name: /^R\s?5 change the key of: Rectangle/ }).waitFor();
  quiet(page);
});

test("copy and paste, to the next image too; hide, lock, next object; a tag by its key", async () => {
  const { s, page, image, pick } = await begin({ classes: [], tags: [{ name: "ripe", value_type: "none", color: "#00AA00", hotkey: "w" }] });
  await pick("box");
  await drag(page, [[200, 200], [400, 380]]);
  await page.keyboard.press("Escape");
  await page.getByRole("region", { name: "Objects" }).getByRole("button", { name: /^box/ }).click();
  const next = await page.evaluate(() => document.querySelector(".th[aria-posinset='2']")?.getAttribute("aria-label"));
  assert.match(next, /^2 left/);
  await page.keyboard.press("Control+d");
  await page.keyboard.press("w");
  await page.keyboard.press("Control+b");
  await page.waitForFunction((id) => window.__labeld.doc.imageId !== id && window.__labeld.doc.objects.length === 1, image);
  const other = await imageOf(page);
  await page.keyboard.press("h");
  assert.equal(await page.evaluate(() => window.__labeld.doc.objects[0].hidden), true);
  await page.keyboard.press("Shift+h");
  await page.keyboard.press("k");
  await page.keyboard.press("Delete");
  await page.getByText(/is locked/).waitFor();
  await saved(page);
  const [here, there] = [await annotation(s, image), await annotation(s, other)];
  assert.deepEqual(here.objects.map((o) => o.tags.map((t) => t.name)), [[], ["ripe"]]);
  assert.deepEqual(there.objects[0].points, here.objects[1].points);
  assert.equal(there.objects.length, 1);
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction((id) => window.__labeld.doc.imageId === id, image);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => window.__labeld.selected.value);
  await page.keyboard.press("Tab");
  assert.notEqual(await page.evaluate(() => window.__labeld.selected.value), first);
  quiet(page);
});

test("active time is reported for the object it was spent on; what others draw appears by itself", async () => {
  const { s, job, page, image, pick } = await begin();
  await pick("box");
  await page.evaluate(() => { window.__labeld.clock["total"] += 95_000; }); // as if a minute and a half had been worked
  await drag(page, [[200, 200], [400, 380]]);
  await saved(page);
  const stats = await until("the time", async () => { const x = await s.call("jobs.stats", { id: job.id }); return x.job.annotationDuration > 0 && x; });
  const [box] = stats.classes.filter((c) => c.labelsCount);
  assert.ok(box.totalDuration >= 95 && box.totalDuration < 200, `${box.totalDuration} s`);
  const meta = await s.call("projects.meta", { id: s.projectId });
  await s.call("figures.bulk.add", { entityId: image, figures: [{ classId: meta.classes.find((c) => c.title === "spot").id, geometryType: "point", geometry: { points: { exterior: [[900, 600]], interior: [] } } }] });
  await page.getByTestId("objects").filter({ hasText: "2" }).waitFor();
  quiet(page);
});

test("two people change the same object: both are shown, and one says what stands", async () => {
  const { s, page, image, pick } = await begin();
  await pick("box");
  await drag(page, [[200, 200], [400, 380]]);
  await page.keyboard.press("Escape");
  await saved(page);
  const [{ id }] = (await annotation(s, image)).objects;
  const theirs = (points) => s.call("figures.editInfo", { id, geometry: { points: { exterior: points, interior: [] } } });
  const shape = () => annotation(s, image).then((a) => JSON.stringify(a.objects.map((o) => o.points.exterior)));
  const mine = () => page.evaluate(() => JSON.stringify(window.__labeld.doc.objects.map((o) => o.points)));
  const clash = async (points) => {
    await page.waitForFunction((k) => window.__labeld.doc.objects.find((o) => o.id === k)?.seen, id);
    const known = await page.evaluate((k) => window.__labeld.doc.objects.find((o) => o.id === k).seen, id);
    await page.evaluate(() => { window.__labeld.refresh = () => {}; }); // the news come too late
    await theirs(points);
    await page.getByRole("region", { name: "Objects" }).getByRole("button", { name: /^box/ }).first().click();
    await page.keyboard.press("Alt+Shift+ArrowRight");
    await page.getByRole("alertdialog", { name: "Changed by somebody else" }).waitFor();
    await page.evaluate(() => { delete window.__labeld.refresh; });
    return known;
  };
  await page.reload();
  await page.waitForFunction(() => window.__labeld?.doc);
  await clash([[700, 700], [900, 880]]);
  await page.getByRole("button", { name: "Keep theirs" }).click();
  await until("theirs", async () => (await shape()) === "[[[700,700],[900,880]]]" && (await mine()) === (await shape()));
  await clash([[100, 700], [300, 880]]);
  await page.getByRole("button", { name: "Keep mine" }).click();
  await until("mine", async () => (await shape()) === "[[[710,700],[910,880]]]");
  await saved(page);
  await page.reload();
  await page.waitForFunction(() => window.__labeld?.doc);
  await clash([[100, 100], [300, 280]]);
  await page.getByRole("button", { name: "Keep both" }).click();
  await until("both", async () => (await shape()) === "[[[100,100],[300,280]],[[720,700],[920,880]]]");
  await saved(page);
  quiet(page);
});
