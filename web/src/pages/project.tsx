// One project: its datasets, classes and tags, statistics.
import { useEffect, useRef, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { bytes, Check, Confirm, count, Dialog, Empty, Failed, Icon, Id, Menu, type Question, Skeleton, Text, Time } from "../kit";
import { attempt, can, explain, toast, useData } from "../state";
import { exportProject, type Progress, save } from "../transfer";
import type { Dataset, Project } from "../types";
import { Bars } from "../charts";
import { Collections, ProjectImages } from "./collections";
import { Classes, Tags, type Usage } from "./meta";
import { Covers } from "./projects";

export function ProjectPage({ id, tab }: { id: number; tab: string }) {
  const [, go] = useLocation();
  const [dialog, setDialog] = useState<"" | "export" | "rename">("");
  const [question, setQuestion] = useState<Question | null>(null);
  const stats = useData(`stats ${id}`, tab === "classes" || tab === "tags" || tab === "statistics" ? () => call<ProjectStats>("projects.stats", { id }) : null);
  const usage = stats.data ? usageOf(stats.data) : undefined;
  const { data: p, error, reload } = useData(`project ${id}`, () => call<Project>("projects.info", { id }));
  useEffect(() => { document.title = `${p?.name ?? "Project"} · labeld`; }, [p?.name]);
  if (!p) return <main id="main">{error ? <Failed error={error} retry={reload} /> : <Skeleton />}</main>;
  const tabs = [["datasets", "Datasets"], ["images", "Images"], ["collections", "Collections"], ["classes", "Classes"], ["tags", "Tags"], ["statistics", "Statistics"]];
  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb"><Link href="/projects">Projects</Link> / <span>{p.name}</span></nav>
      <div class="pagehead">
        <h1>{p.name}</h1><span class="muted">{count(p.imagesCount, "image")} · {bytes(Number(p.size))} · project <Id value={p.id} what="project" /> workspace <Id value={p.workspaceId} what="workspace" /></span><span class="grow" />
        <button type="button" class="btn" onClick={() => setDialog("export")}><Icon name="download" />Export</button>
        {can.create.value ? <Link class="btn" href={`/jobs/new?project=${id}`}><Icon name="jobs" />New job</Link> : null}
        {can.manage.value ? (
          <Menu right icon name="More actions" label={<Icon name="more" />}>
            <button type="button" onClick={() => setDialog("rename")}><Icon name="edit" />Rename…</button>
            <button type="button" onClick={() => setQuestion({ title: `Archive ${p.name}?`, yes: "Archive project", danger: true, text: "The project, its datasets and their jobs leave the lists.", run: async () => { if (await attempt(() => call("projects.archive", { id }), "Archived")) go("/projects"); } })}><Icon name="archive" />Archive…</button>
          </Menu>
        ) : null}
      </div>
      {p.description ? <p class="muted">{p.description}</p> : null}
      <nav class="tabs" aria-label="Project">{tabs.map(([key, text]) => <Link key={key} href={`/projects/${id}/${key}`} aria-current={tab === key ? "page" : undefined}>{text}</Link>)}</nav>
      {tab === "datasets" ? <Datasets id={id} /> : null}
      {tab === "images" ? <ProjectImages projectId={id} /> : null}
      {tab === "collections" ? <Collections projectId={id} /> : null}
      {tab === "classes" ? <Classes id={id} usage={usage} /> : null}
      {tab === "tags" ? <Tags id={id} usage={usage} /> : null}
      {tab === "statistics" ? <Stats data={stats.data} error={stats.error} reload={stats.reload} /> : null}
      {dialog === "export" ? <Export project={p} close={() => setDialog("")} /> : null}
      {dialog === "rename" ? <Rename title="Rename the project" name={p.name} description={p.description} save={(x) => call("projects.editInfo", { id, ...x })} close={() => setDialog("")} done={reload} /> : null}
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
    </main>
  );
}

function Datasets({ id }: { id: number }) {
  const [, go] = useLocation();
  const [adding, setAdding] = useState(false);
  const [name, setName] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const d = useData(`datasets ${id}`, () => all<Dataset>("datasets.list", { projectId: id, recursive: true }));
  const submit = async () => {
    try {
      const made = await call<Dataset>("datasets.add", { projectId: id, name, description: "" }, { operation: crypto.randomUUID() });
      go(`/datasets/${made.id}`);
    } catch (e) {
      setError(e as ApiError);
    }
  };
  if (!d.data) return d.error ? <Failed error={d.error} retry={d.reload} /> : <Skeleton />;
  const names = new Map(d.data.map((x) => [x.id, x.name]));
  return (
    <>
      {can.manage.value ? <div class="filters"><button type="button" class="btn p" onClick={() => setAdding(true)}><Icon name="plus" />New dataset</button></div> : null}
      {d.data.length ? (
        <div class="cards">
          {d.data.map((x) => (
            <Link class="card" key={x.id} href={`/datasets/${x.id}`}>
              <Covers of={{ datasetId: x.id }} />
              <h2>{x.parentId ? <span class="muted">{names.get(x.parentId)} / </span> : null}{x.name}</h2>
              <span class="muted">{count(x.imagesCount, "image")} · created <Time value={x.createdAt} /></span>
            </Link>
          ))}
        </div>
      ) : <Empty icon="image" title="No datasets yet"><p>A dataset is a folder of images.</p></Empty>}
      {adding ? (
        <Dialog title="New dataset" close={() => setAdding(false)} submit={submit} foot={<><button type="button" class="btn" onClick={() => setAdding(false)}>Cancel</button><button type="submit" class="btn p">Create dataset</button></>}>
          <Text label="Name" value={name} set={setName} required autoFocus wrong={error?.message} />
        </Dialog>
      ) : null}
    </>
  );
}

