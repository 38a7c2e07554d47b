// Images in a list that can be searched: of a dataset, a project or a collection. Those that are
// selected, or all that match, are given to whatever the page does with them.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { bytes, count, Dialog, Empty, Failed, Icon, Picture, Select, Skeleton, Text } from "../kit";
import { everything as refresh } from "../live";
import { attempt, toast, useData } from "../state";
import type { Collection, Image, List, ProjectMeta } from "../types";

const PER_PAGE = 60;

export type Where = { datasetId: number } | { projectId: number };
interface Condition { type: string; data: object }
export const inCollection = (collectionId: number): Condition => ({ type: "entities_collection", data: { collectionId } });

// What is chosen in the two lists: "none" and "some", or the id of a class or a tag.
const MANY = 1_000_000_000;
function conditions(name: string, objects: string, tag: string): Condition[] {
  const list: Condition[] = [];
  if (name) list.push({ type: "images_filename", data: { value: name } });
  if (objects) list.push({ type: "objects_class", data: objects === "none" ? { from: 0, to: 0 } : { classId: objects === "some" ? 0 : Number(objects), from: 1, to: MANY } });
  if (tag) list.push({ type: "images_tag", data: { tagId: Number(tag) || 0, include: tag !== "none" } });
  return list;
}

export function Images(p: {
  where: Where;
  projectId: number;
  collectionId?: number; // only those in it
  selectable: boolean;
  actions: (ids: number[], clear: () => void) => ComponentChildren;
  empty: ComponentChildren;
}) {
  const [pages, setPages] = useState(1);
  const [f, setF] = useState({ name: "", objects: "", tag: "" });
  const [selected, setSelected] = useState(new Set<number>());
  const [busy, setBusy] = useState(false);
  const last = useRef(0); // clicked before: Shift selects from there
  const meta = useData(`meta ${p.projectId}`, p.projectId ? () => call<ProjectMeta>("projects.meta", { id: p.projectId }) : null).data;
  const body = { ...p.where, filters: [...(p.collectionId ? [inCollection(p.collectionId)] : []), ...conditions(f.name, f.objects, f.tag)], sort: "name", sort_order: "asc" };
  const images = useData(`images ${JSON.stringify(body)} ${pages}`, () => call<List<Image>>("images.list", { ...body, per_page: pages * PER_PAGE }));
  const filtered = !!(f.name || f.objects || f.tag);
  const before = useRef<List<Image> | undefined>(); // stays while the next page, or another filter, is on its way
  if (images.data || images.error) before.current = images.data;
  const list = before.current;
  const shown = list?.entities ?? [];
  const total = list?.total ?? 0;
  const clear = () => setSelected(new Set());
  const set = (change: Partial<typeof f>) => { setF({ ...f, ...change }); setPages(1); };
  useEffect(() => {
    const keys = (e: KeyboardEvent) => { if (e.key === "Escape" && !(e.target as HTMLElement).closest("input, select, textarea, dialog")) clear(); };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, []);
  const toggle = (at: number, range: boolean) => {
    const on = !selected.has(shown[at]?.id ?? 0);
    const next = new Set(selected);
    for (const i of shown.slice(range ? Math.min(at, last.current) : at, (range ? Math.max(at, last.current) : at) + 1))
      if (on) next.add(i.id); else next.delete(i.id);
    last.current = at;
    setSelected(next);
  };
  const everything = async () => {
    setBusy(true);
    await attempt(async () => setSelected(new Set((await all<Image>("images.list", body)).map((i) => i.id))));
    setBusy(false);
  };
  return (
    <>
      <div class="filters" role="search">
        <input type="search" aria-label="Search images by name" placeholder="Search by name" value={f.name} onInput={(e) => set({ name: e.currentTarget.value })} />
        <select aria-label="Objects" value={f.objects} onChange={(e) => set({ objects: e.currentTarget.value })}>
          <option value="">Objects: any</option><option value="none">without objects</option><option value="some">with objects</option>
          {meta?.classes.map((c) => <option key={c.id} value={c.id}>with {c.title}</option>)}
        </select>
        <select aria-label="Image tag" value={f.tag} onChange={(e) => set({ tag: e.currentTarget.value })}>
          <option value="">Tags: any</option><option value="none">without tags</option><option value="some">with a tag</option>
          {meta?.tags.map((t) => <option key={t.id} value={t.id}>tagged {t.name}</option>)}
        </select>
        {filtered ? <button type="button" class="btn g s" onClick={() => set({ name: "", objects: "", tag: "" })}>Clear filters</button> : null}
        <span class="muted">{list ? count(total, "image") : ""}</span>
        <span class="grow" />
        {p.selectable && total ? <button type="button" class="btn s" disabled={busy} onClick={everything}>Select all {total.toLocaleString()}</button> : null}
      </div>
      {list ? shown.length ? (
        <>
          <div class="grid">
            {shown.map((i, at) => {
              const on = selected.has(i.id);
              const inside = <><span class="pic"><Picture id={i.id} name="" /></span><span class="cap"><b title={i.name}>{i.name}</b><span class="muted">{i.labelsCount ? count(i.labelsCount, "object") : ""}</span></span></>;
              const title = `${i.width} × ${i.height}, ${bytes(i.size)}`;
              return p.selectable
                ? <button type="button" class={`shot${on ? " sel" : ""}`} key={i.id} aria-pressed={on} onClick={(e) => toggle(at, e.shiftKey)} title={title}>{inside}{on ? <span class="tick"><Icon name="check" /></span> : null}</button>
                : <span class="shot still" key={i.id} title={title}>{inside}</span>;
            })}
          </div>
          {total > shown.length ? <p class="more"><button type="button" class="btn" onClick={() => setPages(pages + 1)}>Show more</button></p> : null}
        </>
      ) : filtered ? <Empty icon="search" title="No image matches these filters" /> : p.empty
        : images.error ? <Failed error={images.error} retry={images.reload} /> : <Skeleton />}
      {selected.size ? (
        <div class="bulk float" role="toolbar" aria-label="Selected images">
          <b>{selected.size.toLocaleString()} selected</b>
          {p.actions([...selected], clear)}
          <span class="grow" />
          <button type="button" class="btn g s" onClick={clear}>Clear <kbd>Esc</kbd></button>
        </div>
      ) : null}
    </>
  );
}

// Into a collection of the project, or a new one; the one that was changed last is offered first.
export function Collect({ projectId, ids, close, done }: { projectId: number; ids: number[]; close: () => void; done: () => void }) {
  const list = useData(`collections ${projectId} changed`, () => all<Collection>("entities-collections.list", { projectId, sort: "updatedAt", sort_order: "desc" })).data;
  const [, go] = useLocation();
  const [into, setInto] = useState<number | null>(null);
  const [name, setName] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const id = into ?? list?.[0]?.id ?? 0;
  useEffect(() => { if (list && !id) document.querySelector<HTMLElement>("dialog input")?.focus(); }, [!list, id]);
  const submit = async () => {
    setBusy(true);
    try {
      const to = id ? list?.find((c) => c.id === id) : await call<Collection>("entities-collections.add", { projectId, name }, { operation: crypto.randomUUID() });
      if (!to) return;
      setInto(to.id); // made once, whatever becomes of the next call
      const { items, missing } = await call<{ items: unknown[]; missing: number[] }>("entities-collections.items.bulk.add", { collectionId: to.id, entityIds: ids });
      refresh();
      done();
      close();
      toast(`Added ${count(items.length, "image")} to ${to.name}${missing.length ? `; ${count(missing.length, "image")} had gone` : ""}`, { action: { label: "Open", run: () => go(`/collections/${to.id}`) } });
    } catch (e) {
      setError(e as ApiError);
    }
    setBusy(false);
  };
  return (
    <Dialog title={`Add ${count(ids.length, "image")} to a collection`} close={close} submit={submit} foot={<><button type="button" class="btn" onClick={close}>Cancel</button><button type="submit" class="btn p" disabled={busy || !list}>{id ? "Add them" : "Create and add them"}</button></>}>
      {error && error.field !== "name" ? <div class="alert" role="alert">{error.message}</div> : null}
      {list ? <>
        {list.length ? <Select label="Collection" value={id} set={setInto} options={[...list.map((c) => ({ value: c.id, text: c.name })), { value: 0, text: "a new one…" }]} hint="What is in it already stays in it once." /> : null}
        {id ? null : <Text label="Name" value={name} set={setName} required wrong={error?.field === "name" ? error.message : undefined} hint={list.length ? undefined : "A collection gathers images of any dataset of the project. Queues are made of it."} />}
      </> : <Skeleton rows={2} />}
    </Dialog>
  );
}
