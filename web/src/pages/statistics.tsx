// How the team is doing: what was drawn and decided day by day, and who did it. Every number is a
// count of the activity log or a sum over jobs, and the CSV has just these.
import { useEffect } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { all, call } from "../api";
import { Columns, percent } from "../charts";
import { count, Empty, Failed, Icon, Live, Person, Skeleton } from "../kit";
import { can, team, useData } from "../state";
import { inParallel, save } from "../transfer";
import type { ActivityEvent, Job, List, Member } from "../types";
import { csvOf } from "./activity";

const RANGES = [7, 14, 30];
const DRAWN = "create_figure";
const DECIDED = "image_review_status_updated";

interface Day { from: Date; drawn: number; decided: number }
interface Row { id: number; login: string; role: string; openJobs: number; left: number; labeled: number; accepted: number; rejected: number; drawn: number; decided: number }

const midnight = (daysAgo: number): Date => {
  const d = new Date();
  d.setHours(0, 0, 0, 0);
  d.setDate(d.getDate() - daysAgo);
  return d;
};

// How many events there are, without fetching them.
function events(teamId: number, action: string, from: Date, to: Date | null, userId?: number): Promise<number> {
  const filter: { field: string; operator: string; value: unknown }[] = [{ field: "type", operator: "=", value: action }, { field: "date", operator: ">=", value: from.toISOString() }];
  if (to) filter.push({ field: "date", operator: "<", value: to.toISOString() });
  if (userId) filter.push({ field: "userId", operator: "=", value: userId });
  return call<List<ActivityEvent>>("teams.activity", { teamId, filter, per_page: 1 }).then((l) => l.total);
}

async function load(teamId: number, days: number): Promise<{ days: Day[]; rows: Row[] }> {
  const dates = Array.from({ length: days }, (_, i) => midnight(days - 1 - i));
  const list: Day[] = dates.map((from) => ({ from, drawn: 0, decided: 0 }));
  const [jobs, people] = await Promise.all([
    all<Job>("jobs.list", { teamId, fields: ["id", "userId", "status", "imagesCount", "finishedImagesCount", "acceptedImagesCount", "rejectedImagesCount"] }),
    all<Member>("members.list", { teamId }),
  ]);
  const rows = people.map((m): Row => {
    const own = jobs.filter((j) => j.userId === m.id);
    const open = own.filter((j) => j.status === "pending" || j.status === "in_progress");
    const sum = (of: Job[], f: (j: Job) => number) => of.reduce((n, j) => n + f(j), 0);
    return {
      id: m.id, login: m.login, role: m.role, openJobs: open.length, left: sum(open, (j) => j.imagesCount - j.finishedImagesCount - j.acceptedImagesCount),
      labeled: sum(own, (j) => j.finishedImagesCount + j.acceptedImagesCount + j.rejectedImagesCount), accepted: sum(own, (j) => j.acceptedImagesCount), rejected: sum(own, (j) => j.rejectedImagesCount), drawn: 0, decided: 0,
    };
  });
  const from = dates[0] as Date;
  await inParallel([
    ...list.map((d, i) => async () => {
      d.drawn = await events(teamId, DRAWN, d.from, dates[i + 1] ?? null);
      d.decided = await events(teamId, DECIDED, d.from, dates[i + 1] ?? null);
    }),
    ...rows.map((r) => async () => {
      r.drawn = await events(teamId, DRAWN, from, null, r.id);
      r.decided = await events(teamId, DECIDED, from, null, r.id);
    }),
  ], (run) => run());
  return { days: list, rows: rows.sort((a, b) => b.drawn + b.decided - a.drawn - a.decided) };
}

const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

