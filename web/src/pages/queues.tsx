// Labeling queues: a pool of images that labelers and reviewers take from, one by one.
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { all, type ApiError, call } from "../api";
import { Confirm, count, Dialog, Empty, Failed, Field, Icon, Id, Live, Menu, Person, Picture, type Question, Skeleton, Status, statusText, Time } from "../kit";
import { Bars, duration } from "../charts";
import { attempt, can, team, useData } from "../state";
import type { Collection, Member, Queue, QueueImage, QueueStats } from "../types";

export const QueueBar = ({ queue }: { queue: Queue }) => {
  const n = queue.entitiesCount || 1;
  const label = `${queue.acceptedCount} accepted, ${queue.annotatedCount - queue.acceptedCount} confirmed, ${queue.inProgressCount} handed out, ${queue.pendingCount} in the pool of ${queue.entitiesCount}`;
  return (
    <span class="pg">
      <span class="bar" role="img" aria-label={label} title={label}>
        <i class="a" style={{ width: `${(queue.acceptedCount / n) * 100}%` }} />
        <i class="d" style={{ width: `${((queue.annotatedCount - queue.acceptedCount) / n) * 100}%` }} />
        <i class="w" style={{ width: `${(queue.inProgressCount / n) * 100}%` }} />
      </span>
      <span>{queue.annotatedCount} / {queue.entitiesCount}</span>
    </span>
  );
};

export function Queues() {
  const id = team.value?.id ?? 0;
  const { data, error, reload } = useData(`queues ${id}`, () => all<Queue>("labeling-queues.list", { teamId: id }));
  useEffect(() => { document.title = "Queues · labeld"; }, []);
  return (
    <main id="main">
      <div class="pagehead"><h1>Queues</h1><span class="muted">{data ? count(data.length, "queue") : ""}</span><span class="grow" /><Live />
        {can.create.value ? <Link class="btn p" href="/queues/new"><Icon name="plus" />New queue</Link> : null}</div>
      {data ? data.length ? (
        <div class="scroller" tabIndex={0} role="region" aria-label="Queues">
          <table class="t">
            <thead><tr><th scope="col">Id</th><th scope="col">Queue</th><th scope="col">Status</th><th scope="col">Progress</th><th scope="col" class="n">In the pool</th><th scope="col" class="n">Handed out</th><th scope="col" class="n">Labelers</th><th scope="col" class="n">Reviewers</th><th scope="col">Created</th></tr></thead>
            <tbody>{data.map((q) => (
              <tr key={q.id}>
                <td><Id value={q.id} what="queue" /></td><td><Link class="name" href={`/queues/${q.id}`}>{q.name}</Link></td><td><Status value={q.status} /></td><td style={{ minWidth: 190 }}><QueueBar queue={q} /></td>
                <td class="n">{q.pendingCount}</td><td class="n">{q.inProgressCount}</td><td class="n">{q.labelers.length}</td><td class="n">{q.reviewers.length}</td><td><Time value={q.createdAt} /></td>
              </tr>
            ))}</tbody>
          </table>
        </div>
      ) : (
        <Empty icon="queue" title="No queues yet">
          <p>A queue is a pool of images. Whoever is free takes the next one, and no image is given to two people.</p>
          {can.create.value ? <Link class="btn p" href="/queues/new">New queue</Link> : null}
        </Empty>
      ) : error ? <Failed error={error} retry={reload} /> : <Skeleton />}
    </main>
  );
}

const TASK_FIELD: Record<string, string> = { annotation: "userIds", review: "reviewerIds", quality_check: "qualityCheckUserIds" };
const SHOWN = [["", "All"], ["pool", "In the pool"], ["none", "Handed out"], ["done", "Confirmed"], ["rejected", "Rejected"], ["accepted", "Accepted"]] as const;