// Another name and description, of a project or a dataset.
export function Rename(p: { title: string; name: string; description: string; save: (x: { name: string; description: string }) => Promise<unknown>; close: () => void; done: () => void }) {
  const [f, setF] = useState({ name: p.name, description: p.description ?? "" });
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async () => {
    try {
      await p.save(f);
      p.done();
      p.close();
    } catch (e) {
      setError(e as ApiError);
    }
  };
  return (
    <Dialog title={p.title} close={p.close} submit={submit} foot={<><button type="button" class="btn" onClick={p.close}>Cancel</button><button type="submit" class="btn p">Save</button></>}>
      <Text label="Name" value={f.name} set={(name) => setF({ ...f, name })} required autoFocus wrong={error?.message} />
      <Text label="Description" value={f.description} set={(description) => setF({ ...f, description })} />
    </Dialog>
  );
}

// The project as a folder of the SDK's kind, in a zip file.
function Export({ project, close }: { project: Project; close: () => void }) {
  const [images, setImages] = useState(true);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [error, setError] = useState("");
  const stop = useRef(new AbortController());
  const run = async () => {
    setError("");
    try {
      save(await exportProject(project, images, setProgress, stop.current.signal), `${project.name.replace(/[^\w .-]+/g, "_")}.zip`);
      close();
      toast(`Exported ${project.name}`);
    } catch (e) {
      if ((e as Error).name !== "AbortError") setError(explain(e));
      setProgress(null);
    }
  };
  useEffect(() => () => stop.current.abort(), []);
  return (
    <Dialog title="Export the project" close={close} submit={run} foot={<><button type="button" class="btn" onClick={close}>Cancel</button><button type="submit" class="btn p" disabled={!!progress}><Icon name="download" />Export</button></>}>
      <p>A zip file with the folder that <code>sly.Project</code> reads: classes, tags, datasets, annotations.</p>
      <Check label={`With the images (${bytes(Number(project.size))})`} value={images} set={setImages} disabled={!!progress} />
      {error ? <div class="alert" role="alert">{error}</div> : null}
      {progress ? <Transfer p={progress} verb="exported" /> : null}
    </Dialog>
  );
}

export const Transfer = ({ p, verb }: { p: Progress; verb: string }) => (
  <div class="transfer" role="status">
    <span class="bar" role="img" aria-label={`${p.done} of ${p.total} ${verb}`}><i class="a" style={{ width: `${((p.done - p.failed.length) / Math.max(1, p.total)) * 100}%` }} /><i class="r" style={{ width: `${(p.failed.length / Math.max(1, p.total)) * 100}%` }} /></span>
    <span class="row"><span>{p.done} of {count(p.total, "image")} {verb}{p.failed.length ? `, ${p.failed.length} failed` : ""}</span><span class="grow" /><span class="muted cut">{p.done < p.total ? p.what : ""}</span></span>
    {p.failed.slice(0, 20).map((f) => <span key={f.name} class="wrongtext">{f.name}: {f.why}</span>)}
  </div>
);

interface ProjectStats {
  images?: { total?: { imagesInDataset?: number; imagesMarked?: number } };
  objects?: { items?: { objectClass?: { id: number; name: string; color: string }; total?: number }[] };
  imageTags?: { items?: { tagMeta?: { id: number; name: string; color: string }; total?: number }[] };
  objectTags?: { items?: { tagMeta?: { id: number }; total?: number }[] };
}
function usageOf(s: ProjectStats): Usage {
  const tags = new Map<number, number>();
  for (const t of [...(s.imageTags?.items ?? []), ...(s.objectTags?.items ?? [])]) if (t.tagMeta) tags.set(t.tagMeta.id, (tags.get(t.tagMeta.id) ?? 0) + (t.total ?? 0));
  return { classes: new Map((s.objects?.items ?? []).map((c) => [c.objectClass?.id ?? 0, c.total ?? 0])), tags };
}
function Stats(d: { data: ProjectStats | undefined; error: Error | undefined; reload: () => void }) {
  if (!d.data) return d.error ? <Failed error={d.error} retry={d.reload} /> : <Skeleton />;
  const total = d.data.images?.total;
  const classes = (d.data.objects?.items ?? []).flatMap((i) => (i.objectClass ? [{ name: i.objectClass.name, color: i.objectClass.color, n: i.total ?? 0 }] : []));
  const tags = (d.data.imageTags?.items ?? []).flatMap((i) => (i.tagMeta ? [{ name: i.tagMeta.name, color: i.tagMeta.color, n: i.total ?? 0 }] : []));
  return (
    <div class="stack">
      <div class="numbers">
        <div><b>{(total?.imagesInDataset ?? 0).toLocaleString()}</b><span>images</span></div>
        <div><b>{(total?.imagesMarked ?? 0).toLocaleString()}</b><span>labeled</span></div>
        <div><b>{classes.reduce((n, c) => n + c.n, 0).toLocaleString()}</b><span>objects</span></div>
      </div>
      {classes.length ? <div class="panel"><h2>Objects of each class</h2><Bars rows={classes} /></div> : <Empty icon="chart" title="Nothing has been labeled yet" />}
      {tags.length ? <div class="panel"><h2>Images with each tag</h2><Bars rows={tags} /></div> : null}
    </div>
  );
}
