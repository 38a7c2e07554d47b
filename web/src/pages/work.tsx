// Homes of those who work on jobs: what is mine to label, what is mine to review.
import { useEffect } from "preact/hooks";
import { Link } from "wouter-preact";
import { all } from "../api";
import { count, Empty, Failed, Icon, Live, Progress, Skeleton, Status, Time } from "../kit";
import { session, team, useData } from "../state";
import type { Job } from "../types";

function Card({ job, review }: { job: Job; review: boolean }) {
  const left = job.imagesCount - job.finishedImagesCount - job.acceptedImagesCount;
  const label = job.labelingQueueId ? "Take the next image" : review ? "Review" : job.rejectedImagesCount > 0 ? `Fix ${count(job.rejectedImagesCount, "image")}` : job.status === "pending" ? "Start labeling" : "Continue";
  return (
    <article class="card" aria-label={job.name}>
      <div class="row">
        <h2 style={{ overflow: "hidden", textOverflow: "ellipsis" }}><Link href={`/jobs/${job.id}`} style={{ color: "inherit" }}>{job.name}</Link></h2>
        <span class="grow" />
        <Status value={job.status} />
      </div>
      <span class="muted">{job.projectTitle} · {job.datasetTitle} · {review ? `labeled by ${job.labelerLogin}` : `from ${job.managerLogin}`}</span>
      <Progress job={job} />
      <span class="row wrap">
        {job.meta.classes.length ? job.meta.classes.map((c) => <span class="tagchip" key={c.id}>{c.name}</span>) : <span class="muted">all classes</span>}
        {job.meta.imageFiguresLimit ? <span class="muted">≤ {job.meta.imageFiguresLimit} objects an image</span> : null}
      </span>
      <div class="row">
        <Link class="btn p" href={`/${review ? "review" : "label"}/${job.id}`}><Icon name={review ? "eye" : "play"} />{label}</Link>
        <span class="grow" />
        <span class="muted">{job.labelingQueueId ? `${count(job.finishedImagesCount + job.acceptedImagesCount, "image")} done` : review ? <>submitted <Time value={job.annotationFinishedAt} /></> : `${count(Math.max(left, 0), "image")} left`}</span>
      </div>
    </article>
  );
}

function Cards(p: { title: string; jobs: Job[] | undefined; error: Error | undefined; reload: () => void; review: boolean; empty: string }) {
  useEffect(() => { document.title = `${p.title} · labeld`; }, [p.title]);
  return (
    <main id="main">
      <div class="pagehead"><h1>{p.title}</h1><span class="muted">{p.jobs ? count(p.jobs.length, "job") : ""}</span><span class="grow" /><Live /></div>
      {p.jobs ? p.jobs.length ? <div class="cards">{p.jobs.map((j) => <Card key={j.id} job={j} review={p.review} />)}</div>
        : <Empty icon={p.review ? "review" : "work"} title={p.empty}><p>New jobs appear here by themselves.</p></Empty>
        : p.error ? <Failed error={p.error} retry={p.reload} /> : <Skeleton />}
    </main>
  );
}

const FIELDS = ["id", "name", "status", "imagesCount", "finishedImagesCount", "rejectedImagesCount", "acceptedImagesCount", "labelerLogin", "managerLogin",
  "reviewerLogin", "projectTitle", "datasetTitle", "annotationFinishedAt", "meta", "labelingQueueId", "reviewerId", "round"];

export function Work() {
  const id = team.value?.id ?? 0;
  const mine = session.value?.user?.id ?? 0;
  const filter = [{ field: "userId", operator: "=", value: mine }, { field: "status", operator: "in", value: ["pending", "in_progress"] }];
  const d = useData(`work ${id}`, () => all<Job>("jobs.list", { teamId: id, filter, fields: FIELDS, sort: "createdAt", sort_order: "desc" }));
  return <Cards title="My jobs" jobs={d.data?.filter((j) => !(j.labelingQueueId && j.reviewerId === mine))} error={d.error} reload={d.reload} review={false} empty="Nothing to label right now" />;
}

export function Reviews() {
  const id = team.value?.id ?? 0;
  const mine = session.value?.user?.id ?? 0;
  const d = useData(`reviews ${id}`, async () => {
    const mineIn = (statuses: string[]) => all<Job>("jobs.list", { teamId: id, filter: [{ field: "status", operator: "in", value: statuses }, { field: "reviewerId", operator: "=", value: mine }], fields: FIELDS, sort: "createdAt", sort_order: "desc" });
    return [...(await mineIn(["on_review"])), ...(await mineIn(["pending", "in_progress"])).filter((j) => j.labelingQueueId)];
  });
  return <Cards title="Reviews" jobs={d.data} error={d.error} reload={d.reload} review empty="No job waits for your review" />;
}
