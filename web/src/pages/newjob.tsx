// Creating jobs and queues: one page, with what will happen beside it, and the same call for scripts.
import { lazy, Suspense } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import { useLocation, useSearch } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { Check, copy, count, Empty, Failed, Field, Icon, Picture, Select, Skeleton, Text } from "../kit";
import { can, explain, team, toast, useData } from "../state";
import type { Collection, Dataset, Guide, Image, Job, Member, Project, ProjectMeta } from "../types";
import { body, choose, curl, type Draft, EMPTY, forgetDraft, fromJob, keep, kept, python } from "./draft";
import { inCollection } from "./images";
import { Covers } from "./projects";
import { Chosen } from "./queues";

const Markdown = lazy(() => import("../md").then((m) => m.Markdown));

const WAYS = [["all", "All"], ["tags", "By tags"], ["range", "Range"], ["pick", "Pick by hand"]] as const;
const PICTURED = 12; // datasets shown with pictures; more of them are a list

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

let visits = 0; // each starts from what is kept now, not from what an earlier one began with

export function NewJob({ queue = false }: { queue?: boolean }) {
  const query = new URLSearchParams(useSearch());
  const from = Number(query.get("from") ?? 0);
  const dataset = Number(query.get("dataset") ?? 0);
  const collection = Number(query.get("collection") ?? 0);
  const id = team.value?.id ?? 0;
  useEffect(() => { document.title = `${queue ? "New queue" : "New job"} · labeld`; }, []);
  const [visit] = useState(() => ++visits);
  const start = useData(`newjob ${visit} ${query}`, async () => {
    if (from) return fromJob(await call<Job>("jobs.info", { id: from }));
    if (collection) return { ...EMPTY, projectId: (await call<Collection>("entities-collections.info", { id: collection })).projectId, collectionId: collection };
    if (dataset) {
      const d = await call<Dataset>("datasets.info", { id: dataset });
      return { ...EMPTY, projectId: d.projectId, datasetId: dataset };
    }
    return { ...kept(id), ...(query.get("project") ? { projectId: Number(query.get("project")), datasetId: 0 } : {}) };
  });
  if (!can.create.value) return <main id="main"><Empty icon="lock" title="Your role does not create jobs"><p>Ask an administrator of the team for the role reviewer, manager or developer.</p></Empty></main>;
  if (!start.data) return <main id="main">{start.error ? <Failed error={start.error} retry={start.reload} /> : <Skeleton />}</main>;
  return <Form key={`${queue} ${query}`} start={start.data} queue={queue} />;
}