export function QueuePage({ id }: { id: number }) {
  const [, go] = useLocation();
  const [question, setQuestion] = useState<Question | null>(null);
  const [adding, setAdding] = useState(false);
  const [shown, setShown] = useState<(typeof SHOWN)[number][0]>("");
  const [pages, setPages] = useState(1);
  const { data: q, error, reload } = useData(`queue ${id}`, () => call<Queue>("labeling-queues.info", { id }));
  const teamOf = q?.teamId ?? 0;
  const people = useData(`members ${teamOf}`, teamOf && can.view.value ? () => all<Member>("members.list", { teamId: teamOf }) : null).data ?? [];
  const collectionId = q?.collectionId ?? 0;
  const collection = useData(`collection ${collectionId}`, collectionId && can.view.value ? () => call<Collection>("entities-collections.info", { id: collectionId }) : null).data;
  const stats = useData(`queue stats ${id}`, () => call<QueueStats>("labeling-queues.stats", { id })).data;
  const statuses = shown === "" ? {} : { entityStatus: shown === "pool" ? [null] : [shown] };
  const images = useData(`queue images ${id} ${shown} ${pages}`, () => call<{ total: number; images: QueueImage[] }>("labeling-queues.stats.entities", { id, per_page: pages * 60, ...statuses }));
  useEffect(() => { document.title = `${q?.name ?? "Queue"} · labeld`; }, [q?.name]);
  if (!q) return <main id="main">{error ? <Failed error={error} retry={reload} /> : <Skeleton />}</main>;
  const status = (to: string, done: string) => attempt(() => call("labeling-queues.set-status", { id, status: to }), done).then(reload);
  const open = q.status !== "stopped" && q.status !== "completed";
  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb"><Link href="/queues">Queues</Link> / <span>{q.name}</span></nav>
      <div class="pagehead">
        <h1>{q.name}</h1><Status value={q.status} />{q.disabled ? <span class="chip st-pending">archived</span> : null}<span class="grow" /><Live />
        {can.create.value ? <>
          <button type="button" class="btn" onClick={() => setAdding(true)}><Icon name="plus" />People</button>
          {open ? <button type="button" class="btn" onClick={() => setQuestion({ title: "Stop this queue?", yes: "Stop queue", text: "It hands nothing out until it is started again. Who holds an image may finish it.", run: () => status("stopped", "Stopped") })}><Icon name="stop" />Stop</button>
            : <button type="button" class="btn p" onClick={() => status("in_progress", "It hands out images again")}><Icon name="play" />Start again</button>}
          <Menu right icon name="More actions" label={<Icon name="more" />}>
            {q.disabled ? <button type="button" onClick={() => attempt(() => call("labeling-queues.unarchive", { id }), "Brought back").then(reload)}><Icon name="archive" />Bring back</button>
              : <button type="button" onClick={() => attempt(() => call("labeling-queues.archive", { id }), "Archived").then(reload)}><Icon name="archive" />Archive</button>}
            <button type="button" onClick={() => setQuestion({ title: "Remove this queue?", yes: "Remove queue", danger: true, text: "Its jobs go with it. What was drawn on the images stays.", run: async () => { if (await attempt(() => call("labeling-queues.bulk.remove", { ids: [id] }), "Removed")) go("/queues"); } })}><Icon name="trash" />Remove…</button>
          </Menu>
        </> : null}
      </div>
      <div class="panel block">
        <QueueBar queue={q} />
        <div class="numbers">
          <div><b>{q.pendingCount}</b><span>in the pool</span></div><div><b>{q.inProgressCount}</b><span>handed out</span></div><div><b>{q.annotatedCount - q.acceptedCount}</b><span>wait for a review</span></div><div><b>{q.acceptedCount}</b><span>accepted of {q.entitiesCount}</span></div>
        </div>
        <div class="row wrap muted"><span>created <Time value={q.createdAt} /></span><span>·</span>{q.datasetId ? <Link href={`/datasets/${q.datasetId}`}>images of the dataset</Link> : collection ? <Link href={`/collections/${collectionId}`}>images of the collection {collection.name}</Link> : <span>images of a collection</span>}<span class="grow" /><span>queue <Id value={q.id} what="queue" />{q.datasetId ? <> dataset <Id value={q.datasetId} what="dataset" /></> : null}{collectionId ? <> collection <Id value={collectionId} what="collection" /></> : null}</span></div>
      </div>
      <h2 class="over">People</h2>
      {stats ? (
        <div class="scroller" tabIndex={0} role="region" aria-label="People">
          <table class="t">
            <thead><tr><th scope="col">Who</th><th scope="col">Takes images to</th><th scope="col" class="n">Taken</th><th scope="col" class="n">Done</th><th scope="col" class="n">Accepted</th><th scope="col" class="n">Rejected</th><th scope="col" class="n">Time</th><th scope="col">Job</th>{can.create.value ? <th scope="col"><span class="vh">Actions</span></th> : null}</tr></thead>
            <tbody>{stats.users.map((u) => (
              <tr key={u.jobId}>
                <td><Person login={u.login} /></td><td>{statusText(u.task)}</td><td class="n">{u.imagesCount}</td><td class="n">{u.doneCount}</td><td class="n">{u.acceptedCount}</td><td class="n">{u.rejectedCount}</td><td class="n">{duration(u.annotationDuration)}</td>
                <td><Link href={`/jobs/${u.jobId}`}>job {u.jobId}</Link></td>
                {can.create.value ? <td><button type="button" class="btn s" onClick={() => setQuestion({ title: `Take ${u.login} out of the queue?`, yes: "Take out", text: "What they hold goes back. What they have done stays and is reviewed as before.", run: () => attempt(() => call("labeling-queues.users.remove", { id, [TASK_FIELD[u.task] ?? "userIds"]: [u.id] }), `${u.login} has left the queue`).then(reload) })}>Take out<span class="vh"> {u.login}</span></button></td> : null}
              </tr>
            ))}</tbody>
          </table>
        </div>
      ) : <Skeleton rows={3} />}
      {stats?.classes.some((c) => c.labelsCount) ? <section class="panel" style={{ marginTop: 14 }}><h2>Objects of each class</h2><Bars rows={stats.classes.filter((c) => c.labelsCount).map((c) => ({ name: c.name, color: c.color, n: c.labelsCount, text: `${c.labelsCount.toLocaleString()} · ${duration(c.totalDuration)}` }))} /></section> : null}
      <div class="filters" style={{ marginTop: 18 }}>
        <span class="seg" role="group" aria-label="Images shown">{SHOWN.map(([key, text]) => <button type="button" key={key} aria-pressed={shown === key} onClick={() => { setShown(key); setPages(1); }}>{text}</button>)}</span>
        <span class="muted">{images.data ? count(images.data.total, "image") : ""}</span>
      </div>
      {images.data ? images.data.images.length ? (
        <>
          <div class="grid">
            {images.data.images.map((i) => (
              <button type="button" class="shot" key={i.id} disabled={!i.jobId} onClick={() => go(`/review/${i.jobId}/${i.id}`)}>
                <span class="pic"><Picture id={i.id} name="" jobId={i.jobId ?? undefined} /></span>
                <span class="cap"><b>{i.name}</b>{i.reviewStatus && i.reviewStatus !== "none" ? <Status value={i.reviewStatus} /> : <span class="muted">{i.reviewStatus ? "handed out" : "in the pool"}</span>}</span>
              </button>
            ))}
          </div>
          {images.data.total > images.data.images.length ? <p class="more"><button type="button" class="btn" onClick={() => setPages(pages + 1)}>Show more</button></p> : null}
        </>
      ) : <Empty icon="image" title="No such images in this queue" /> : images.error ? <Failed error={images.error} retry={images.reload} /> : <Skeleton />}
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
      {adding ? <AddPeople queue={q} people={people} close={() => setAdding(false)} done={reload} /> : null}
    </main>
  );
}

