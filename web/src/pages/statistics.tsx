// What the team does: time, objects, how fast and how well, by person, day and class. The server counts
// all of it from the activity log, and its CSVs hold the numbers shown. Who does not manage jobs sees
// their own.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { all, call, file } from "../api";
import { Columns, duration } from "../charts";
import { Empty, Failed, Icon, Person, Skeleton } from "../kit";
import { attempt, can, session, team, useData } from "../state";
import { save } from "../transfer";
import type { Member, Project } from "../types";

interface Numbers {
  labelingTime: number; reviewTime: number; objects: number; submitted: number; accepted: number; rejected: number; reviews: number; completedJobs: number;
  objectsPerHour: number | null; acceptanceRate: number | null; firstTimeThrough: number | null;
}
interface Uses { id: number; name: string; color: string; project: string; objects: number; images: number; labelingTime: number }
interface Performance<T> { entities: (T & Numbers)[]; total: Numbers }
interface Shown {
  members: Performance<{ userId: number; login: string }>;
  dates: Performance<{ date: string }>;
  classes: Uses[];
  assets: { total: number; pending: number; submitted: number; rejected: number; accepted: number };
}
type Split = "day" | "month";

const RANGES = [7, 14, 30, 90];
const DAYS = 14; // unless the URL says otherwise
const DAYS_MAX = 92; // longer times are shown by month
const DAY_MS = 86400000;
const MONTHS_MAX = 600;

const two = (n: number) => String(n).padStart(2, "0");
const iso = (d: Date) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
function midnight(day: string, by = 0): Date {
  const d = new Date(`${day}T00:00`);
  d.setDate(d.getDate() + by);
  return d;
}

// Every day or month from the first to the last one, also those in which nothing was done.
function steps(from: string, to: string, split: Split): string[] {
  const list: string[] = [];
  const d = split === "day" ? midnight(from) : midnight(`${from.slice(0, 7)}-01`);
  while (iso(d) <= to && list.length < MONTHS_MAX) {
    list.push(split === "day" ? iso(d) : iso(d).slice(0, 7));
    if (split === "day") d.setDate(d.getDate() + 1);
    else d.setMonth(d.getMonth() + 1);
  }
  return list;
}

async function load(body: { teamId: number; filters: object }, split: Split): Promise<Shown> {
  const [members, dates, classes, summary] = await Promise.all([
    call<Shown["members"]>("labeling-performance.members", body),
    call<Shown["dates"]>("labeling-performance.timeline", { ...body, splitBy: split }),
    call<{ entities: Uses[] }>("labeling-performance.classes", body),
    call<{ assets: Shown["assets"] }>("labeling-performance.summary", body),
  ]);
  return { members, dates, classes: classes.entities, assets: summary.assets };
}

const dayText = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const monthText = new Intl.DateTimeFormat(undefined, { month: "short", year: "numeric" });
const dateText = (date: string) => (date.length > 7 ? dayText.format(midnight(date)) : monthText.format(midnight(`${date}-01`)));
const rate = (v: number | null) => (v === null ? "—" : `${Math.round(v)} %`);
const speed = (v: number | null) => (v === null ? "—" : v.toLocaleString(undefined, { maximumFractionDigits: 1 }));
const time = (s: number) => (s ? duration(s) : "0");

// Columns of the tables of people and of days, with what they say.
const COLUMNS: [head: string, title: string, of: (n: Numbers) => string][] = [
  ["Labeling", "time spent on drawing", (n) => time(n.labelingTime)],
  ["Objects", "objects drawn", (n) => n.objects.toLocaleString()],
  ["Objects / h", "objects drawn in an hour of labeling", (n) => speed(n.objectsPerHour)],
  ["Confirmed", "images confirmed", (n) => n.submitted.toLocaleString()],
  ["Accepted", "of their images, by reviewers", (n) => n.accepted.toLocaleString()],
  ["Rejected", "of their images, by reviewers", (n) => n.rejected.toLocaleString()],
  ["Acceptance", "accepted of all reviewed", (n) => rate(n.acceptanceRate)],
  ["First time", "accepted in their first review", (n) => rate(n.firstTimeThrough)],
  ["Reviewing", "time spent on reviews", (n) => time(n.reviewTime)],
  ["Reviews", "images accepted or rejected by them", (n) => n.reviews.toLocaleString()],
  ["Jobs", "jobs completed", (n) => n.completedJobs.toLocaleString()],
];

