// Projects: classes, tags and templates, import and export.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { login, quiet, ROOT, stage, until } from "./lab.mjs";
import { ellipse } from "./scene.mjs";

const { open, serve } = stage();

test("classes and tags are changed and removed; keys that are taken are refused; a keypoint template", async () => {
  const s = await serve();
  await s.meta();
  const page = await open(s);
  await login(page, "admin", "admin-password");
  await page.goto(`${s.url}/projects/${s.projectId}/classes`);
  await page.getByRole("button", { name: "Edit lemon" }).click();
  await page.getByLabel("Name").fill("citron");
  await page.getByLabel("Key").fill("r");
  await page.getByText("R is taken by: Rectangle").waitFor();
  assert.ok(await page.getByRole("button", { name: "Save class" }).isDisabled());
  await page.getByLabel("Key").fill("q");
  await page.getByRole("button", { name: "Save class" }).click();
  await page.getByRole("cell", { name: "citron", exact: true }).waitFor();
  await page.locator("summary", { hasText: "More for spot" }).click();
  await page.getByRole("button", { name: "Remove…" }).click();
  await page.getByRole("button", { name: "Remove class" }).click();
  await page.getByRole("cell", { name: "spot", exact: true }).waitFor({ state: "detached" });

  await page.getByRole("button", { name: "New class" }).click();
  await page.getByLabel("Name", { exact: true }).fill("branch");
  await page.getByLabel("Shape").selectOption("graph");
  assert.ok(await page.getByRole("button", { name: "Save class" }).isDisabled(), "a template needs points");
  const board = page.getByRole("group", { name: "Board for the template" });
  for (const [x, y] of [[60, 60], [160, 120], [260, 60]]) await board.click({ position: { x, y } });
  await page.getByLabel("Name of point 1").fill("root");
  await page.getByRole("button", { name: "Save class" }).click();
  await page.getByText("3 points").waitFor();
  await page.goto(`${s.url}/projects/${s.projectId}/tags`);
  await page.getByRole("button", { name: "Edit size" }).click();
  await page.getByLabel("Values, one a line").fill("small\nmedium\nbig\nhuge");
  await page.getByRole("button", { name: "Save tag" }).click();
  await page.getByText("small, medium, big, huge").waitFor();

  const meta = await s.call("projects.meta", { id: s.projectId });
  const [lemon, branch] = ["citron", "branch"].map((n) => meta.classes.find((c) => c.title === n));
  assert.equal(lemon.hotkey, "q");
  assert.ok(!meta.classes.some((c) => c.title === "spot"));
  assert.equal(branch.geometry_config.edges.length, 2);
  assert.deepEqual(Object.values(branch.geometry_config.nodes).map((n) => n.label), ["root", "point 2", "point 3"]);
  quiet(page);
});

test("a project is exported as the SDK reads it, and imported again with everything in it", async () => {
  const s = await serve();
  const meta = await s.meta();
  const [image] = (await s.call("images.list", { datasetId: s.datasetId, sort: "name", sort_order: "asc" })).entities;
  const id = (title) => meta.classes.find((c) => c.title === title).id;
  const size = meta.tags.find((t) => t.name === "size").id;
  await s.call("figures.bulk.add", { entityId: image.id, figures: [
    { classId: id("lemon"), geometryType: "bitmap", geometry: { bitmap: ellipse([579, 273, 300, 180]) }, tags: [{ tagId: size, name: "size", value: "big" }] },
    { classId: id("leaf"), geometryType: "polygon", geometry: { points: { exterior: [[100, 100], [400, 120], [300, 400]], interior: [[[200, 150], [260, 160], [240, 220]]] } } },
  ] });
  const nested = await s.call("datasets.add", { projectId: s.projectId, name: "evening", description: "", parentId: s.datasetId });
  await s.call("images.bulk.add", { datasetId: nested.id, images: [{ title: "again.jpeg", hash: image.hash }] });
  const page = await open(s);
  await login(page, "admin", "admin-password");
  await page.goto(`${s.url}/projects/${s.projectId}`);
  await page.getByRole("button", { name: "Export" }).click();
  const waiting = page.waitForEvent("download");
  await page.getByRole("dialog").getByRole("button", { name: "Export" }).click();
  const zip = join(s.dir, "project.zip");
  await (await waiting).saveAs(zip);
  const folder = join(s.dir, "project");
  mkdirSync(folder);
  const seen = JSON.parse(execFileSync(join(ROOT, "build/venv/bin/python"), ["-c", `
import json, os, sys, zipfile
os.environ["LOG_LEVEL"] = "critical"
import supervisely as sly
zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])
p = sly.Project(sys.argv[2], sly.OpenMode.READ)
out = {}
for ds in p.datasets:
    for name in ds:
        ann = ds.get_ann(name, p.meta)
        out[ds.name + "|" + name] = [[l.obj_class.name, int(l.geometry.area), [t.value for t in l.tags]] for l in ann.labels]
print(json.dumps(out))`, zip, folder], { encoding: "utf8" }).trim().split("\n").at(-1));
  assert.equal(Object.keys(seen).length, 7);
  const labels = seen[`ds1|${image.name}`];
  assert.deepEqual(labels.map(([name]) => name).sort(), ["leaf", "lemon"]);
  assert.deepEqual(labels.find(([name]) => name === "lemon")[2], ["big"]);
  assert.deepEqual(readFileSync(join(folder, "ds1/img", image.name)), readFileSync(join(ROOT, "demo", image.name)), "bytes of the image");

  await page.goto(`${s.url}/projects`);
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByLabel("Choose a zip file").setInputFiles([join(ROOT, "demo", image.name)]);
  await page.getByText("This is no zip file.").waitFor();
  await page.getByLabel("Choose a zip file").setInputFiles([zip]);
  await page.getByText("7 images found").waitFor();
  await page.getByLabel("Name").fill("Second orchard");
  await page.getByRole("dialog").getByRole("button", { name: "Import" }).click();
  await page.getByRole("heading", { name: "Second orchard", level: 1 }).waitFor();
  const projects = (await s.call("projects.list", { groupId: s.teamId })).entities;
  const copy = projects.find((p) => p.name === "Second orchard");
  const datasets = (await s.call("datasets.list", { projectId: copy.id, recursive: true })).entities;
  assert.deepEqual(datasets.map((d) => [d.name, d.imagesCount, !!d.parentId]).sort(), [["ds1", 6, false], ["evening", 1, true]]);
  const same = (await s.call("images.list", { datasetId: datasets.find((d) => d.name === "ds1").id })).entities.find((i) => i.name === image.name);
  const shape = async (imageId) => {
    const { annotation } = await s.call("annotations.info", { imageId });
    return annotation.objects.map((o) => [o.classTitle, o.geometryType, o.points, o.bitmap, o.tags.map((t) => [t.name, t.value])]);
  };
  assert.deepEqual(await shape(same.id), await shape(image.id));
  assert.equal((await until("the same bytes", async () => same.hash)), image.hash);
  quiet(page);
});
