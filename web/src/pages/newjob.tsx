// Creating jobs: one page, with what will happen beside it, and the same call for scripts.
import { lazy, Suspense } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import { useLocation, useSearch } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { Check, copy, count, Empty, Failed, Field, Icon, Picture, Select, Skeleton, Text } from "../kit";
import { can, explain, team, toast, useData } from "../state";
import type { Dataset, Image, Job, Member, Project, ProjectMeta } from "../types";

const Markdown = lazy(() => import("../md").then((m) => m.Markdown));

interface Draft {
  name: string;
  projectId: number;
  datasetId: number;
  labelers: number[];
  reviewer: number;
  description: string;
  readme: string;
  classes: string[];
  tags: string[];
  readOnlyTags: string[];
  which: "all" | "tags" | "range" | "pick";
  withTags: string[];
  withoutTags: string[];
  start: string;
  end: string;
  images: number[];
  figures: string;
  imageTags: string;
  guide: string;
  dynamicClasses: boolean;
  dynamicTags: boolean;
  disableConfirm: boolean;
  disableSubmit: boolean;
  check: boolean;
  allowRestore: boolean;
}
const EMPTY: Draft = {
  name: "", projectId: 0, datasetId: 0, labelers: [], reviewer: 0, description: "", readme: "", classes: [], tags: [], readOnlyTags: [], which: "all", withTags: [], withoutTags: [],
  start: "", end: "", images: [], figures: "", imageTags: "", guide: "", dynamicClasses: false, dynamicTags: false, disableConfirm: false, disableSubmit: false, check: false, allowRestore: false,
};

// The images the draft chooses, in the order of the server: by id.
function choose(images: Image[], d: Draft): Image[] {
  let list = [...images].sort((a, b) => a.id - b.id);
  if (d.which === "pick") list = list.filter((i) => d.images.includes(i.id));
  if (d.which === "tags") list = list.filter((i) => d.withTags.every((t) => i.tags.some((x) => x.name === t)) && !d.withoutTags.some((t) => i.tags.some((x) => x.name === t)));
  if (d.which === "range") list = list.slice(Math.max(0, Number(d.start || 1) - 1), d.end ? Number(d.end) : undefined);
  return list;
}

function body(d: Draft): Record<string, unknown> {
  const number = (s: string) => (s ? Number(s) : undefined);
  const meta: Record<string, unknown> = { classes: d.classes, projectTags: d.tags, imageFiguresLimit: number(d.figures) ?? 0, imageTagsLimit: number(d.imageTags) ?? 0 };
  if (d.readOnlyTags.length) meta.readOnlyTags = d.readOnlyTags;
  if (d.which === "tags") meta.imageTags = [...d.withTags.map((name) => ({ name, positive: true })), ...d.withoutTags.map((name) => ({ name, positive: false }))];
  if (d.which === "range") meta.range = { start: number(d.start) ?? 1, ...(d.end ? { end: Number(d.end) } : {}) };
  if (d.which === "pick") meta.entityIds = d.images;
  if (d.guide) meta.guide = Number(d.guide);
  for (const key of ["dynamicClasses", "dynamicTags", "disableConfirm", "disableSubmit", "allowRestore"] as const) if (d[key]) meta[key] = true;
  if (d.check) meta.enableIntermediateReview = true;
  return {
    name: d.name, datasetId: d.datasetId, userIds: d.labelers, ...(d.reviewer ? { reviewerId: d.reviewer } : {}),
    ...(d.description ? { description: d.description } : {}), ...(d.readme ? { readme: d.readme } : {}), meta,
  };
}

