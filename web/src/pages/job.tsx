// One job: how far it is, its images, statistics, what happened, its settings.
import { lazy, Suspense } from "preact/compat";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { all, call } from "../api";
import { byName, Confirm, count, Dialog, Empty, Failed, Icon, Id, Live, Menu, Person, Picture, Progress, type Question, Select, Skeleton, Status, Time } from "../kit";
import { drawing } from "../live";
import { attempt, can, session, useData } from "../state";
import { Bars, duration, percent } from "../charts";
import type { Job, JobStats, JobStatus, Member, ReviewStatus } from "../types";
import { ActivityLog } from "./activity";
import { shapeText } from "./meta";

const Markdown = lazy(() => import("../md").then((m) => m.Markdown));

export function JobPage({ id, tab }: { id: number; tab: string }) {
  const [, go] = useLocation();
  const [question, setQuestion] = useState<Question | null>(null);
  const [restart, setRestart] = useState(false);
  const { data: job, error, reload } = useData(`job ${id}`, () => call<Job>("jobs.info", { id }), (n) => n.jobId === id && (n.job?.status !== status.current || !drawing(n)));
  const status = useRef("");
  status.current = job?.status ?? "";
  useEffect(() => { document.title = `${job?.name ?? "Job"} · labeld`; }, [job?.name]);
  if (!job) return <main id="main">{error ? <Failed error={error} retry={reload} /> : <Skeleton />}</main>;

  const mine = session.value?.user?.id;
  const manages = can.manage.value || job.createdBy === mine;
  const labels = job.userId === mine && (job.status === "pending" || job.status === "in_progress");
  const reviews = (job.reviewerId === mine || manages) && job.status === "on_review";
  const setStatus = (status: JobStatus, done: string) => attempt(() => call("jobs.set-status", { id, status }), done).then(reload);
  const left = job.imagesCount - job.acceptedImagesCount - job.finishedImagesCount - job.rejectedImagesCount;
  const tabs = [["images", `Images ${job.imagesCount}`], ["statistics", "Statistics"], ["activity", "Activity"], ["settings", "Settings"]];

  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb"><Link href="/jobs">Labeling jobs</Link> / <span>{job.name}</span></nav>
      <div class="pagehead">
        <h1>{job.name}</h1>
        <Status value={job.status} />
        {job.disabled ? <span class="chip st-pending">archived</span> : null}
        <span class="grow" />
        <Live />
        {labels ? <Link class="btn p" href={`/label/${id}`}><Icon name="play" />Label</Link> : null}
        {reviews ? <Link class="btn p" href={`/review/${id}`}><Icon name="eye" />Review</Link> : null}
        {!labels && !reviews ? <Link class="btn" href={`/review/${id}`}><Icon name="eye" />Open</Link> : null}
        {manages ? (
          <Menu right icon name="More actions" label={<Icon name="more" />}>
            {job.status === "stopped" || job.status === "on_review" || job.status === "completed" ? <button type="button" onClick={() => setStatus("in_progress", "Back with the labeler")}><Icon name="restart" />Send back to {job.labelerLogin}</button> : null}
            {job.rejectedImagesCount > 0 ? <button type="button" onClick={() => setRestart(true)}><Icon name="restart" />Restart rejected images…</button> : null}
            {job.status !== "stopped" && job.status !== "completed" ? <button type="button" onClick={() => setQuestion({ title: "Stop this job?", yes: "Stop job", text: `${job.labelerLogin} cannot go on until it is sent back.`, run: () => setStatus("stopped", "Stopped") })}><Icon name="stop" />Stop</button> : null}
            {job.status === "on_review" ? <button type="button" onClick={() => setStatus("completed", "Completed")}><Icon name="check" />Complete</button> : null}
            <button type="button" onClick={() => go(`/jobs/new?from=${id}`)}><Icon name="copy" />Clone…</button>
            <hr />
            {job.disabled
              ? <button type="button" onClick={() => attempt(() => call("jobs.bulk.unarchive", { ids: [id] }), "Brought back").then(reload)}><Icon name="archive" />Bring back</button>
              : <button type="button" onClick={() => attempt(() => call("jobs.archive", { id }), "Archived").then(reload)}><Icon name="archive" />Archive</button>}
            <button type="button" onClick={() => setQuestion({ title: "Remove this job?", yes: "Remove job", danger: true, text: "It cannot be brought back. What was drawn on the images stays.", run: async () => { if (await attempt(() => call("jobs.bulk.remove", { ids: [id] }), "Removed")) go("/jobs"); } })}><Icon name="trash" />Remove…</button>
          </Menu>
        ) : null}
      </div>
      <div class="panel" style={{ display: "grid", gap: 14, marginBottom: 14 }}>
        <Progress job={job} text={false} />
        <div class="numbers">
          <div><b>{job.acceptedImagesCount}</b><span>accepted</span></div>
          <div><b>{job.finishedImagesCount}</b><span>done</span></div>
          <div><b>{job.rejectedImagesCount}</b><span>rejected</span></div>
          <div><b>{left}</b><span>left of {job.imagesCount}</span></div>
        </div>
        <div class="row wrap muted">
          <span class="row" style={{ gap: 4 }}>Labeler <Person login={job.labelerLogin} /></span>
          <span class="row" style={{ gap: 4 }}>Reviewer <Person login={job.reviewerLogin} /></span>
          <span>·</span>
          <Link href={`/projects/${job.projectId}`}>{job.projectTitle}</Link><span>/</span><Link href={`/datasets/${job.datasetId}`}>{job.datasetTitle}</Link>
          <span>·</span>
          <span>created <Time value={job.createdAt} /> by {job.managerLogin}</span>
          <span class="grow" />
          <span>job <Id value={job.id} what="job" /> project <Id value={job.projectId} what="project" /> dataset <Id value={job.datasetId} what="dataset" /> team <Id value={job.teamId} what="team" /></span>
        </div>
      </div>
      <nav class="tabs" aria-label="Job">
        {tabs.map(([key, text]) => key === "activity" && !can.manage.value ? null : <Link key={key} href={`/jobs/${id}/${key}`} aria-current={tab === key ? "page" : undefined}>{text}</Link>)}
      </nav>
      {tab === "images" ? <Images job={job} go={go} tool={labels ? "label" : "review"} /> : null}
      {tab === "statistics" ? <Statistics job={job} /> : null}
      {tab === "activity" ? <ActivityLog jobId={id} teamId={job.teamId} /> : null}
      {tab === "settings" ? <Settings job={job} manages={manages} reload={reload} /> : null}
      {question ? <Confirm q={question} close={() => setQuestion(null)} /> : null}
      {restart ? <Restart job={job} close={() => setRestart(false)} /> : null}
    </main>
  );
}

