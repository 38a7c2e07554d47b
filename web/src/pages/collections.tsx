// Collections: images of a project gathered from any of its datasets, and queues made of them.
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { Confirm, count, Dialog, Empty, Failed, Icon, Id, Menu, type Question, Skeleton, Text, Time } from "../kit";
import { everything } from "../live";
import { attempt, can, useData } from "../state";
import type { Collection, Project } from "../types";
import { Collect, Images, inCollection } from "./images";
import { Rename } from "./project";
import { Cover, useCover } from "./projects";

function Card({ c }: { c: Collection }) {
  const first = useCover({ projectId: c.projectId, filters: [inCollection(c.id)] });
  return (
    <Link class="card" href={`/collections/${c.id}`}>
      <Cover images={first?.entities} />
      <h2>{c.name}</h2>
      <span class="muted">{first ? count(first.total, "image") : "…"} · changed <Time value={c.updatedAt} />{c.type === "aiSearch" ? " · found by a search" : ""}</span>
    </Link>
  );
}

export function Collections({ projectId }: { projectId: number }) {
  const [, go] = useLocation();
  const [adding, setAdding] = useState(false);
  const [name, setName] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const { data, error: failed, reload } = useData(`collections ${projectId}`, () => all<Collection>("entities-collections.list", { projectId }));
  const submit = async () => {
    try {
      go(`/collections/${(await call<Collection>("entities-collections.add", { projectId, name }, { operation: crypto.randomUUID() })).id}`);
    } catch (e) {
      setError(e as ApiError);
    }
  };
  if (!data) return failed ? <Failed error={failed} retry={reload} /> : <Skeleton />;
  return (
    <>
      {can.manage.value ? <div class="filters"><button type="button" class="btn p" onClick={() => setAdding(true)}><Icon name="plus" />New collection</button></div> : null}
      {data.length ? <div class="cards">{data.map((c) => <Card key={c.id} c={c} />)}</div>
        : <Empty icon="collection" title="No collections yet"><p>A collection gathers images of any dataset. Select some under Images or in a dataset, and add them to one.</p></Empty>}
      {adding ? (
        <Dialog title="New collection" close={() => setAdding(false)} submit={submit} foot={<><button type="button" class="btn" onClick={() => setAdding(false)}>Cancel</button><button type="submit" class="btn p">Create collection</button></>}>
          <Text label="Name" value={name} set={setName} required autoFocus wrong={error?.message} />
        </Dialog>
      ) : null}
    </>
  );
}

// The images of a project, whichever dataset they are in.
export function ProjectImages({ projectId }: { projectId: number }) {
  const [collecting, setCollecting] = useState<{ ids: number[]; clear: () => void } | null>(null);
  return (
    <>
      <Images key={projectId} where={{ projectId }} projectId={projectId} selectable={can.manage.value} empty={<Empty icon="image" title="No images yet"><p>They are uploaded into a dataset.</p></Empty>}
        actions={(ids, clear) => <button type="button" class="btn s" onClick={() => setCollecting({ ids, clear })}><Icon name="collection" />Add to a collection…</button>} />
      {collecting ? <Collect projectId={projectId} ids={collecting.ids} close={() => setCollecting(null)} done={collecting.clear} /> : null}
    </>
  );
}

export function CollectionPage({ id }: { id: number }) {
  const [, go] = useLocation();
  const [question, setQuestion] = useState<Question | null>(null);
  const [renaming, setRenaming] = useState(false);
  const { data: c, error, reload } = useData(`collection ${id}`, () => call<Collection>("entities-collections.info", { id }));
  const projectId = c?.projectId ?? 0;
  const project = useData(`project ${projectId}`, projectId ? () => call<Project>("projects.info", { id: projectId }) : null).data;
  useEffect(() => { document.title = `${c?.name ?? "Collection"} · labeld`; }, [c?.name]);
  if (!c) return <main id="main">{error ? <Failed error={error} retry={reload} /> : <Skeleton />}</main>;
  const add = `/projects/${projectId}/images`;
  const take = (ids: number[], clear: () => void) => attempt(() => call("entities-collections.items.bulk.remove", { collectionId: id, entityIds: ids }), `Took ${count(ids.length, "image")} out`).then((ok) => { if (ok) { clear(); everything(); } });
  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb"><Link href="/projects">Projects</Link> / <Link href={`/projects/${projectId}`}>{project?.name ?? "…"}</Link> / <Link href={`/projects/${projectId}/collections`}>Collections</Link> / <span>{c.name}</span></nav>
      <div class="pagehead">
        <h1>{c.name}</h1><span class="muted">created <Time value={c.createdAt} /> · collection <Id value={id} what="collection" /></span><span class="grow" />
        {can.manage.value ? <Link class="btn" href={add}><Icon name="plus" />Images</Link> : null}
        {can.create.value ? <Link class="btn" href={`/queues/new?collection=${id}`}><Icon name="queue" />New queue</Link> : null}
        {can.manage.value ? (
          <Menu right icon name="More actions" label={<Icon name="more" />}>
            <button type="button" onClick={() => setRenaming(true)}><Icon name="edit" />Rename…</button>
            <button type="button" onClick={() => setQuestion({ title: `Remove ${c.name}?`, yes: "Remove collection", danger: true, text: "The images stay in their datasets. Queues made of it go on with what they have.", run: async () => { if (await attempt(() => call("entities-collections.remove", { id }), "Removed")) go(`/projects/${projectId}/collections`); } })}><Icon name="trash" />Remove…</button>
          </Menu>
        ) : null}
      </div>
      {c.description ? <p class="muted">{c.description}</p> : null}
      <Images key={id} where={{ projectId }} projectId={projectId} collectionId={id} selectable={can.manage.value}
        actions={(ids, clear) => <button type="button" class="btn s" onClick={() => take(ids, clear)}><Icon name="close" />Take out of the collection</button>}
        empty={<Empty icon="collection" title="Nothing in it yet"><p>Select images of the project, and add them to this collection.</p>{can.manage.value ? <Link class="btn" href={add}>Images of the project</Link> : null}</Empty>} />
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
      {renaming ? <Rename title="Rename the collection" name={c.name} description={c.description} save={(x) => call("entities-collections.editInfo", { id, ...x })} close={() => setRenaming(false)} done={reload} /> : null}
    </main>
  );
}