function python(d: Draft): string {
  const lines = [`    name=${JSON.stringify(d.name)},`, `    dataset_id=${d.datasetId},`, `    user_ids=${JSON.stringify(d.labelers)},`];
  const add = (key: string, value: unknown, when: boolean) => { if (when) lines.push(`    ${key}=${value === true ? "True" : JSON.stringify(value)},`); };
  add("reviewer_id", d.reviewer, !!d.reviewer);
  add("description", d.description, !!d.description);
  add("readme", d.readme, !!d.readme);
  add("classes_to_label", d.classes, d.classes.length > 0);
  add("tags_to_label", d.tags, d.tags.length > 0);
  add("objects_limit_per_image", Number(d.figures), !!d.figures);
  add("tags_limit_per_image", Number(d.imageTags), !!d.imageTags);
  add("include_images_with_tags", d.withTags, d.which === "tags" && d.withTags.length > 0);
  add("exclude_images_with_tags", d.withoutTags, d.which === "tags" && d.withoutTags.length > 0);
  if (d.which === "range") lines.push(`    images_range=(${d.start || 1}, ${d.end || "None"}),`);
  add("images_ids", d.images, d.which === "pick");
  add("dynamic_classes", true, d.dynamicClasses);
  add("dynamic_tags", true, d.dynamicTags);
  add("disable_confirm", true, d.disableConfirm);
  add("disable_submit", true, d.disableSubmit);
  add("enable_quality_check", true, d.check);
  return `jobs = api.labeling_job.create(\n${lines.join("\n")}\n)`;
}

function curl(d: Draft): string {
  const json = JSON.stringify(body(d), null, 2).replace(/'/g, "'\\''");
  return `curl ${location.origin}/public/api/v3/jobs.add \\\n  -H "x-api-key: $API_TOKEN" -H 'content-type: application/json' \\\n  -d '${json}'`;
}

function Chips(p: { label: string; hint?: string; options: { name: string; color: string }[]; value: string[]; set: (v: string[]) => void; off?: boolean }) {
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0, display: "grid", gap: 6 }}>
      <legend class="label" style={{ padding: 0, marginBottom: 6 }}>{p.label}{p.hint ? <span class="muted" style={{ fontWeight: 400 }}> {p.hint}</span> : null}</legend>
      <span class="row wrap">
        {p.options.length ? p.options.map((o) => {
          const on = p.value.includes(o.name);
          return (
            <button type="button" key={o.name} class={`tagchip${on && p.off ? " off" : ""}`} aria-pressed={on} onClick={() => p.set(on ? p.value.filter((v) => v !== o.name) : [...p.value, o.name])}>
              <i class="sw" style={{ background: o.color }} />{o.name}
            </button>
          );
        }) : <span class="muted">The project has none.</span>}
      </span>
    </fieldset>
  );
}

function fromJob(j: Job): Draft {
  const m = j.meta;
  return {
    ...EMPTY, name: `${j.name} copy`, projectId: j.projectId, datasetId: j.datasetId, labelers: [j.userId], reviewer: j.reviewerId ?? 0, description: j.description, readme: j.readme,
    classes: m.classes.map((c) => c.name), tags: m.projectTags.map((t) => t.name), readOnlyTags: m.readOnlyTags, which: "pick", images: j.entities.map((e) => e.id),
    figures: m.imageFiguresLimit ? String(m.imageFiguresLimit) : "", imageTags: m.imageTagsLimit ? String(m.imageTagsLimit) : "",
    dynamicClasses: m.dynamicClasses, dynamicTags: m.dynamicTags, disableConfirm: m.disableConfirm, disableSubmit: m.disableSubmit, check: m.enableIntermediateReview ?? false,
  };
}

export function NewJob() {
  const query = new URLSearchParams(useSearch());
  const from = Number(query.get("from") ?? 0);
  const dataset = Number(query.get("dataset") ?? 0);
  const id = team.value?.id ?? 0;
  useEffect(() => { document.title = "New job · labeld"; }, []);
  const start = useData(`newjob ${from} ${dataset} ${query}`, async () => {
    if (from) return fromJob(await call<Job>("jobs.info", { id: from }));
    const images = (query.get("images") ?? "").split(",").filter(Boolean).map(Number);
    const picked = images.length ? { which: "pick" as const, images } : {};
    if (dataset) {
      const d = await call<Dataset>("datasets.info", { id: dataset });
      return { ...EMPTY, projectId: d.projectId, datasetId: dataset, ...picked };
    }
    const saved = sessionStorage.getItem(`job draft ${id}`);
    return { ...EMPTY, ...(saved ? (JSON.parse(saved) as Draft) : {}), ...(query.get("project") ? { projectId: Number(query.get("project")), datasetId: 0 } : {}) };
  });
  if (!can.create.value) return <main id="main"><Empty icon="lock" title="Your role does not create jobs"><p>Ask an administrator of the team for the role reviewer, manager or developer.</p></Empty></main>;
  if (!start.data) return <main id="main">{start.error ? <Failed error={start.error} retry={start.reload} /> : <Skeleton />}</main>;
  return <Form key={String(query)} start={start.data} />;
}

