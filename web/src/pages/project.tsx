// One project: its datasets, classes and tags, statistics.
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { bytes, count, Dialog, Empty, Failed, Icon, Id, Select, Skeleton, Text, Time } from "../kit";
import { can, useData } from "../state";
import type { ClassMeta, Dataset, Project, ProjectMeta, TagMeta } from "../types";
import { Bars } from "../charts";
import { Covers } from "./projects";

export const COLORS = ["#e6483d", "#f5a623", "#c8b400", "#7ed321", "#2fa84f", "#22b8a6", "#1fa0dc", "#3b6ee0", "#7b61ff", "#b355d9", "#e0559d", "#8b6b4a"];
const SHAPES = [
  { value: "bitmap", text: "mask" }, { value: "polygon", text: "polygon" }, { value: "rectangle", text: "rectangle" },
  { value: "line", text: "polyline" }, { value: "point", text: "point" }, { value: "any", text: "any shape" },
];
export const shapeText = (s: string) => SHAPES.find((x) => x.value === s)?.text ?? s.replace(/_/g, " ");
const TYPES = [{ value: "none", text: "no value" }, { value: "any_string", text: "text" }, { value: "any_number", text: "number" }, { value: "oneof_string", text: "one of a list" }];

export function ProjectPage({ id, tab }: { id: number; tab: string }) {
  const { data: p, error, reload } = useData(`project ${id}`, () => call<Project>("projects.info", { id }));
  useEffect(() => { document.title = `${p?.name ?? "Project"} · labeld`; }, [p?.name]);
  if (!p) return <main id="main">{error ? <Failed error={error} retry={reload} /> : <Skeleton />}</main>;
  const tabs = [["datasets", "Datasets"], ["classes", "Classes"], ["tags", "Tags"], ["statistics", "Statistics"]];
  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb"><Link href="/projects">Projects</Link> / <span>{p.name}</span></nav>
      <div class="pagehead">
        <h1>{p.name}</h1><span class="muted">{count(p.imagesCount, "image")} · {bytes(Number(p.size))} · project <Id value={p.id} what="project" /> workspace <Id value={p.workspaceId} what="workspace" /></span><span class="grow" />
        {can.create.value ? <Link class="btn" href={`/jobs/new?project=${id}`}><Icon name="jobs" />New job</Link> : null}
      </div>
      <nav class="tabs" aria-label="Project">{tabs.map(([key, text]) => <Link key={key} href={`/projects/${id}/${key}`} aria-current={tab === key ? "page" : undefined}>{text}</Link>)}</nav>
      {tab === "datasets" ? <Datasets id={id} /> : null}
      {tab === "classes" ? <Classes id={id} /> : null}
      {tab === "tags" ? <Tags id={id} /> : null}
      {tab === "statistics" ? <Stats id={id} /> : null}
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

const useMeta = (id: number) => useData(`meta ${id}`, () => call<ProjectMeta>("projects.meta", { id }));
const update = (id: number, meta: object) => call("projects.meta.update", { id, meta });

function Classes({ id }: { id: number }) {
  const { data, error, reload } = useMeta(id);
  const [edit, setEdit] = useState<Partial<ClassMeta> | null>(null);
  const [wrong, setWrong] = useState<ApiError | null>(null);
  if (!data) return error ? <Failed error={error} retry={reload} /> : <Skeleton />;
  const save = async () => {
    if (!edit) return;
    try {
      if (edit.id) await call("advanced.object_classes.editInfo", { id: edit.id, name: edit.title, color: edit.color, hotkey: edit.hotkey ?? "" });
      else await update(id, { classes: [{ title: edit.title, shape: edit.shape, color: edit.color?.toUpperCase(), hotkey: edit.hotkey ?? "" }], tags: [] });
      reload();
      setEdit(null);
    } catch (e) {
      setWrong(e as ApiError);
    }
  };
  return (
    <>
      {can.manage.value ? <div class="filters"><button type="button" class="btn p" onClick={() => { setWrong(null); setEdit({ title: "", shape: "bitmap", color: COLORS[data.classes.length % COLORS.length] ?? "#e6483d", hotkey: "" }); }}><Icon name="plus" />New class</button></div> : null}
      {data.classes.length ? (
        <table class="t">
          <thead><tr><th scope="col">Class</th><th scope="col">Shape</th><th scope="col">Key</th><th scope="col">Id</th><th scope="col"><span class="vh">Actions</span></th></tr></thead>
          <tbody>{data.classes.map((c) => (
            <tr key={c.id}>
              <td><span class="row"><i class="sw" style={{ background: c.color }} /><b>{c.title}</b></span></td><td>{shapeText(c.shape)}</td><td>{c.hotkey ? <kbd>{c.hotkey}</kbd> : <span class="muted">—</span>}</td><td><Id value={c.id} what="class" /></td>
              <td class="n">{can.manage.value ? <button type="button" class="btn s" onClick={() => { setWrong(null); setEdit(c); }}>Edit<span class="vh"> {c.title}</span></button> : null}</td>
            </tr>
          ))}</tbody>
        </table>
      ) : <Empty icon="tag" title="No classes yet"><p>A class says what is drawn: a name, a shape and a colour.</p></Empty>}
      {edit ? (
        <Dialog title={edit.id ? "Edit class" : "New class"} close={() => setEdit(null)} submit={save} foot={<><button type="button" class="btn" onClick={() => setEdit(null)}>Cancel</button><button type="submit" class="btn p">Save class</button></>}>
          <Text label="Name" value={edit.title ?? ""} set={(title) => setEdit({ ...edit, title })} required autoFocus wrong={wrong?.message} />
          {edit.id ? null : <Select label="Shape" value={edit.shape ?? "bitmap"} set={(shape) => setEdit({ ...edit, shape })} options={SHAPES} />}
          <div class="cols">
            <div class="field"><label for="class-color">Colour</label><input id="class-color" type="color" value={edit.color?.toLowerCase() ?? "#000000"} onInput={(e) => setEdit({ ...edit, color: e.currentTarget.value.toUpperCase() })} /></div>
            <Text label="Key" value={edit.hotkey ?? ""} set={(hotkey) => setEdit({ ...edit, hotkey })} maxLength={1} hint="picks the class while labeling" />
          </div>
        </Dialog>
      ) : null}
    </>
  );
}

function Tags({ id }: { id: number }) {
  const { data, error, reload } = useMeta(id);
  const [edit, setEdit] = useState<(Partial<TagMeta> & { list?: string }) | null>(null);
  const [wrong, setWrong] = useState<ApiError | null>(null);
  if (!data) return error ? <Failed error={error} retry={reload} /> : <Skeleton />;
  const save = async () => {
    if (!edit) return;
    const values = edit.value_type === "oneof_string" ? { values: (edit.list ?? "").split("\n").map((v) => v.trim()).filter(Boolean) } : {};
    try {
      await update(id, { classes: [], tags: [{ name: edit.name, value_type: edit.value_type, color: edit.color?.toUpperCase(), applicable_type: edit.applicable_type ?? "all", hotkey: edit.hotkey ?? "", classes: [], ...values }] });
      reload();
      setEdit(null);
    } catch (e) {
      setWrong(e as ApiError);
    }
  };
  return (
    <>
      {can.manage.value ? <div class="filters"><button type="button" class="btn p" onClick={() => { setWrong(null); setEdit({ name: "", value_type: "none", color: COLORS[(data.tags.length + 5) % COLORS.length] ?? "#1fa0dc", applicable_type: "all" }); }}><Icon name="plus" />New tag</button></div> : null}
      {data.tags.length ? (
        <table class="t">
          <thead><tr><th scope="col">Tag</th><th scope="col">Value</th><th scope="col">Goes on</th><th scope="col">Key</th><th scope="col">Id</th></tr></thead>
          <tbody>{data.tags.map((t) => (
            <tr key={t.id}>
              <td><span class="row"><i class="sw" style={{ background: t.color }} /><b>{t.name}</b></span></td>
              <td>{TYPES.find((x) => x.value === t.value_type)?.text ?? t.value_type}{t.values?.length ? <small>{t.values.join(", ")}</small> : null}</td>
              <td>{t.applicable_type === "imagesOnly" ? "images" : t.applicable_type === "objectsOnly" ? "objects" : "images and objects"}</td><td>{t.hotkey ? <kbd>{t.hotkey}</kbd> : <span class="muted">—</span>}</td><td><Id value={t.id} what="tag" /></td>
            </tr>
          ))}</tbody>
        </table>
      ) : <Empty icon="tag" title="No tags yet"><p>A tag says something about an image or an object, with or without a value.</p></Empty>}
      {edit ? (
        <Dialog title="New tag" close={() => setEdit(null)} submit={save} foot={<><button type="button" class="btn" onClick={() => setEdit(null)}>Cancel</button><button type="submit" class="btn p">Save tag</button></>}>
          <Text label="Name" value={edit.name ?? ""} set={(name) => setEdit({ ...edit, name })} required autoFocus wrong={wrong?.message} />
          <Select label="Value" value={edit.value_type ?? "none"} set={(value_type) => setEdit({ ...edit, value_type })} options={TYPES} />
          {edit.value_type === "oneof_string" ? <div class="field"><label for="tag-values">Values, one a line</label><textarea id="tag-values" rows={4} value={edit.list ?? ""} onInput={(e) => setEdit({ ...edit, list: e.currentTarget.value })} /></div> : null}
          <Select label="Goes on" value={edit.applicable_type ?? "all"} set={(applicable_type) => setEdit({ ...edit, applicable_type })} options={[{ value: "all" as const, text: "images and objects" }, { value: "imagesOnly" as const, text: "images" }, { value: "objectsOnly" as const, text: "objects" }]} />
          <div class="field"><label for="tag-color">Colour</label><input id="tag-color" type="color" value={edit.color?.toLowerCase() ?? "#000000"} onInput={(e) => setEdit({ ...edit, color: e.currentTarget.value.toUpperCase() })} /></div>
        </Dialog>
      ) : null}
    </>
  );
}

interface ProjectStats {
  images?: { total?: { imagesInDataset?: number; imagesMarked?: number } };
  objects?: { items?: { objectClass?: { name: string; color: string }; total?: number }[] };
  imageTags?: { items?: { tagMeta?: { name: string; color: string }; total?: number }[] };
}
function Stats({ id }: { id: number }) {
  const d = useData(`stats ${id}`, () => call<ProjectStats>("projects.stats", { id }));
  if (!d.data) return d.error ? <Failed error={d.error} retry={d.reload} /> : <Skeleton />;
  const total = d.data.images?.total;
  const classes = (d.data.objects?.items ?? []).flatMap((i) => (i.objectClass ? [{ name: i.objectClass.name, color: i.objectClass.color, n: i.total ?? 0 }] : []));
  const tags = (d.data.imageTags?.items ?? []).flatMap((i) => (i.tagMeta ? [{ name: i.tagMeta.name, color: i.tagMeta.color, n: i.total ?? 0 }] : []));
  return (
    <div style={{ display: "grid", gap: 14 }}>
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
