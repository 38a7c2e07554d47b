// Start: who is there, and which screen.
import { render } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import { Link, Redirect, Route, Switch, useLocation } from "wouter-preact";
import { call, hooks, logOut, session as askSession } from "./api";
import { Empty, Failed, Icon, type IconName, Logo, Menu, Skeleton, Toasts } from "./kit";
import { Login, Setup } from "./pages/login";
import { attempt, can, forget, loadMe, me, role, session, team, teamId, theme, toast, useData } from "./state";
import type { Job, List } from "./types";
import { signal } from "@preact/signals";

const Jobs = lazy(() => import("./pages/jobs").then((m) => m.Jobs));
const Work = lazy(() => import("./pages/work").then((m) => m.Work));
const Reviews = lazy(() => import("./pages/work").then((m) => m.Reviews));
const JobPage = lazy(() => import("./pages/job").then((m) => m.JobPage));
const NewJob = lazy(() => import("./pages/newjob").then((m) => m.NewJob));
const Projects = lazy(() => import("./pages/projects").then((m) => m.Projects));
const ProjectPage = lazy(() => import("./pages/project").then((m) => m.ProjectPage));
const CollectionPage = lazy(() => import("./pages/collections").then((m) => m.CollectionPage));
const DatasetPage = lazy(() => import("./pages/dataset").then((m) => m.DatasetPage));
const Members = lazy(() => import("./pages/people").then((m) => m.Members));
const Users = lazy(() => import("./pages/people").then((m) => m.Users));
const Account = lazy(() => import("./pages/people").then((m) => m.Account));
const Queues = lazy(() => import("./pages/queues").then((m) => m.Queues));
const QueuePage = lazy(() => import("./pages/queues").then((m) => m.QueuePage));
const Guides = lazy(() => import("./pages/guides").then((m) => m.Guides));
const GuidePage = lazy(() => import("./pages/guides").then((m) => m.GuidePage));
const GuideForm = lazy(() => import("./pages/guides").then((m) => m.GuideForm));
const Issues = lazy(() => import("./pages/issues").then((m) => m.Issues));
const IssuePage = lazy(() => import("./pages/issues").then((m) => m.IssuePage));
const Webhooks = lazy(() => import("./pages/webhooks").then((m) => m.Webhooks));
const Statistics = lazy(() => import("./pages/statistics").then((m) => m.Statistics));
const Palette = lazy(() => import("./palette").then((m) => m.Palette));
const Activity = lazy(() => import("./pages/activity").then((m) => m.Activity));
const Tool = lazy(() => import("./tool/tool").then((m) => m.Tool));

const failed = signal<Error | null>(null);

async function start(): Promise<void> {
  try {
    session.value = await askSession();
    const user = session.value.user;
    if (user) {
      await loadMe();
      void import("./tool/outbox").then((o) => o.start(user.id)); // what waits since the last visit
    }
    failed.value = null;
  } catch (e) {
    failed.value = e as Error;
  }
}
hooks.signedOut = () => {
  if (!session.value?.user) return;
  session.value = { setup: false };
  toast("Your session has ended. Sign in again: what was not saved is kept.", { bad: true });
};

export async function leave(): Promise<void> {
  await attempt(logOut);
  forget();
  me.value = null;
  session.value = { setup: false };
}

interface Section { to: string; below?: string[]; icon: IconName; name: string; n?: number | undefined }

function Item({ to, below = [], icon, name, n }: Section) {
  const [path] = useLocation();
  const here = [to, ...below].some((x) => path === x || path.startsWith(`${x}/`));
  return (
    <Link href={to} aria-current={here ? "page" : undefined} title={name}>
      <Icon name={icon} />
      <span>{name}</span>
      {n ? <b aria-label={`${n} waiting`}>{n > 999 ? "999+" : n}</b> : null}
    </Link>
  );
}