const PAGE = 120;
const SHOWN = [["", "All"], ["none", "Left"], ["done", "Done"], ["accepted", "Accepted"], ["rejected", "Rejected"]] as const;

function Images({ job, go, tool }: { job: Job; go: (to: string) => void; tool: string }) {
  const [filter, setFilter] = useState<ReviewStatus | "">("");
  const [pages, setPages] = useState(1);
  const shown = useMemo(() => job.entities.filter((e) => !filter || e.reviewStatus === filter).sort(byName), [job.entities, filter]);
  return (
    <>
      <div class="filters">
        <span class="seg" role="group" aria-label="Show">
          {SHOWN.map(([key, text]) => <button type="button" key={key} aria-pressed={filter === key} onClick={() => setFilter(key)}>{text}</button>)}
        </span>
        <span class="muted">{count(shown.length, "image")}</span>
      </div>
      {shown.length ? (
        <div class="grid">
          {shown.slice(0, pages * PAGE).map((e) => (
            <button type="button" class="shot" key={e.id} onClick={() => go(`/${tool}/${job.id}/${e.id}`)}>
              <span class="pic"><Picture id={e.id} name="" jobId={job.id} /></span>
              <span class="cap"><b title={e.name}>{e.name}</b>{e.reviewStatus === "none" ? <span class="vh">left</span> : <Status value={e.reviewStatus} />}</span>
            </button>
          ))}
        </div>
      ) : <Empty icon="image" title={job.labelingQueueId ? "No image has been taken from the queue yet" : "No such images in this job"} />}
      {shown.length > pages * PAGE ? <p class="more"><button type="button" class="btn" onClick={() => setPages(pages + 1)}>Show {Math.min(PAGE, shown.length - pages * PAGE)} more</button></p> : null}
    </>
  );
}

const PEAK = 40; // images shown in the chart of times