export function Statistics() {
  const [, go] = useLocation();
  const id = team.value?.id ?? 0;
  const days = Number(new URLSearchParams(useSearch()).get("days") ?? 14);
  const d = useData(`team statistics ${id} ${days}`, can.manage.value ? () => load(id, days) : null, () => false);
  useEffect(() => { document.title = "Statistics · labeld"; }, []);
  if (!can.manage.value) return <main id="main"><Empty icon="lock" title="Your role does not see the statistics of the team"><p>Each job has its own.</p></Empty></main>;
  const chart = (name: string, color: string, value: (x: Day) => number) => (
    <section class="panel"><h2>{name}</h2><Columns series={[{ name, color }]} columns={(d.data?.days ?? []).map((x) => ({ label: short.format(x.from), title: short.format(x.from), values: [value(x)] }))} /></section>
  );
  const total = (f: (r: Day) => number) => (d.data?.days ?? []).reduce((n, x) => n + f(x), 0);
  const csv = () => save(new Blob([csvOf(["user", "role", "openJobs", "imagesLeft", "imagesLabeled", "accepted", "rejected", `objectsDrawn${days}Days`, `imagesDecided${days}Days`], (d.data?.rows ?? []).map((r) => [r.login, r.role, r.openJobs, r.left, r.labeled, r.accepted, r.rejected, r.drawn, r.decided]))], { type: "text/csv" }), "statistics.csv");
  const rows = d.data?.rows ?? [];
  const accepted = rows.reduce((n, r) => n + r.accepted, 0);
  const rejected = rows.reduce((n, r) => n + r.rejected, 0);
  return (
    <main id="main">
      <div class="pagehead"><h1>Statistics</h1><span class="muted">{team.value?.name}</span><span class="grow" /><Live /><button type="button" class="btn" disabled={!d.data} onClick={csv}><Icon name="download" />CSV</button></div>
      <div class="filters"><span class="seg" role="group" aria-label="Time">{RANGES.map((r) => <button type="button" key={r} aria-pressed={days === r} onClick={() => go(`/statistics?days=${r}`)}>{r} days</button>)}</span><button type="button" class="btn g s" onClick={d.reload}>Count again</button></div>
      {d.data ? (
        <div class="stack">
          <div class="numbers">
            <div><b>{total((x) => x.drawn).toLocaleString()}</b><span>objects drawn in {days} days</span></div>
            <div><b>{total((x) => x.decided).toLocaleString()}</b><span>images confirmed or reviewed</span></div>
            <div><b>{rows.reduce((n, r) => n + r.left, 0).toLocaleString()}</b><span>images left in open jobs</span></div>
            <div><b>{percent(accepted, accepted + rejected)}</b><span>of {count(accepted + rejected, "reviewed image")} accepted</span></div>
          </div>
          <div class="halves">{chart("Objects drawn a day", "var(--accent)", (x) => x.drawn)}{chart("Images confirmed or reviewed a day", "var(--info)", (x) => x.decided)}</div>
          <div class="scroller" tabIndex={0} role="region" aria-label="People">
            <table class="t">
              <thead><tr><th scope="col">Who</th><th scope="col">Role</th><th scope="col" class="n">Open jobs</th><th scope="col" class="n">Images left</th><th scope="col" class="n">Labeled</th><th scope="col" class="n">Accepted</th><th scope="col" class="n">Rejected</th><th scope="col" class="n">Acceptance</th><th scope="col" class="n">Objects drawn</th><th scope="col" class="n">Images decided</th></tr></thead>
              <tbody>{rows.map((r) => (
                <tr key={r.id}>
                  <td><Person login={r.login} /></td><td>{r.role}</td><td class="n">{r.openJobs ? <Link href={`/jobs?labeler=${r.id}`}>{r.openJobs}</Link> : 0}</td><td class="n">{r.left.toLocaleString()}</td><td class="n">{r.labeled.toLocaleString()}</td><td class="n">{r.accepted.toLocaleString()}</td><td class="n">{r.rejected.toLocaleString()}</td>
                  <td class="n">{percent(r.accepted, r.accepted + r.rejected)}</td><td class="n">{r.drawn ? <Link href={`/activity?person=${r.id}&action=${DRAWN}`}>{r.drawn.toLocaleString()}</Link> : 0}</td><td class="n">{r.decided ? <Link href={`/activity?person=${r.id}&action=${DECIDED}`}>{r.decided.toLocaleString()}</Link> : 0}</td>
                </tr>
              ))}</tbody>
            </table>
          </div>
        </div>
      ) : d.error ? <Failed error={d.error} retry={d.reload} /> : <Skeleton />}
    </main>
  );
}