// How many jobs wait for oneself, to label and to review.
function useWaiting(): { work: number; reviews: number } {
  const id = team.value?.id ?? 0;
  const mine = session.value?.user?.id ?? 0;
  const many = (filter: { field: string; operator: string; value: unknown }[]) => call<List<Job>>("jobs.list", { teamId: id, filter, fields: ["id"], per_page: 1 }).then((l) => l.total);
  const d = useData(`waiting ${id} ${mine}`, id ? async () => ({
    work: await many([{ field: "userId", operator: "=", value: mine }, { field: "status", operator: "in", value: ["pending", "in_progress"] }]),
    reviews: can.create.value ? await many([{ field: "reviewerId", operator: "=", value: mine }, { field: "status", operator: "=", value: "on_review" }]) : 0,
  }) : null);
  return d.data ?? { work: 0, reviews: 0 };
}

function sections(waiting: { work: number; reviews: number }): Section[] {
  const list: (Section | false)[] = [
    (can.create.value || can.view.value) && { to: "/jobs", icon: "jobs", name: "Labeling jobs" },
    { to: "/work", icon: "work", name: "My jobs", n: waiting.work },
    can.create.value && { to: "/reviews", icon: "review", name: "Reviews", n: waiting.reviews },
    can.create.value && { to: "/queues", icon: "queue", name: "Queues" },
    can.view.value && { to: "/projects", below: ["/datasets", "/collections"], icon: "projects", name: "Projects" },
    can.view.value && { to: "/guides", icon: "book", name: "Guides" },
    can.view.value && { to: "/issues", icon: "comment", name: "Issues" },
    can.view.value && { to: "/members", icon: "members", name: "Members" },
    { to: "/statistics", icon: "chart", name: "Statistics" },
    can.manage.value && { to: "/activity", icon: "activity", name: "Activity" },
    can.manage.value && { to: "/webhooks", icon: "hook", name: "Webhooks" },
  ];
  return list.filter((x) => x !== false);
}