function Statistics({ job }: { job: Job }) {
  const d = useData(`jobstats ${job.id}`, () => call<JobStats>("jobs.stats", { id: job.id }), (n) => n.jobId === job.id);
  if (!d.data) return d.error ? <Failed error={d.error} retry={d.reload} /> : <Skeleton />;
  const { classes, images, job: total } = d.data;
  const objects = classes.reduce((n, c) => n + c.labelsCount, 0);
  const tags = total.tagsStats.filter((t) => !t.parentId && t.images + t.figures > 0);
  if (!objects && !tags.length) return <Empty icon="chart" title="Nothing has been labeled yet"><p>Counts, times and charts appear with the first object.</p></Empty>;
  const reviewed = job.acceptedImagesCount + job.rejectedImagesCount;
  const used = classes.filter((c) => c.labelsCount > 0).sort((a, b) => b.labelsCount - a.labelsCount);
  const slow = images.images.filter((i) => i.annotationDuration > 0).sort((a, b) => b.annotationDuration - a.annotationDuration).slice(0, PEAK);
  const perImage = slow.length ? total.annotationDuration / slow.length : 0;
  return (
    <div class="stack">
      <div class="numbers">
        <div><b>{objects.toLocaleString()}</b><span>objects</span></div>
        <div><b>{(objects / Math.max(1, job.imagesCount)).toFixed(1)}</b><span>objects an image</span></div>
        <div><b>{duration(total.annotationDuration)}</b><span>time spent, pauses left out</span></div>
        <div><b>{slow.length ? duration(perImage) : "—"}</b><span>a labeled image</span></div>
        <div><b>{total.annotationDuration ? Math.round((objects * 3600) / total.annotationDuration).toLocaleString() : "—"}</b><span>objects an hour</span></div>
        <div><b>{percent(job.acceptedImagesCount, reviewed)}</b><span>of {reviewed} reviewed accepted</span></div>
      </div>
      <div class="halves">
        <section class="panel"><h2>Objects of each class</h2><Bars rows={used.map((c) => ({ name: c.name, color: c.color, n: c.labelsCount }))} /></section>
        <section class="panel"><h2>Time for each class</h2>{used.some((c) => c.totalDuration) ? <Bars rows={used.map((c) => ({ name: c.name, color: c.color, n: c.totalDuration, text: duration(c.totalDuration) }))} /> : <p class="muted">No time has been reported.</p>}</section>
      </div>
      {used.length ? (
        <div class="scroller" tabIndex={0} role="region" aria-label="Classes">
          <table class="t">
            <thead><tr><th scope="col">Class</th><th scope="col">Shape</th><th scope="col" class="n">Objects</th><th scope="col" class="n">Images</th><th scope="col" class="n">Time</th><th scope="col" class="n">Time an object</th></tr></thead>
            <tbody>{used.map((c) => <tr key={c.id}><td><span class="row"><i class="sw" style={{ background: c.color }} /><b>{c.name}</b></span></td><td>{shapeText(c.shape)}</td><td class="n">{c.labelsCount.toLocaleString()}</td><td class="n">{c.imagesCount.toLocaleString()}</td><td class="n">{duration(c.totalDuration)}</td><td class="n">{duration(c.avgDuration)}</td></tr>)}</tbody>
          </table>
        </div>
      ) : null}
      {tags.length ? (
        <section class="panel"><h2>Tags</h2>
          <table class="t plain">
            <thead><tr><th scope="col">Tag</th><th scope="col" class="n">Images</th><th scope="col" class="n">Objects</th></tr></thead>
            <tbody>{total.tagsStats.filter((t) => t.images + t.figures > 0).map((t) => <tr key={`${t.id ?? t.parentId} ${t.name}`}><td style={t.parentId ? { paddingLeft: 34 } : {}}><span class="row">{t.parentId ? null : <i class="sw" style={{ background: t.color, borderRadius: 6 }} />}{t.parentId ? t.name : <b>{t.name}</b>}</span></td><td class="n">{t.images}</td><td class="n">{t.figures}</td></tr>)}</tbody>
          </table>
        </section>
      ) : null}
      {slow.length ? <section class="panel"><h2>Images that took longest</h2><Bars rows={slow.slice(0, 12).map((i) => ({ name: i.name, n: i.annotationDuration, text: `${duration(i.annotationDuration)} · ${count(i.labelsCount, "object")}` }))} /></section> : null}
    </div>
  );
}