function NumbersTable<T>(p: { name: string; first: string; data: Performance<T>; rows: (T & Numbers)[]; label: (row: T & Numbers) => ComponentChildren; csv: () => void }) {
  return (
    <section>
      <div class="row over"><h2>{p.name}</h2><span class="grow" /><button type="button" class="btn s" onClick={p.csv}><Icon name="download" />CSV<span class="vh"> of {p.name.toLowerCase()}</span></button></div>
      <div class="scroller" tabIndex={0} role="region" aria-label={p.name}>
        <table class="t">
          <thead><tr><th scope="col">{p.first}</th>{COLUMNS.map(([head, title]) => <th scope="col" class="n" key={head} title={title}>{head}</th>)}</tr></thead>
          <tbody>{p.rows.map((r, i) => <tr key={i}><th scope="row">{p.label(r)}</th>{COLUMNS.map(([head, , of]) => <td class="n" key={head}>{of(r)}</td>)}</tr>)}</tbody>
          <tfoot><tr><th scope="row">Together</th>{COLUMNS.map(([head, , of]) => <td class="n" key={head}>{of(p.data.total)}</td>)}</tr></tfoot>
        </table>
      </div>
    </section>
  );
}

function ClassesTable({ classes, csv }: { classes: Uses[]; csv: () => void }) {
  return (
    <section>
      <div class="row over"><h2>Classes</h2><span class="grow" /><button type="button" class="btn s" onClick={csv}><Icon name="download" />CSV<span class="vh"> of classes</span></button></div>
      <div class="scroller" tabIndex={0} role="region" aria-label="Classes">
        <table class="t">
          <thead><tr><th scope="col">Class</th><th scope="col">Project</th><th scope="col" class="n">Objects</th><th scope="col" class="n">Images</th><th scope="col" class="n">Labeling</th></tr></thead>
          <tbody>{classes.map((c) => (
            <tr key={c.id}><th scope="row"><span class="row"><i class="sw" style={{ background: c.color }} />{c.name}</span></th><td class="muted">{c.project}</td><td class="n">{c.objects.toLocaleString()}</td><td class="n">{c.images.toLocaleString()}</td><td class="n">{time(c.labelingTime)}</td></tr>
          ))}</tbody>
        </table>
      </div>
    </section>
  );
}

// What is counted stands in the URL: a time, and whose work on what.
function useChoice() {
  const [path, go] = useLocation();
  const params = new URLSearchParams(useSearch());
  const get = (key: string) => params.get(key) ?? "";
  const set = (change: Record<string, string>) => {
    const next = new URLSearchParams(location.search); // of now: what is drawn may be older
    for (const [key, value] of Object.entries(change)) if (value) next.set(key, value); else next.delete(key);
    go(`${path}${next.size ? `?${next}` : ""}`, { replace: true });
  };
  const today = iso(new Date());
  const days = get("from") || get("to") ? 0 : Number(get("days")) || DAYS;
  const to = get("to") || today;
  const from = get("from") || iso(midnight(to, 1 - (days || DAYS)));
  const start = midnight(from);
  const end = midnight(to, 1);
  const filters: Record<string, unknown> = { date: { start: start.toISOString(), end: end.toISOString() }, timezoneOffset: start.getTimezoneOffset() };
  if (get("person")) filters.userIds = [Number(get("person"))];
  if (get("project")) filters.projectId = Number(get("project"));
  if (get("job")) filters.jobTitle = get("job");
  const split: Split = end.getTime() - start.getTime() > DAYS_MAX * DAY_MS ? "month" : "day";
  return { get, set, days, from, to, split, body: { teamId: team.value?.id ?? 0, filters } };
}

function Filters({ choice }: { choice: ReturnType<typeof useChoice> }) {
  const id = team.value?.id ?? 0;
  const people = useData(`members ${id}`, can.manage.value ? () => all<Member>("members.list", { teamId: id }) : null).data ?? [];
  const projects = useData(`projects ${id}`, can.view.value ? () => all<Project>("projects.list", { groupId: id }) : null).data ?? [];
  const { get, set, days, from, to } = choice;
  return (
    <div class="filters" role="search">
      <span class="seg" role="group" aria-label="Time">{RANGES.map((r) => <button type="button" key={r} aria-pressed={days === r} onClick={() => set({ days: String(r), from: "", to: "" })}>{r} days</button>)}</span>
      <label class="row">from <input type="date" value={from} onChange={(e) => { const v = e.currentTarget.value; set({ from: v, to: v > to ? v : to, days: "" }); }} /></label>
      <label class="row">to <input type="date" value={to} onChange={(e) => { const v = e.currentTarget.value; set({ from: v < from ? v : from, to: v, days: "" }); }} /></label>
      {can.manage.value ? <select aria-label="Person" value={get("person")} onChange={(e) => set({ person: e.currentTarget.value })}><option value="">Person: any</option>{people.map((m) => <option key={m.id} value={m.id}>{m.login}</option>)}</select> : null}
      {can.view.value ? <select aria-label="Project" value={get("project")} onChange={(e) => set({ project: e.currentTarget.value })}><option value="">Project: any</option>{projects.map((p) => <option key={p.id} value={p.id}>{p.name}</option>)}</select> : null}
      <input type="search" aria-label="Job name" placeholder="Job name" style={{ width: 150 }} value={get("job")} onChange={(e) => set({ job: e.currentTarget.value.trim() })} />
    </div>
  );
}