function Form({ start, queue }: { start: Draft; queue: boolean }) {
  const [, go] = useLocation();
  const [d, setD] = useState(start);
  const [preview, setPreview] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const [call_, setCall] = useState<"python" | "curl">("python");
  const id = team.value?.id ?? 0;
  const set = (change: Partial<Draft>) => setD((old) => {
    const next = { ...old, ...change };
    keep(id, next);
    return next;
  });
  const projects = useData(`projects ${id}`, () => all<Project>("projects.list", { groupId: id })).data;
  const people = useData(`members ${id}`, () => all<Member>("members.list", { teamId: id })).data?.filter((m) => !m.disabled) ?? [];
  const projectId = d.projectId || projects?.[0]?.id || 0;
  const datasets = useData(`datasets ${projectId}`, projectId ? () => all<Dataset>("datasets.list", { projectId, recursive: true }) : null).data;
  const collections = useData(`collections ${projectId}`, queue && projectId ? () => all<Collection>("entities-collections.list", { projectId }) : null).data ?? [];
  const collectionId = collections.some((c) => c.id === d.collectionId) ? d.collectionId : 0;
  const datasetId = collectionId ? 0 : d.datasetId || datasets?.[0]?.id || 0;
  const meta = useData(`meta ${projectId}`, projectId ? () => call<ProjectMeta>("projects.meta", { id: projectId }) : null).data;
  const source = collectionId ? { projectId, filters: [inCollection(collectionId)] } : { datasetId };
  const images = useData(`all images ${datasetId} ${collectionId}`, datasetId || collectionId ? () => all<Image>("images.list", source) : null).data;
  const guides = useData(`guides ${id}`, () => all<Guide>("guides.list", { teamId: id })).data ?? [];
  const ways = collectionId ? WAYS.filter(([way]) => way === "all" || way === "tags") : WAYS;
  const which = ways.some(([way]) => way === d.which) ? d.which : "all";
  const draft = { ...d, projectId, datasetId, collectionId, which };
  const script = call_ === "python" ? python(draft, queue) : curl(draft, queue);
  const chosen = images ? choose(images, draft) : [];
  const shares = d.labelers.map((_, i) => Math.floor(chosen.length / d.labelers.length) + (i < chosen.length % d.labelers.length ? 1 : 0));
  const login = (user: number) => people.find((p) => p.id === user)?.login ?? String(user);
  const tags = (meta?.tags ?? []).map((t) => ({ name: t.name, color: t.color }));
  const wrong = (field: string) => (error?.field === field || error?.field?.startsWith(`${field}.`) ? error.message : undefined);
  const known = ["name", collectionId ? "collectionId" : "datasetId", "userIds", "reviewerId"];

  const submit = async (e?: Event) => {
    e?.preventDefault();
    setBusy(true);
    try {
      if (queue) {
        const { id: made } = await call<{ id: number }>("labeling-queues.add", body(draft, true), { operation: crypto.randomUUID() });
        forgetDraft(id);
        toast("Created the queue");
        return go(`/queues/${made}`);
      }
      const made = await call<{ id: number }[]>("jobs.add", body(draft, false), { operation: crypto.randomUUID() });
      if (d.priority) await call("jobs.bulk.set-priority", { jobs: made.map((j) => ({ id: j.id, priority: Number(d.priority) })) });
      forgetDraft(id);
      toast(`Created ${count(made.length, "job")}`);
      go(made.length === 1 ? `/jobs/${made[0]?.id}` : "/jobs");
    } catch (e) {
      setError(e as ApiError);
      requestAnimationFrame(() => document.querySelector<HTMLElement>("form [aria-invalid=true], form .alert")?.focus());
      document.getElementById("main")?.scrollTo({ top: 0 });
    }
    setBusy(false);
  };
  const number = (label: string, key: "figures" | "imageTags" | "tagsMin" | "start" | "end", hint: string) => (
    <Text label={label} type="number" min={1} value={d[key]} set={(v) => set({ [key]: v })} hint={hint} />
  );

  return (
    <main id="main">
      <div class="pagehead"><h1>{queue ? "New queue" : "New job"}</h1>{queue ? <span class="muted">Images are taken one by one by whoever is free.</span> : null}</div>
      <form class="two" onSubmit={submit} onKeyDown={(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) void submit(e); }}>
        <div class="form panel">
          {error && !known.includes(error.field ?? "") ? <div class="alert" role="alert">{explain(error)}</div> : null}
          <section>
            <h2>What</h2>
            <Text label="Name" value={d.name} set={(name) => set({ name })} required autoFocus wrong={wrong("name")} />
            <Select label="Project" value={projectId} set={(v) => set({ projectId: v, datasetId: 0, collectionId: 0, classes: [], tags: [], readOnlyTags: [], withTags: [], withoutTags: [], images: [] })} options={(projects ?? []).map((p) => ({ value: p.id, text: `${p.name} (${p.imagesCount})` }))} />
            {collections.length ? (
              <span class="seg" role="group" aria-label="Images of" style={{ justifySelf: "start" }}>
                <button type="button" aria-pressed={!collectionId} onClick={() => set({ collectionId: 0 })}>A dataset</button>
                <button type="button" aria-pressed={!!collectionId} onClick={() => set({ collectionId: collections[0]?.id ?? 0 })}>A collection</button>
              </span>
            ) : null}
            {collectionId ? <Select label="Collection" value={collectionId} set={(v) => set({ collectionId: v })} options={collections.map((c) => ({ value: c.id, text: c.name }))} wrong={wrong("collectionId")} hint="What is put into it later comes to the queue, too." /> : datasets && datasets.length <= PICTURED ? (
              <fieldset class="plainset"><legend class="label">Dataset</legend>
                <div class="picks">
                  {datasets.map((x) => (
                    <label key={x.id} class={`pickcard${datasetId === x.id ? " on" : ""}`}>
                      <input type="radio" name="dataset" class="vh" checked={datasetId === x.id} onChange={() => set({ datasetId: x.id, images: [] })} />
                      <Covers of={{ datasetId: x.id }} /><b class="cut" title={x.name}>{x.name}</b><span class="muted">{count(x.imagesCount, "image")}</span>
                    </label>
                  ))}
                  {datasets.length ? null : <span class="muted">This project has no dataset yet.</span>}
                </div>
                {wrong("datasetId") ? <span class="wrongtext" role="alert">{wrong("datasetId")}</span> : null}
              </fieldset>
            ) : <Select label="Dataset" value={datasetId} set={(v) => set({ datasetId: v, images: [] })} options={(datasets ?? []).map((x) => ({ value: x.id, text: `${x.name} (${count(x.imagesCount, "image")})` }))} wrong={wrong("datasetId")} />}
            <Text label="Description" value={d.description} set={(description) => set({ description })} />
          </section>
          <section>
            <h2>Who</h2>
            <Chosen label="Labelers" people={people} value={d.labelers} set={(labelers) => set({ labelers })} wrong={wrong("userIds")} hint={queue ? "Whoever is free takes the next image." : "Several share the images equally: a job for each."} />
            {queue ? <Chosen label="Reviewers" people={people} value={d.reviewers} set={(reviewers) => set({ reviewers })} wrong={wrong("reviewerIds")} />
              : <Select label="Reviewer" value={d.reviewer} set={(reviewer) => set({ reviewer })} options={[{ value: 0, text: "the managers" }, ...people.map((p) => ({ value: p.id, text: p.login }))]} wrong={wrong("reviewerId")} />}
          </section>
          <section>
            <h2>Which images</h2>
            <span class="seg" role="group" aria-label="Which images" style={{ justifySelf: "start" }}>
              {ways.map(([way, text]) => <button type="button" key={way} aria-pressed={which === way} onClick={() => set({ which: way })}>{text}</button>)}
            </span>
            {which === "tags" ? <><Chips label="With all of these tags" options={tags} value={d.withTags} set={(withTags) => set({ withTags })} /><Chips label="Without any of these" off options={tags} value={d.withoutTags} set={(withoutTags) => set({ withoutTags })} /></> : null}
            {which === "range" ? <div class="cols">{number("From image", "start", "counted from 1")}{number("To image", "end", "empty: to the last")}</div> : null}
            {which === "pick" && images ? (
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
            <div class="cols">{number("Objects an image", "figures", "empty: no limit")}{number("Tags an image", "imageTags", "empty: no limit")}{number("Minimum of tags", "tagsMin", "before it can be confirmed")}</div>
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
              {queue ? <>
                <Check label="One may review what one has labeled" value={d.ownReviews} set={(ownReviews) => set({ ownReviews })} />
                <Check label="Stays open when all is accepted" value={d.keepOpen} set={(keepOpen) => set({ keepOpen })} />
              </> : <Check label="A quality check after the review" value={d.check} set={(check) => set({ check })} />}
              <Check label="Labeler sees only objects of their own" value={d.ownFigures} set={(ownFigures) => set({ ownFigures })} />
              <Check label="Labeler sees only tags of their own" value={d.ownTags} set={(ownTags) => set({ ownTags })} />
              {queue ? null : <Check label="A removed one that was called the same comes back" value={d.allowRestore} set={(allowRestore) => set({ allowRestore })} />}
            </div>
            <div class="cols"><Select label="Guide" value={d.guide} set={(guide) => set({ guide })} options={[{ value: "", text: "none" }, ...guides.filter((g) => !g.disabledAt || String(g.id) === d.guide).map((g) => ({ value: String(g.id), text: g.name }))]} hint="Labelers read it beside the readme." />{queue ? null : <Select label="Priority" value={d.priority} set={(priority) => set({ priority })} options={[{ value: "", text: "none" }, ...["1", "2", "3", "4", "5"].map((v) => ({ value: v, text: v }))]} hint="1 comes first" />}</div>
          </section>
          <div class="row" style={{ justifyContent: "flex-end" }}>
            <button type="button" class="btn" onClick={() => go(queue ? "/queues" : "/jobs")}>Cancel</button>
            <button type="submit" class="btn p" disabled={busy || !d.labelers.length || (queue && !d.reviewers.length) || !(chosen.length || collectionId)}>Create {queue ? "queue" : d.labelers.length > 1 ? `${d.labelers.length} jobs` : "job"} <kbd>Ctrl ⏎</kbd></button>
          </div>
        </div>
        <aside>
          <div class="panel form" aria-live="polite">
            <h2>{images ? `${count(chosen.length, "image")} of ${images.length.toLocaleString()}` : "…"}</h2>
            {chosen.length ? <div style={{ display: "grid", gridTemplateColumns: "repeat(4, 1fr)", gap: 4 }}>{chosen.slice(0, 12).map((i) => <span key={i.id} class="shot" title={i.name}><span class="pic"><Picture id={i.id} name={i.name} /></span></span>)}</div> : <p class="muted">{collectionId ? "None now; what is put into the collection comes to the queue." : "No image matches."}</p>}
            {queue ? <p class="muted">{d.labelers.length ? `${count(d.labelers.length, "labeler")}, ${count(d.reviewers.length, "reviewer")}` : "Choose who labels and who reviews."}</p> : d.labelers.length ? (
              <dl class="kv">{d.labelers.map((u, i) => <><dt key={u}>{login(u)}</dt><dd>{count(shares[i] ?? 0, "image")}</dd></>)}</dl>
            ) : <p class="muted">Choose who labels.</p>}
            <dl class="kv">
              <dt>Classes</dt><dd>{d.classes.length ? d.classes.join(", ") : "all"}</dd>
              <dt>Tags</dt><dd>{d.tags.length ? d.tags.join(", ") : "all"}</dd>
              {queue ? null : <><dt>Reviewer</dt><dd>{d.reviewer ? login(d.reviewer) : "the managers"}</dd></>}
            </dl>
          </div>
          <div class="panel form">
            <h2>The same from a script</h2>
            <span class="seg" role="group" aria-label="Language" style={{ justifySelf: "start" }}><button type="button" aria-pressed={call_ === "python"} onClick={() => setCall("python")}>Python</button><button type="button" aria-pressed={call_ === "curl"} onClick={() => setCall("curl")}>curl</button></span>
            <pre class="code" tabIndex={0}>{script}</pre>
            <button type="button" class="btn s" onClick={() => copy(script, call_ === "python" ? "the Python call" : "the curl call")}><Icon name="copy" />Copy as {call_ === "python" ? "Python" : "curl"}</button>
          </div>
        </aside>
      </form>
    </main>
  );
}
