// Managers: members, projects, images, classes, jobs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { login, quiet, ROLE, ROOT, stage } from "./lab.mjs";
import { orchard } from "./scene.mjs";

const { open, serve } = stage();

test("manager: member, project, upload, class, tag, job with every setting", async () => {
  const s = await serve();
  const page = await open(s);
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
  await page.getByLabel("Labeler sees only objects of their own").check();
  await page.getByLabel("Labeler does not submit the job").check();
  await page.getByLabel("Minimum of tags").fill("1");
  await page.getByLabel("Priority").selectOption("2");
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
  assert.deepEqual([job.meta.figuresVisibility, job.meta.imageTagsMinLimit, job.meta.disableSubmit, job.priority], ["own", 1, true, 2]);
  page.wrong = page.wrong.filter((w) => !/inline event handler/.test(w)); // of the readme: blocked, as it should be
  quiet(page);
});

test("the tutorial's two jobs, made in the form and by the SDK, are the same rows", async () => {
  const s = await serve();
  await s.meta();
  const [one, two] = [await s.user("labeler_1", ROLE.annotator, "11111abc"), await s.user("labeler_2", ROLE.annotator, "22222abc")];
  const images = (await s.call("images.list", { datasetId: s.datasetId, sort: "id", sort_order: "asc" })).entities.slice(0, 3);
  const page = await open(s);
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
  const page = await open(s);
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

test("images chosen by tags: the count beside the form is what the job gets", async () => {
  const s = await serve();
  const meta = await s.meta();
  await s.user("one", ROLE.annotator);
  const images = (await s.call("images.list", { datasetId: s.datasetId })).entities;
  const tag = (name) => meta.tags.find((t) => t.name === name).id;
  await s.call("image-tags.bulk.add-to-image", { tagId: tag("origin"), ids: images.slice(0, 4).map((i) => i.id), value: "Sicily" });
  await s.call("image-tags.bulk.add-to-image", { tagId: tag("blurred"), ids: [images[1].id] });
  const page = await open(s);
  await login(page, "admin", "admin-password");
  await page.goto(`${s.url}/jobs/new`);
  await page.getByLabel("Name").fill("sharp ones");
  await page.getByLabel("Labelers").selectOption({ label: "one — annotator" });
  await page.getByRole("button", { name: "By tags" }).click();
  await page.getByRole("group", { name: "With all of these tags" }).getByRole("button", { name: "origin" }).click();
  await page.getByRole("heading", { name: "4 images of 6" }).waitFor();
  await page.getByRole("group", { name: "Without any of these" }).getByRole("button", { name: "blurred" }).click();
  await page.getByRole("heading", { name: "3 images of 6" }).waitFor();
  assert.match(await page.locator("pre.code").textContent(), /exclude_images_with_tags=\["blurred"\]/);
  await page.getByRole("button", { name: "Copy as Python" }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /include_images_with_tags=\["origin"\]/);
  await page.getByRole("button", { name: /Create job/ }).click();
  await page.getByRole("heading", { name: "sharp ones", level: 1 }).waitFor();
  const [job] = (await s.call("jobs.list", { teamId: s.teamId })).entities;
  assert.deepEqual(job.entities.map((e) => e.id).sort(), [images[0], images[2], images[3]].map((i) => i.id).sort());
  await page.getByRole("button", { name: `Copy the job id ${job.id}` }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), String(job.id));
  quiet(page);
});

test("statistics of the team: hours, objects and verdicts are those of the log, by person and day; the CSVs add up", async () => {
  const s = await serve();
  const { people, jobs } = await orchard(s);
  const [again] = (await s.call("jobs.info", { id: jobs[1].id })).entities.filter((e) => e.reviewStatus === "rejected");
  await s.call("jobs.entities.update-review-status", { jobId: jobs[1].id, entityId: again.id, status: "accepted" });
  const log = (await s.call("teams.activity", { teamId: s.teamId, per_page: 10000 })).entities;
  const drawn = (of) => log.filter((e) => e.action === "create_figure" && of(e)).length;
  const seconds = (of) => log.filter((e) => e.action === "annotation_duration" && of(e)).reduce((n, e) => n + e.meta.duration, 0);
  const page = await open(s, { timezone: "Pacific/Kiritimati" }); // where it is tomorrow already, for most of the day
  await login(page, "admin", "admin-password");
  await page.getByRole("link", { name: "Statistics" }).click();
  const table = page.getByRole("region", { name: "People" });
  await table.waitFor();
  const heads = await table.getByRole("columnheader").allTextContents();
  const reads = (row, head, text) => table.getByRole("row", { name: row }).getByRole("cell").nth(heads.indexOf(head) - 1).filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
  const [all, mine] = [() => true, (e) => e.user === "labeler_1"];
  await reads("Together", "Objects", String(drawn(all)));
  await reads("labeler_1", "Objects", String(drawn(mine)));
  await reads("labeler_1", "Labeling", `${Math.floor(seconds(mine) / 60)} min.*`);
  await reads("labeler_1", "Objects / h", (Math.round((36000 * drawn(mine)) / seconds(mine)) / 10).toLocaleString("en-GB"));
  const verdicts = (status) => log.filter((e) => e.meta.reviewStatus === status).length;
  const [accepted, rejected] = [verdicts("accepted"), verdicts("rejected")];
  await reads("labeler_2", "Acceptance", `${Math.round((100 * accepted) / (accepted + rejected))} %`);
  await reads("labeler_2", "First time", `${Math.round((100 * (accepted - 1)) / (accepted - 1 + rejected))} %`); // one was accepted after all
  const plot = page.getByRole("img", { name: new RegExp(`^Objects a day: ${drawn(all)} in all, the most `) });
  assert.equal(await plot.locator("g.col").count(), 14);
  const days = page.getByRole("region", { name: "Days" }).locator("tbody time");
  for (const day of await days.evaluateAll((list) => list.map((t) => new Date(`${t.dateTime}T00:00`).getTime()))) {
    const [midnight, now] = await page.evaluate(() => [new Date().setHours(0, 0, 0, 0), Date.now()]);
    assert.ok(day === midnight || now - midnight < 600000, "days are those of the clock on the wall");
  }
  const said = await plot.locator("g.col title").allTextContents();
  assert.equal(said.reduce((n, t) => n + Number(/: (\d+) objects$/.exec(t)[1]), 0), drawn(all));
  const csv = async (what) => {
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: `CSV of ${what}` }).click();
    const [head, ...rows] = readFileSync(await (await waiting).path(), "utf8").trim().split("\r\n").map((l) => l.split(","));
    return (column) => rows.reduce((n, r) => n + Number(r[head.indexOf(column)]), 0);
  };
  for (const what of ["people", "days", "classes"]) {
    const sum = await csv(what);
    assert.deepEqual([sum("objects"), sum("labelingTime")], [drawn(all), seconds(all)], what);
  }

  await page.getByLabel("Job name").fill("BOXES");
  await page.keyboard.press("Enter");
  await table.getByRole("row", { name: "labeler_1" }).waitFor({ state: "detached" });
  await reads("Together", "Objects", String(drawn((e) => e.jobId === jobs[2].id)));
  assert.equal((await csv("people"))("objects"), drawn((e) => e.jobId === jobs[2].id));
  await page.getByLabel("Job name").fill("");
  await page.keyboard.press("Enter");
  await page.getByLabel("Person").selectOption({ label: "labeler_1" });
  await table.getByRole("row", { name: "labeler_2" }).waitFor({ state: "detached" });
  await reads("Together", "Objects", String(drawn(mine)));
  await page.getByLabel("to", { exact: true }).fill("2020-02-01");
  await page.getByText("Nothing was done in this time that matches").waitFor();
  assert.match(page.url(), /to=2020-02-01/);
  await page.getByRole("button", { name: "30 days" }).click();
  await table.waitFor();
  quiet(page);

  const labeler = await open(s);
  await login(labeler, "labeler_1", people.labeler_1.password);
  await labeler.getByRole("link", { name: "Statistics" }).click();
  await labeler.getByText("what labeler_1 has done").waitFor();
  const own = labeler.getByRole("region", { name: "People" });
  await own.getByRole("row", { name: "labeler_1" }).waitFor();
  assert.equal(await own.getByRole("row").count(), 3, "a head, themselves, the sum");
  assert.equal(await labeler.getByLabel("Person").count(), 0);
  quiet(labeler);
});