// Several of the members, as buttons that can be taken off again.
export function Chosen(p: { label: string; hint?: string; wrong?: string | undefined; people: Member[]; value: number[]; set: (v: number[]) => void }) {
  const login = (id: number) => p.people.find((m) => m.id === id)?.login ?? String(id);
  return (
    <>
      <Field label={p.label} wrong={p.wrong} hint={p.hint}>
        {(a) => (
          <select {...a} value="" onChange={(e) => { const v = Number(e.currentTarget.value); e.currentTarget.value = ""; if (v) p.set([...p.value, v]); }}>
            <option value="">Add somebody…</option>
            {p.people.filter((m) => !p.value.includes(m.id) && !m.disabled).map((m) => <option key={m.id} value={m.id}>{m.login} — {m.role}</option>)}
          </select>
        )}
      </Field>
      {p.value.length ? <span class="row wrap">{p.value.map((u) => <button type="button" key={u} class="tagchip on" aria-label={`Take ${login(u)} off`} onClick={() => p.set(p.value.filter((x) => x !== u))}>{login(u)}<Icon name="close" /></button>)}</span> : null}
    </>
  );
}

function AddPeople({ queue, people, close, done }: { queue: Queue; people: Member[]; close: () => void; done: () => void }) {
  const [labelers, setLabelers] = useState<number[]>([]);
  const [reviewers, setReviewers] = useState<number[]>([]);
  const [error, setError] = useState<ApiError | null>(null);
  const without = (had: { id: number }[]) => people.filter((m) => !had.some((h) => h.id === m.id));
  const submit = async () => {
    try {
      await call("labeling-queues.users.add", { id: queue.id, userIds: labelers, reviewerIds: reviewers });
      done();
      close();
    } catch (e) {
      setError(e as ApiError);
    }
  };
  return (
    <Dialog title="More people for the queue" close={close} submit={submit} foot={<><button type="button" class="btn" onClick={close}>Cancel</button><button type="submit" class="btn p" disabled={!labelers.length && !reviewers.length}>Add them</button></>}>
      {error ? <div class="alert" role="alert">{error.message}</div> : null}
      <Chosen label="Labelers" people={without(queue.labelers)} value={labelers} set={setLabelers} />
      <Chosen label="Reviewers" people={without(queue.reviewers)} value={reviewers} set={setReviewers} />
    </Dialog>
  );
}