function Shell() {
  const user = session.value?.user;
  const [finding, setFinding] = useState(false);
  const list = sections(useWaiting());
  const server: Section[] = user?.isAdmin ? [{ to: "/users", icon: "user", name: "Users" }] : [];
  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") {
        e.preventDefault();
        setFinding(true);
      }
    };
    addEventListener("keydown", down);
    return () => removeEventListener("keydown", down);
  }, []);
  return (
    <div class="app">
      <header class="top">
        <a class="skip" href="#main">Skip to the content</a>
        <Link href="/" class="logo"><Logo />labeld</Link>
        {me.value && me.value.teams.length > 1 ? (
          <Menu name="Change the team" label={<>{team.value?.name}<Icon name="down" /></>}>
            {me.value.teams.map((t) => (
              <button type="button" key={t.id} class={t.id === team.value?.id ? "on" : ""} onClick={() => { forget(); teamId.value = t.id; }}>{t.name}</button>
            ))}
          </Menu>
        ) : <span class="teamname cut" title="The team">{team.value?.name}</span>}
        <span class="grow" />
        <button type="button" class="btn find" onClick={() => setFinding(true)}><Icon name="search" /><span>Search or jump</span><kbd>Ctrl K</kbd></button>
        <Menu right name="Account menu" label={<><span class="av" aria-hidden="true">{user?.login.slice(0, 1).toUpperCase()}</span>{user?.login}<Icon name="down" /></>}>
          <p class="menuhead"><b>{user?.login}</b><span class="muted">{role.value} in {team.value?.name}{user?.isAdmin ? ", administrator of the server" : ""}</span></p>
          <Link href="/account"><Icon name="key" />Account, keys, API token</Link>
          <hr />
          {(["system", "light", "dark"] as const).map((t) => (
            <button type="button" key={t} class={theme.value === t ? "on" : ""} onClick={() => { theme.value = t; }}>
              {t === "system" ? "Theme of the system" : t === "light" ? "Light theme" : "Dark theme"}
            </button>
          ))}
          <hr />
          <button type="button" onClick={leave}>Sign out</button>
        </Menu>
      </header>
      <nav class="side" aria-label="Main">
        {list.map((x) => <Item key={x.to} {...x} />)}
        {server.length ? <><h2>Server</h2>{server.map((x) => <Item key={x.to} {...x} />)}</> : null}
      </nav>
      <Suspense fallback={<main><Skeleton /></main>}>
        <Switch>
          <Route path="/"><Redirect to={can.manage.value ? "/jobs" : role.value === "reviewer" ? "/reviews" : "/work"} /></Route>
          <Route path="/jobs" component={Jobs} />
          <Route path="/jobs/new">{() => <NewJob key="job" />}</Route>
          <Route path="/jobs/:id/:tab?">{(p) => <JobPage id={Number(p.id)} tab={p.tab ?? "images"} />}</Route>
          <Route path="/work" component={Work} />
          <Route path="/reviews" component={Reviews} />
          <Route path="/queues" component={Queues} />
          <Route path="/queues/new">{() => <NewJob key="queue" queue />}</Route>
          <Route path="/queues/:id">{(p) => <QueuePage id={Number(p.id)} />}</Route>
          <Route path="/guides" component={Guides} />
          <Route path="/guides/new">{() => <GuideForm />}</Route>
          <Route path="/guides/:id">{(p) => <GuidePage id={Number(p.id)} />}</Route>
          <Route path="/issues" component={Issues} />
          <Route path="/issues/:id">{(p) => <IssuePage id={Number(p.id)} />}</Route>
          <Route path="/webhooks" component={Webhooks} />
          <Route path="/projects" component={Projects} />
          <Route path="/projects/:id/:tab?">{(p) => <ProjectPage id={Number(p.id)} tab={p.tab ?? "datasets"} />}</Route>
          <Route path="/collections/:id">{(p) => <CollectionPage id={Number(p.id)} />}</Route>
          <Route path="/datasets/:id">{(p) => <DatasetPage id={Number(p.id)} />}</Route>
          <Route path="/members" component={Members} />
          <Route path="/users" component={Users} />
          <Route path="/account" component={Account} />
          <Route path="/statistics" component={Statistics} />
          <Route path="/activity" component={Activity} />
          <Route>
            <main id="main"><Empty icon="search" title="There is no such page"><Link class="btn" href="/">Go to the start</Link></Empty></main>
          </Route>
        </Switch>
      </Suspense>
      {finding ? <Suspense fallback={null}><Palette places={[...list, ...server, { to: "/account", name: "Account", icon: "key" }, ...(can.create.value ? [{ to: "/jobs/new", name: "New job", icon: "plus" as const }, { to: "/queues/new", name: "New queue", icon: "plus" as const }] : [])]} close={() => setFinding(false)} /></Suspense> : null}
    </div>
  );
}

function App() {
  useEffect(() => { void start(); }, []);
  if (failed.value) return <Failed error={failed.value} retry={start} />;
  const s = session.value;
  if (!s) return <Skeleton />;
  if (s.setup) return <Setup done={start} />;
  if (!s.user) return <Login done={start} />;
  if (!me.value) return <Skeleton />;
  return (
    <Switch>
      <Route path="/label/:job/:image?">{(p) => <Suspense fallback={<Skeleton />}><Tool key={`l${p.job}`} jobId={Number(p.job)} imageId={Number(p.image ?? 0)} mode="label" /></Suspense>}</Route>
      <Route path="/review/:job/:image?">{(p) => <Suspense fallback={<Skeleton />}><Tool key={`r${p.job}`} jobId={Number(p.job)} imageId={Number(p.image ?? 0)} mode="review" /></Suspense>}</Route>
      <Route><Shell /></Route>
    </Switch>
  );
}

render(<><App /><Toasts /></>, document.getElementById("app") as HTMLElement);