function Settings({ job, manages, reload }: { job: Job; manages: boolean; reload: () => void }) {
  const members = useData(`members ${job.teamId}`, manages ? () => all<Member>("members.list", { teamId: job.teamId }) : null).data ?? [];
  const people = members.map((m) => ({ value: m.id, text: m.login }));
  const edit = (body: object, done: string) => attempt(() => call("jobs.editInfo", { id: job.id, ...body }), done).then(reload);
  const names = (list: { name: string }[]) => (list.length ? list.map((x) => x.name).join(", ") : "all");
  const m = job.meta;
  return (
    <div class="two">
      <div class="stack">
        <div class="panel">
          <dl class="kv">
            <dt>Classes</dt><dd>{names(m.classes)}{m.dynamicClasses ? ", also those made later" : ""}</dd>
            <dt>Tags</dt><dd>{names(m.projectTags)}{m.dynamicTags ? ", also those made later" : ""}</dd>
            <dt>Objects an image</dt><dd>{m.imageFiguresLimit ?? "no limit"}</dd>
            <dt>Tags an image</dt><dd>{m.imageTagsLimit ?? "no limit"}{m.imageTagsMinLimit ? `, at least ${m.imageTagsMinLimit}` : ""}</dd>
            <dt>The labeler sees</dt><dd>{m.figuresVisibility === "own" ? "only objects of their own" : "all objects"}, {m.tagsVisibility === "own" ? "only tags of their own" : "all tags"}</dd>
            <dt>Images chosen by</dt><dd>{m.imageTags.length ? m.imageTags.map((t) => `${t.positive ? "with" : "without"} ${t.name}`).join(", ") : "no tags"}</dd>
            <dt>Confirming</dt><dd>{m.disableConfirm ? "switched off" : "on"}</dd>
            <dt>Submitting</dt><dd>{m.disableSubmit ? "switched off" : "on"}</dd>
            <dt>Quality check after the review</dt><dd>{m.enableIntermediateReview ? "yes" : "no"}</dd>
            {(job.round ?? 1) > 1 ? <><dt>Round</dt><dd>{job.round}{job.srcJobId ? <>, after <Link href={`/jobs/${job.srcJobId}`}>job {job.srcJobId}</Link></> : null}</dd></> : null}
            {job.labelingQueueId ? <><dt>Queue</dt><dd><Link href={`/queues/${job.labelingQueueId}`}>queue {job.labelingQueueId}</Link></dd></> : null}
          </dl>
        </div>
        {job.description ? <div class="panel"><h2>Description</h2><p style={{ margin: "6px 0 0" }}>{job.description}</p></div> : null}
        {job.readme ? <div class="panel"><Suspense fallback={<Skeleton />}><Markdown text={job.readme} /></Suspense></div> : null}
      </div>
      {manages && people.length ? (
        <aside class="panel form">
          <Select label="Labeler" value={job.userId} options={people} set={(v) => edit({ userId: v }, "Labeler changed")} />
          <Select label="Reviewer" value={job.reviewerId ?? 0} options={[...(job.reviewerId ? [] : [{ value: 0, text: "nobody" }]), ...people]} set={(v) => edit({ reviewerId: v }, "Reviewer changed")} />
          <Select label="Priority" value={String(job.priority ?? "")} options={[...(job.priority ? [] : [{ value: "", text: "none" }]), ...["1", "2", "3", "4", "5"].map((v) => ({ value: v, text: v }))]} hint="1 comes first" set={(v) => attempt(() => call("jobs.bulk.set-priority", { jobs: [{ id: job.id, priority: Number(v) }] }), "Priority changed").then(reload)} />
        </aside>
      ) : null}
    </div>
  );
}

// The rejected images as a new job, by default for the same people; this one is completed.
export function Restart({ job, close, done }: { job: Job; close: () => void; done?: (id: number) => void }) {
  const [, go] = useLocation();
  const members = useData(`members ${job.teamId}`, () => all<Member>("members.list", { teamId: job.teamId })).data ?? [];
  const [labeler, setLabeler] = useState(job.userId);
  const [reviewer, setReviewer] = useState(job.reviewerId ?? 0);
  const rejected = job.entities.filter((e) => e.reviewStatus === "rejected").map((e) => e.id);
  const people = members.length ? members.map((m) => ({ value: m.id, text: m.login })) : [{ value: job.userId, text: job.labelerLogin }];
  const run = async () => {
    let id = 0;
    const ok = await attempt(async () => {
      const [made] = await call<{ id: number }[]>("jobs.restart", { id: job.id, userIds: [labeler], ...(reviewer ? { reviewerId: reviewer } : {}) }, { operation: crypto.randomUUID() });
      id = made?.id ?? 0;
    }, `Sent ${count(rejected.length, "image")} back`);
    if (!ok) return;
    close();
    if (done) done(id);
    else go(`/jobs/${id}`);
  };
  return (
    <Dialog title="Restart with the rejected images" close={close} submit={run}
      foot={<><button type="button" class="btn" onClick={close}>Cancel</button><button type="submit" class="btn p" disabled={!rejected.length}>Send {count(rejected.length, "image")} back</button></>}>
      <p>{rejected.length ? `A new job with ${count(rejected.length, "rejected image")} and the same settings is made. This job becomes completed.` : "No image of this job has been rejected."}</p>
      <Select label="Labeler" value={labeler} set={setLabeler} options={people} />
      <Select label="Reviewer" value={reviewer} set={setReviewer} options={[{ value: 0, text: "nobody" }, ...people]} />
    </Dialog>
  );
}