function Page({ shown, choice }: { shown: Shown; choice: ReturnType<typeof useChoice> }) {
  const { total } = shown.members;
  const { assets } = shown;
  const by = new Map(shown.dates.entities.map((e) => [e.date, e]));
  const when = [...new Set([...steps(choice.from, choice.to, choice.split), ...by.keys()])].sort(); // days of a changing clock may begin an hour off
  const columns = (values: (n: Numbers) => number[]) => when.map((date) => {
    const n = by.get(date);
    return { label: dateText(date), values: n ? values(n) : [] };
  });
  const csv = (table: string) => () => attempt(async () => save(await file("labeling-performance.export", { ...choice.body, table, splitBy: choice.split }), `performance-${table}.csv`));
  const title = choice.split === "day" ? "a day" : "a month";
  const number = (value: string, what: string) => <div><b>{value}</b><span>{what}</span></div>;
  return (
    <div class="stack">
      <div class="numbers">
        {number(time(total.labelingTime), "of labeling")}
        {number(total.objects.toLocaleString(), "objects drawn")}
        {number(speed(total.objectsPerHour), "objects an hour")}
        {number(rate(total.acceptanceRate), `of ${(total.accepted + total.rejected).toLocaleString()} verdicts accepted`)}
        {number(rate(total.firstTimeThrough), "accepted the first time")}
        {number(time(total.reviewTime), "of reviewing")}
      </div>
      <p class="muted">Images of these jobs now: {assets.total.toLocaleString()}, of them {assets.pending.toLocaleString()} to do, {assets.submitted.toLocaleString()} confirmed, {assets.rejected.toLocaleString()} rejected, {assets.accepted.toLocaleString()} accepted.</p>
      {shown.members.entities.length ? (
        <>
          <div class="halves">
            <section class="panel"><h2>Hours {title}</h2><Columns name={`Hours ${title}`} unit=" h" series={[{ name: "labeling", color: "var(--accent)" }, { name: "reviewing", color: "var(--info)" }]} columns={columns((n) => [n.labelingTime / 3600, n.reviewTime / 3600])} /></section>
            <section class="panel"><h2>Objects {title}</h2><Columns name={`Objects ${title}`} series={[{ name: "objects", color: "var(--accent)" }]} columns={columns((n) => [n.objects])} /></section>
          </div>
          <NumbersTable name="People" first="Who" data={shown.members} rows={shown.members.entities} csv={csv("members")}
            label={(r) => (can.manage.value ? <Link href={`/jobs?labeler=${r.userId}`}><Person login={r.login} /></Link> : <Person login={r.login} />)} />
          <NumbersTable name={choice.split === "day" ? "Days" : "Months"} first="When" data={shown.dates} rows={[...shown.dates.entities].reverse()} csv={csv("timeline")} label={(r) => <time dateTime={r.date}>{dateText(r.date)}</time>} />
          {shown.classes.length ? <ClassesTable classes={shown.classes} csv={csv("classes")} /> : null}
        </>
      ) : <Empty icon="chart" title="Nothing was done in this time that matches" />}
    </div>
  );
}

export function Statistics() {
  const choice = useChoice();
  const d = useData(`performance ${choice.split} ${JSON.stringify(choice.body)}`, () => load(choice.body, choice.split), () => false);
  const last = useRef<Shown>(); // stays until the new numbers are there
  if (d.data) last.current = d.data;
  const shown = d.data ?? last.current;
  useEffect(() => { document.title = "Statistics · labeld"; }, []);
  return (
    <main id="main">
      <div class="pagehead"><h1>Statistics</h1><span class="muted">{can.manage.value ? team.value?.name : `what ${session.value?.user?.login} has done in ${team.value?.name}`}</span><span class="grow" /><button type="button" class="btn" onClick={d.reload}><Icon name="restart" />Count again</button></div>
      <Filters choice={choice} />
      {shown && !d.error ? <div aria-busy={!d.data}><Page shown={shown} choice={choice} /></div> : d.error ? <Failed error={d.error} retry={d.reload} /> : <Skeleton />}
    </main>
  );
}