function Form({ start }: { start: Draft }) {
  const [, go] = useLocation();
  const [d, setD] = useState(start);
  const [preview, setPreview] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const [call_, setCall] = useState<"python" | "curl">("python");
  const id = team.value?.id ?? 0;
  const set = (change: Partial<Draft>) => setD((old) => {
    const next = { ...old, ...change };
    sessionStorage.setItem(`job draft ${id}`, JSON.stringify(next));
    return next;
  });
  const projects = useData(`projects ${id}`, () => all<Project>("projects.list", { groupId: id })).data;
  const people = useData(`members ${id}`, () => all<Member>("members.list", { teamId: id })).data?.filter((m) => !m.disabled) ?? [];
  const projectId = d.projectId || projects?.[0]?.id || 0;
  const datasets = useData(`datasets ${projectId}`, projectId ? () => all<Dataset>("datasets.list", { projectId, recursive: true }) : null).data;
  const datasetId = d.datasetId || datasets?.[0]?.id || 0;
  const meta = useData(`meta ${projectId}`, projectId ? () => call<ProjectMeta>("projects.meta", { id: projectId }) : null).data;
  const images = useData(`all images ${datasetId}`, datasetId ? () => all<Image>("images.list", { datasetId }) : null).data;
  const draft = { ...d, projectId, datasetId };
  const chosen = images ? choose(images, draft) : [];
  const shares = d.labelers.map((_, i) => Math.floor(chosen.length / d.labelers.length) + (i < chosen.length % d.labelers.length ? 1 : 0));
  const login = (user: number) => people.find((p) => p.id === user)?.login ?? String(user);
  const tags = (meta?.tags ?? []).map((t) => ({ name: t.name, color: t.color }));
  const wrong = (field: string) => (error?.field === field || error?.field?.startsWith(`${field}.`) ? error.message : undefined);
  const known = ["name", "datasetId", "userIds", "reviewerId"];

  const submit = async (e?: Event) => {
    e?.preventDefault();
    setBusy(true);
    try {
      const made = await call<{ id: number }[]>("jobs.add", body(draft), { operation: crypto.randomUUID() });
      sessionStorage.removeItem(`job draft ${id}`);
      toast(`Created ${count(made.length, "job")}`);
      go(made.length === 1 ? `/jobs/${made[0]?.id}` : "/jobs");
    } catch (e) {
      setError(e as ApiError);
      document.getElementById("main")?.scrollTo({ top: 0 });
    }
    setBusy(false);
  };
  const number = (label: string, key: "figures" | "imageTags" | "start" | "end" | "guide", hint: string) => (
    <Text label={label} type="number" min={1} value={d[key]} set={(v) => set({ [key]: v })} hint={hint} />
  );

  return (
    <main id="main">
      <div class="pagehead"><h1>New job</h1></div>
      <form class="two" onSubmit={submit} onKeyDown={(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) void submit(e); }}>
        <div class="form panel">
          {error && !known.includes(error.field ?? "") ? <div class="alert" role="alert">{explain(error)}</div> : null}
          <section>
            <h2>What</h2>
            <Text label="Name" value={d.name} set={(name) => set({ name })} required autoFocus wrong={wrong("name")} />
            <div class="cols">
              <Select label="Project" value={projectId} set={(v) => set({ projectId: v, datasetId: 0, classes: [], tags: [], readOnlyTags: [], withTags: [], withoutTags: [], images: [] })} options={(projects ?? []).map((p) => ({ value: p.id, text: `${p.name} (${p.imagesCount})` }))} />
              <Select label="Dataset" value={datasetId} set={(v) => set({ datasetId: v, images: [] })} options={(datasets ?? []).map((x) => ({ value: x.id, text: `${x.name} (${count(x.imagesCount, "image")})` }))} wrong={wrong("datasetId")} />
            </div>
            <Text label="Description" value={d.description} set={(description) => set({ description })} />
          </section>
          <section>
            <h2>Who</h2>
            <Field label="Labelers" wrong={wrong("userIds")} hint="Several share the images equally: a job for each.">
              {(a) => (
                <select {...a} value="" onChange={(e) => { const v = Number(e.currentTarget.value); e.currentTarget.value = ""; if (v) set({ labelers: [...d.labelers, v] }); }}>
                  <option value="">Add a labeler…</option>
                  {people.filter((p) => !d.labelers.includes(p.id)).map((p) => <option key={p.id} value={p.id}>{p.login} — {p.role}</option>)}
                </select>
              )}
            </Field>
            {d.labelers.length ? <span class="row wrap">{d.labelers.map((u) => <button type="button" key={u} class="tagchip on" aria-label={`Take ${login(u)} off`} onClick={() => set({ labelers: d.labelers.filter((x) => x !== u) })}>{login(u)}<Icon name="close" /></button>)}</span> : null}
            <Select label="Reviewer" value={d.reviewer} set={(reviewer) => set({ reviewer })} options={[{ value: 0, text: "the managers" }, ...people.map((p) => ({ value: p.id, text: p.login }))]} wrong={wrong("reviewerId")} />
          </section>
          <section>
            <h2>Which images</h2>
            <span class="seg" role="group" aria-label="Which images" style={{ justifySelf: "start" }}>
              {([["all", "All"], ["tags", "By tags"], ["range", "Range"], ["pick", "Pick by hand"]] as const).map(([which, text]) => <button type="button" key={which} aria-pressed={d.which === which} onClick={() => set({ which })}>{text}</button>)}
            </span>
            {d.which === "tags" ? <><Chips label="With all of these tags" options={tags} value={d.withTags} set={(withTags) => set({ withTags })} /><Chips label="Without any of these" off options={tags} value={d.withoutTags} set={(withoutTags) => set({ withoutTags })} /></> : null}
            {d.which === "range" ? <div class="cols">{number("From image", "start", "counted from 1")}{number("To image", "end", "empty: to the last")}</div> : null}
            {d.which === "pick" && images ? (
              <div class="grid" style={{ gridTemplateColumns: "repeat(auto-fill, minmax(110px, 1fr))", maxHeight: 360, overflow: "auto", padding: 2 }}>
                {images.slice(0, 2000).map((i) => {
                  const on = d.images.includes(i.id);
                  return <button type="button" key={i.id} class={`shot${on ? " sel" : ""}`} aria-pressed={on} aria-label={i.name} onClick={() => set({ images: on ? d.images.filter((x) => x !== i.id) : [...d.images, i.id] })}><span class="pic"><Picture id={i.id} name="" /></span><span class="cap"><b>{i.name}</b></span></button>;
                })}
              </div>
            ) : null}
          </section>
          <section>
            <h2>What to label</h2>
            <Chips label="Classes" hint="none chosen: all" options={(meta?.classes ?? []).map((c) => ({ name: c.title, color: c.color }))} value={d.classes} set={(classes) => set({ classes })} />
            <Chips label="Tags" hint="none chosen: all" options={tags} value={d.tags} set={(v) => set({ tags: v })} />
            <Chips label="Tags to see but not to change" options={tags} value={d.readOnlyTags} set={(readOnlyTags) => set({ readOnlyTags })} />
            <div class="cols">{number("Objects an image", "figures", "empty: no limit")}{number("Tags an image", "imageTags", "empty: no limit")}</div>
          </section>
          <section>
            <h2>Instructions</h2>
            <span class="seg" role="group" aria-label="Readme" style={{ justifySelf: "start" }}><button type="button" aria-pressed={!preview} onClick={() => setPreview(false)}>Write</button><button type="button" aria-pressed={preview} onClick={() => setPreview(true)}>Preview</button></span>
            {preview ? <div class="note"><Suspense fallback={<Skeleton rows={2} />}><Markdown text={d.readme || "*Nothing written yet.*"} /></Suspense></div>
              : <Field label="Readme" hint="Markdown. Labelers read it in the tool.">{(a) => <textarea {...a} rows={6} value={d.readme} onInput={(e) => set({ readme: e.currentTarget.value })} />}</Field>}
          </section>
          <section>
            <h2>Options</h2>
            <div class="cols">
              <Check label="Also classes made later" value={d.dynamicClasses} set={(dynamicClasses) => set({ dynamicClasses })} />
              <Check label="Also tags made later" value={d.dynamicTags} set={(dynamicTags) => set({ dynamicTags })} />
              <Check label="Labeler does not confirm images" value={d.disableConfirm} set={(disableConfirm) => set({ disableConfirm })} />
              <Check label="Labeler does not submit the job" value={d.disableSubmit} set={(disableSubmit) => set({ disableSubmit })} />
              <Check label="A quality check after the review" value={d.check} set={(check) => set({ check })} />
              <Check label="Removed objects may be restored" value={d.allowRestore} set={(allowRestore) => set({ allowRestore })} />
            </div>
            <div class="cols">{number("Guide", "guide", "id of a guide, if you have one")}</div>
          </section>
          <div class="row" style={{ justifyContent: "flex-end" }}>
            <button type="button" class="btn" onClick={() => go("/jobs")}>Cancel</button>
            <button type="submit" class="btn p" disabled={busy || !d.labelers.length || !chosen.length}>Create {d.labelers.length > 1 ? `${d.labelers.length} jobs` : "job"} <kbd>Ctrl ⏎</kbd></button>
          </div>
        </div>
        <aside>
          <div class="panel form" aria-live="polite">
            <h2>{images ? `${count(chosen.length, "image")} of ${images.length}` : "…"}</h2>
            {chosen.length ? <div style={{ display: "grid", gridTemplateColumns: "repeat(4, 1fr)", gap: 4 }}>{chosen.slice(0, 8).map((i) => <span key={i.id} class="shot" title={i.name}><span class="pic"><Picture id={i.id} name={i.name} /></span></span>)}</div> : <p class="muted">No image matches.</p>}
            {d.labelers.length ? (
              <dl class="kv">{d.labelers.map((u, i) => <><dt key={u}>{login(u)}</dt><dd>{count(shares[i] ?? 0, "image")}</dd></>)}</dl>
            ) : <p class="muted">Choose who labels.</p>}
            <dl class="kv">
              <dt>Classes</dt><dd>{d.classes.length ? d.classes.join(", ") : "all"}</dd>
              <dt>Tags</dt><dd>{d.tags.length ? d.tags.join(", ") : "all"}</dd>
              <dt>Reviewer</dt><dd>{d.reviewer ? login(d.reviewer) : "the managers"}</dd>
            </dl>
          </div>
          <div class="panel form">
            <h2>The same from a script</h2>
            <span class="seg" role="group" aria-label="Language" style={{ justifySelf: "start" }}><button type="button" aria-pressed={call_ === "python"} onClick={() => setCall("python")}>Python</button><button type="button" aria-pressed={call_ === "curl"} onClick={() => setCall("curl")}>curl</button></span>
            <pre class="code" tabIndex={0}>{call_ === "python" ? python(draft) : curl(draft)}</pre>
            <button type="button" class="btn s" onClick={() => copy(call_ === "python" ? python(draft) : curl(draft), call_ === "python" ? "the Python call" : "the curl call")}><Icon name="copy" />Copy as {call_ === "python" ? "Python" : "curl"}</button>
          </div>
        </aside>
      </form>
    </main>
  );
}
