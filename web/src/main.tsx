// Start: who is there, and which screen.
import { render } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect } from "preact/hooks";
import { Link, Redirect, Route, Switch, useLocation } from "wouter-preact";
import { hooks, logOut, session as askSession } from "./api";
import { Empty, Failed, Icon, type IconName, Logo, Menu, Skeleton, Toasts } from "./kit";
import { Login, Setup } from "./pages/login";
import { attempt, can, forget, loadMe, me, role, session, team, teamId, theme, toast } from "./state";
import { signal } from "@preact/signals";

const Jobs = lazy(() => import("./pages/jobs").then((m) => m.Jobs));
const Work = lazy(() => import("./pages/work").then((m) => m.Work));
const Reviews = lazy(() => import("./pages/work").then((m) => m.Reviews));
const JobPage = lazy(() => import("./pages/job").then((m) => m.JobPage));
const NewJob = lazy(() => import("./pages/newjob").then((m) => m.NewJob));
const Projects = lazy(() => import("./pages/projects").then((m) => m.Projects));
const ProjectPage = lazy(() => import("./pages/project").then((m) => m.ProjectPage));
const DatasetPage = lazy(() => import("./pages/dataset").then((m) => m.DatasetPage));
const Members = lazy(() => import("./pages/people").then((m) => m.Members));
const Users = lazy(() => import("./pages/people").then((m) => m.Users));
const Account = lazy(() => import("./pages/people").then((m) => m.Account));
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

function Item({ to, icon, children }: { to: string; icon: IconName; children: string }) {
  const [path] = useLocation();
  const here = path === to || path.startsWith(`${to}/`);
  return (
    <Link href={to} aria-current={here ? "page" : undefined} title={children}>
      <Icon name={icon} />
      <span>{children}</span>
    </Link>
  );
}

function Shell() {
  const user = session.value?.user;
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
        ) : <span class="muted">{team.value?.name}</span>}
        <span class="grow" />
        <span class="muted">{role.value}</span>
        <Menu right name="Account menu" label={<><span class="av" aria-hidden="true">{user?.login.slice(0, 1).toUpperCase()}</span>{user?.login}<Icon name="down" /></>}>
          <Link href="/account"><Icon name="key" />Account and API token</Link>
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
        {can.create.value || can.view.value ? <Item to="/jobs" icon="jobs">Labeling jobs</Item> : null}
        <Item to="/work" icon="work">My jobs</Item>
        {can.create.value ? <Item to="/reviews" icon="review">Reviews</Item> : null}
        {can.view.value ? <Item to="/projects" icon="projects">Projects</Item> : null}
        {can.view.value ? <Item to="/members" icon="members">Members</Item> : null}
        {can.manage.value ? <Item to="/activity" icon="activity">Activity</Item> : null}
        {user?.isAdmin ? <><h2>Server</h2><Item to="/users" icon="user">Users</Item></> : null}
      </nav>
      <Suspense fallback={<main><Skeleton /></main>}>
        <Switch>
          <Route path="/"><Redirect to={can.manage.value ? "/jobs" : role.value === "reviewer" ? "/reviews" : "/work"} /></Route>
          <Route path="/jobs" component={Jobs} />
          <Route path="/jobs/new" component={NewJob} />
          <Route path="/jobs/:id/:tab?">{(p) => <JobPage id={Number(p.id)} tab={p.tab ?? "images"} />}</Route>
          <Route path="/work" component={Work} />
          <Route path="/reviews" component={Reviews} />
          <Route path="/projects" component={Projects} />
          <Route path="/projects/:id/:tab?">{(p) => <ProjectPage id={Number(p.id)} tab={p.tab ?? "datasets"} />}</Route>
          <Route path="/datasets/:id">{(p) => <DatasetPage id={Number(p.id)} />}</Route>
          <Route path="/members" component={Members} />
          <Route path="/users" component={Users} />
          <Route path="/account" component={Account} />
          <Route path="/activity" component={Activity} />
          <Route>
            <main id="main"><Empty icon="search" title="There is no such page"><Link class="btn" href="/">Go to the start</Link></Empty></main>
          </Route>
        </Switch>
      </Suspense>
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
