// The labeling tool, and review mode, which is the same screen with other buttons.
import { lazy, Suspense } from "preact/compat";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { ApiError, call } from "../api";
import { byName, count, Dialog, Failed, Icon, Skeleton, statusText } from "../kit";
import { Restart } from "../pages/job";
import { drawing } from "../live";
import { attempt, can, explain, session, toast, useData, useLive } from "../state";
import type { Guide, Job, News, ProjectMeta, ReviewStatus } from "../types";
import { Changes, ChangesPanel, useChanges } from "./changes";
import { Clock, clockText } from "./clock";
import { Conflict } from "./conflict";
import type { Obj } from "./doc";
import { Editor, TOOLS, type ToolName } from "./edit";
import { HistoryPanel } from "./history";
import { Images } from "./images";
import { actionOf, keyOf } from "./keys";
import { KeySheet } from "./keysheet";
import * as outbox from "./outbox";
import { CommentsPanel, pin, RejectDialog, useComments, VerdictPanel } from "./review";
import { ClassPanel, ImageTags, ObjectPanel, SelectedPanel, ViewPanel } from "./panels";
import { Strip } from "./strip";

const Markdown = lazy(() => import("../md").then((m) => m.Markdown));
const arrows: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HEARTBEAT_MS = 60000;
const LOOK_MS = 10000;
export type Mode = "label" | "review";
const decided = (n: News) => n.action === "image_review_status_updated"; // says what a job of 100 000 images need not be asked again for

export function Tool({ jobId, imageId, mode }: { jobId: number; imageId: number; mode: Mode }) {
  const pulls = useRef(false); // images come and go with what is decided about them
  const job = useData(`tool ${jobId}`, () => call<Job>("jobs.info", { id: jobId }), (n) => n.jobId === jobId && !drawing(n) && (!decided(n) || pulls.current));
  pulls.current = !!job.data?.labelingQueueId;
  const projectId = job.data?.projectId ?? 0;
  const meta = useData(`tool meta ${projectId}`, projectId ? () => call<ProjectMeta>("projects.meta", { id: projectId }, { jobId }) : null);
  const error = job.data ? meta.error : job.error;
  useEffect(() => { document.title = `${job.data?.name ?? "Labeling"} · labeld`; }, [job.data?.name]);
  const gone = job.error instanceof ApiError && (job.error.status === 404 || job.error.status === 403);
  if (job.data && meta.data) return <Bench job={job.data} meta={meta.data} start={imageId} mode={mode} gone={gone} reload={job.reload} />;
  return <main class="login">{error ? <Failed error={error} retry={() => { job.reload(); meta.reload(); }} /> : <Skeleton />}</main>;
}

const ICONS: Record<ToolName, string> = {
  select: "M5 3l9 9-4.5.5L7.5 16z", rectangle: "M3 5h12v8H3z", polygon: "M9 2.5l6.5 5-2.5 7.5h-8L2.5 7.5z", line: "M3 14l4-9 4 7 4-8", point: "M9 9h.01M9 3v3M9 12v3M3 9h3M12 9h3",
  brush: "M14.5 3.5c-3 2-6 5-7.5 7.5M7 11c-2 0-3 1.5-3 4 2.5 0 4.5-.5 4.5-2.5", eraser: "M3 11l6-7 6 5-5 6H6zM3 15h12", graph: "M9 4v5M9 9l-4 5M9 9l4 5M9 4h.01",
};

function SaveState() {
  const n = outbox.waiting.value + outbox.packing.value;
  const refused = outbox.refused.value.length;
  if (refused) return <button type="button" class="btn s d" onClick={() => { for (const r of outbox.refused.value) toast(`Not saved (${r.op.what}): ${r.why}`, { bad: true }); outbox.refused.value = []; }}>{count(refused, "change")} not saved</button>;
  if (outbox.offline.value && n) return <span class="save bad">⚠ Offline: {count(n, "change")} waiting</span>;
  if (n) return <span class="save busy">↻ Saving {n}</span>;
  return <span class="save">{outbox.savedAt.value ? `✓ Saved ${outbox.savedAt.value.toLocaleTimeString()}` : "✓ All saved"}</span>;
}

function useClock(): Clock {
  const clock = useMemo(() => new Clock(), []);
  useEffect(() => () => clock.close(), []);
  return clock;
}
const ClockView = ({ clock }: { clock: Clock }) => <span class="muted clock" title="Active time on this job in this window: pauses of over five minutes are not counted">{clockText(clock.seconds.value)}</span>;

function Bench({ job, meta, start, mode, gone, reload }: { job: Job; meta: ProjectMeta; start: number; mode: Mode; gone: boolean; reload: () => void }) {
  const [, go] = useLocation();
  const stage = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const [failed, setFailed] = useState<Error | null>(null);
  const [dialog, setDialog] = useState<"" | "guide" | "keys" | "submit" | "reject" | "finish" | "restart" | "empty">("");
  const [fix, setFix] = useState(mode === "label");
  const [own, setOwn] = useState(new Map<number, ReviewStatus>()); // what was decided since the job was read: here, or by others
  const [panels, setPanels] = useState(true);
  const [opened, setOpened] = useState(0); // the image that is shown
  const images = useMemo(() => new Images(job.id), [job.id]);
  const entities = useMemo(() => [...job.entities].sort(byName), [job.entities]);
  const states = useMemo(() => new Map(entities.map((e) => [e.id, own.get(e.id) ?? e.reviewStatus])), [entities, own]);
  const status = (id: number): ReviewStatus => states.get(id) ?? "none";
  const unfinished = (s: ReviewStatus) => (mode === "label" ? s === "none" || s === "rejected" : s === "done" || s === "none");
  const [current, setCurrent] = useState(() => start || (entities.find((e) => unfinished(e.reviewStatus)) ?? entities[0])?.id || 0);
  const at = Math.max(0, entities.findIndex((e) => e.id === current));
  const clock = useClock();
  const mine = session.value?.user;
  const labels = !gone && mode === "label" && job.userId === mine?.id && (job.status === "pending" || job.status === "in_progress");
  const pulls = !!job.labelingQueueId;
  const reviews = mode === "review" && (job.status === "on_review" || (pulls && job.reviewerId === mine?.id && job.status === "in_progress")) && (job.reviewerId === mine?.id || can.manage.value || job.createdBy === mine?.id);
  const may = labels || (reviews && fix);

  useEffect(() => {
    const host = stage.current;
    if (!host) return;
    const e = new Editor(host, job, meta.classes, meta.tags, mine?.login ?? "", clock, (text, bad) => toast(text, { bad: !!bad }));
    setEditor(e);
    outbox.start(mine?.id ?? 0);
    if (labels && job.status === "pending" && !pulls) void call("jobs.set-status", { id: job.id, status: "in_progress" }).then(reload, () => {});
    Object.assign(window, { __labeld: e });
    return () => {
      e.reportRest();
      e.engine.close();
    };
  }, [job.id, meta]);

  // Images of a queue come one by one, and are given back when nobody shows that they are worked on.
  const pull = async () => {
    const ok = await attempt(async () => {
      await editor?.settled();
      const { id } = await call<{ id: number | null }>("labeling-queues.entities.get-next", { id: job.id }, { operation: crypto.randomUUID() });
      reload();
      if (id) show(id);
      else setDialog("empty");
    });
    if (!ok) setDialog("empty");
  };
  const skip = async () => {
    if (!pulls || !labels || !current) return;
    await editor?.settled();
    if (await attempt(() => call("labeling-queues.entities.skip", { id: job.id, entityId: current }), "Skipped: it goes behind the others")) await pull();
  };
  const held = entities.some((e) => e.id === current);
  useEffect(() => {
    if (!pulls || !editor || gone) return;
    if (!entities.some((e) => unfinished(status(e.id)))) void pull();
    const beat = setInterval(() => {
      if (labels && held && status(current) === "none") void call("labeling-queues.entities.heartbeat", { id: job.id, entityId: current }).catch(() => {});
    }, HEARTBEAT_MS);
    return () => clearInterval(beat);
  }, [editor, pulls, current]);

  const guideId = job.meta.guide ?? 0;
  const guide = useData(`guide ${guideId}`, guideId && dialog === "guide" ? () => call<Guide>("guides.info", { id: guideId }) : null).data;
  const rounds = (job.round ?? 1) > 1;
  const changes = useMemo(() => (editor && rounds ? new Changes(editor, job) : null), [editor, rounds, job.id]);
  useChanges(changes, opened, outbox.savedAt.value);
  const all = useComments(job);
  const comments = useMemo(() => all.filter((c) => c.entityId === opened), [all, opened]);
  useEffect(() => { if (editor) pin(editor, comments); }, [editor, comments, editor?.version.value === 0]);
  const before = changes?.before.value ?? false;
  useEffect(() => {
    if (!editor) return;
    editor.readOnly.value = !may || before;
    editor.works = labels || reviews;
  }, [editor, may, before, labels, reviews]);

  const shown = useRef(0);
  useEffect(() => {
    if (!editor || !current) return;
    let gone = false;
    const known = images.has(current);
    const wait = known ? Promise.resolve() : outbox.settled();
    wait.then(() => images.get(current)).then(
      ({ doc, levels }) => {
        if (gone) return;
        setFailed(null);
        const keep = shown.current !== 0 && editor.doc?.width === doc.width && editor.doc?.height === doc.height;
        shown.current = current;
        editor.open(doc, levels, keep);
        setOpened(current);
        if (known) void look();
        for (const i of [at + 1, at + 2, at - 1]) if (entities[i]) void images.get(entities[i].id).catch(() => {});
      },
      (e: Error) => { if (!gone) setFailed(e); },
    );
    history.replaceState(null, "", `/${mode}/${job.id}/${current}`);
    return () => { gone = true; };
  }, [editor, current]);
  // What others have drawn here meanwhile.
  const look = () => (editor?.doc?.imageId === shown.current ? images.annotation(shown.current).then((doc) => editor.refresh(doc), () => {}) : undefined);
  useLive((news) => {
    const told = (news ?? []).flatMap((n): [number, ReviewStatus][] => (n.jobId === job.id && decided(n) && n.imageId && n.meta.reviewStatus ? [[n.imageId, n.meta.reviewStatus]] : []));
    if (told.length) setOwn((was) => new Map([...was, ...told]));
    if (!news || news.some((n) => n.imageId === shown.current)) void look();
  });
  useEffect(() => { // labelers get no news of what others draw
    const timer = setInterval(() => { if (!document.hidden) void look(); }, LOOK_MS);
    return () => clearInterval(timer);
  }, [editor]);

  const show = (id: number | undefined) => { if (id) { editor?.finish(); setCurrent(id); } };
  const jump = (by: number) => show(entities[at + by]?.id);
  const toLeft = (by: number) => {
    for (let i = at + by; entities[i]; i += by) if (unfinished(status(entities[i]?.id ?? 0))) return show(entities[i]?.id);
  };
  const next = (after: Map<number, ReviewStatus>) => {
    const open = (e: { id: number; reviewStatus: ReviewStatus }) => e.id !== current && unfinished(after.get(e.id) ?? e.reviewStatus);
    const found = entities.slice(at + 1).find(open) ?? entities.find(open);
    if (found) show(found.id);
    else if (pulls) void pull();
    else setDialog(mode === "label" ? (job.meta.disableSubmit ? "" : "submit") : "finish");
  };
  const decide = (s: ReviewStatus, comment = "", about?: Obj) => {
    if (!editor || !held) return;
    editor.finish();
    editor.setStatus(current, s, comment, about);
    const after = new Map(own).set(current, s);
    setOwn(after);
    next(after);
  };
  const confirm = () => {
    const needs = job.meta.imageTagsMinLimit ?? 0;
    if (needs > (editor?.doc?.tags.length ?? 0)) return toast(`This image needs ${count(needs, "tag")} before it can be confirmed.`, { bad: true });
    if (labels && !job.meta.disableConfirm && held) decide("done");
  };
  const unconfirm = () => {
    if (!labels || job.meta.disableConfirm || status(current) !== "done") return;
    editor?.setStatus(current, "none");
    setOwn(new Map(own).set(current, "none"));
  };
  const finishJob = async (to: string, done: string) => {
    await editor?.settled();
    if (outbox.waiting.value) return toast("Some changes have not reached the server yet.", { bad: true });
    if (await attempt(() => call("jobs.set-status", { id: job.id, status: to }), done)) go(mode === "label" ? "/work" : `/jobs/${job.id}`);
  };

  useEffect(() => {
    if (!editor) return;
    const down = (e: KeyboardEvent) => {
      const target = e.target as HTMLElement;
      if (target.closest("dialog") || dialog) return;
      const typing = target.closest("input:not([type=range], [type=checkbox]), select, textarea");
      if (e.key === "Escape" && target.closest(".panels, .strip, .opts")) { stage.current?.focus(); return; }
      if (typing) return;
      const onControl = target.closest("button, a, summary, [role=option]");
      if (onControl && !e.ctrlKey && (e.key === "Enter" || e.key === " ")) return;
      if ((e.key === " " && target.matches("[type=checkbox]")) || (arrows[e.key] && target.matches("[type=range]"))) return;
      if (e.key === " ") { e.preventDefault(); if (!e.repeat) editor.holdSpace(true); return; }
      const action = actionOf(e);
      if (act(editor, action, e)) e.preventDefault();
    };
    const up = (e: KeyboardEvent) => { if (e.key === " ") editor.holdSpace(false); };
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    return () => {
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
    };
  });

  const act = (ed: Editor, action: string, e: KeyboardEvent): boolean => {
    const hotkey = !e.ctrlKey && !e.altKey && !e.metaKey && e.key.length === 1 ? ed.offered.find((c) => c.hotkey && c.hotkey.toLowerCase() === e.key.toLowerCase()) : undefined;
    if (hotkey && may) { ed.chooseClass(hotkey.id); return true; }
    if (may && !e.ctrlKey && !e.altKey && !e.metaKey && ed.tagByKey(e.key)) return true;
    const step = e.shiftKey ? 1 : e.ctrlKey || e.altKey ? 50 : 10;
    const arrow = arrows[e.key];
    if (arrow && ed.keyboard.value) { ed.moveCross(arrow[0] * step, arrow[1] * step); return true; }
    if (arrow && e.altKey && ed.object) { ed.nudge(arrow[0] * (e.shiftKey ? 10 : 1), arrow[1] * (e.shiftKey ? 10 : 1)); return true; }
    if (action.startsWith("class ")) { const c = ed.offered[Number(action.slice(6)) - 1]; if (c && may) ed.chooseClass(c.id); return true; }
    if (action.startsWith("tool ")) { if (mode === "review" && !fix && action !== "tool select") return false; ed.pickTool(action.slice(5) as ToolName); return true; }
    const acts: Record<string, () => void> = {
      next: () => jump(1), previous: () => jump(-1), nextLeft: () => toLeft(1), previousLeft: () => toLeft(-1), first: () => show(entities[0]?.id), last: () => show(entities.at(-1)?.id), skip: () => void skip(), unconfirm, panels: () => setPanels(!panels),
      before: () => changes?.toggle(), nextChange: () => changes?.step(1), previousChange: () => changes?.step(-1), tags: () => document.querySelector<HTMLElement>("[aria-label='Image tags'] input")?.focus(), rejectNow: () => { if (reviews) decide("rejected"); }, again: () => ed.again(), zoomIn: () => ed.engine.zoomMiddle(1.25), zoomOut: () => ed.engine.zoomMiddle(0.8), fit: () => ed.engine.fit(),
      confirm: () => { if (ed.drafting.value) ed.finish(); else confirm(); },
      cancel: () => { if (ed.drafting.value) ed.cancel(); else if (ed.tool.value !== "select") ed.pickTool("select"); else ed.select(""); },
      smaller: () => ed.resizeBrush(0.85), larger: () => ed.resizeBrush(1.18), delete: () => { if (ed.drafting.value) ed.stepBack(); else ed.remove(); },
      copy: () => ed.copy(), paste: () => ed.paste(8), duplicate: () => { ed.copy(); ed.paste(8); },
      carry: () => { if (ed.carry()) jump(1); },
      undo: () => ed.undo(), redo: () => ed.redo(), nextObject: () => ed.cycle(1), previousObject: () => ed.cycle(-1),
      hide: () => ed.toggle(ed.selected.value, "hidden"), hideAll: () => ed.toggle("", "hidden", true), lock: () => ed.toggle(ed.selected.value, "locked"), lockAll: () => ed.toggle("", "locked", true),
      accept: () => { if (reviews) decide("accepted"); }, reject: () => { if (reviews && held) setDialog("reject"); }, fix: () => { if (reviews) setFix(!fix); },
      guide: () => setDialog("guide"), help: () => setDialog("keys"), cross: () => ed.toggleKeyboard(), submit: () => { if (!pulls && (reviews || (labels && !job.meta.disableSubmit))) setDialog(mode === "label" ? "submit" : "finish"); },
    };
    const run = acts[action];
    if ((action === "nextObject" || action === "previousObject") && (!ed.doc?.objects.length || (document.activeElement !== stage.current && document.activeElement !== document.body))) return false;
    run?.();
    return !!run;
  };

  // The keys are the image's again after a click beside it: Space and Enter would press the button once more.
  const toStage = (e: MouseEvent) => {
    const target = e.target as HTMLElement;
    if (e.detail && !target.closest("dialog, a") && target.closest("button, [type=checkbox], [type=range]")) stage.current?.focus();
  };

  const counts = useMemo(() => {
    const n = { accepted: 0, rejected: 0, done: 0, none: 0 };
    for (const s of states.values()) n[s === "quality_check_accepted" ? "accepted" : s]++;
    return n;
  }, [states]);
  const finished = mode === "label" ? counts.done + counts.accepted : counts.accepted + counts.rejected;
  const tool = editor?.tool.value ?? "select";
  const entity = entities[at];

  return (
    <main class={panels ? "tool" : "tool bare"} onClick={toStage}>
      <header>
        <Link class="btn g icon" href={mode === "label" ? "/work" : `/jobs/${job.id}`} aria-label="Leave the tool"><Icon name="left" /></Link>
        <h1 style={{ fontSize: "var(--fs2)", whiteSpace: "nowrap", overflow: "hidden", textOverflow: "ellipsis" }}>{job.name}</h1>
        {mode === "review" ? <span class="chip st-on_review">review</span> : null}
        <span class="muted" style={{ whiteSpace: "nowrap" }}>{entity?.name}</span>
        <span style={{ whiteSpace: "nowrap" }}>{entities.length ? `${at + 1} / ${entities.length.toLocaleString()}` : ""}</span>
        <span class="bar" role="img" aria-label={`${finished} of ${entities.length} finished`} style={{ width: 90 }}><i class={mode === "label" ? "d" : "a"} style={{ width: `${(finished / Math.max(1, entities.length)) * 100}%` }} /></span>
        <span class="grow" />
        <span role="status"><SaveState /></span>
        <ClockView clock={clock} />
        <button type="button" class="btn g s" onClick={() => setDialog("guide")}><span>Guide</span> <kbd>{keyOf("guide")}</kbd></button>
        <button type="button" class="btn g s" onClick={() => setDialog("keys")} aria-label="Keys"><span>Keys</span> <kbd>{keyOf("help")}</kbd></button>
        {labels ? <>
          {pulls ? <button type="button" class="btn" onClick={skip} disabled={status(current) !== "none" || !held}>Skip <kbd>{keyOf("skip")}</kbd></button> : null}
          {job.meta.disableSubmit || pulls ? null : <button type="button" class="btn" onClick={() => setDialog("submit")}>Submit job…</button>}
          {job.meta.disableConfirm ? null : <button type="button" class="btn p" onClick={confirm}>Confirm &amp; next <kbd>{keyOf("confirm")}</kbd></button>}
        </> : null}
        {reviews ? <>
          <button type="button" class="btn" aria-pressed={fix} onClick={() => setFix(!fix)}>{fix ? "Fixing" : "Fix"} <kbd>{keyOf("fix")}</kbd></button>
          <button type="button" class="btn d" disabled={!held} onClick={() => setDialog("reject")}>Reject <kbd>{keyOf("reject")}</kbd></button>
          <button type="button" class="btn p" disabled={!held} onClick={() => decide("accepted")}>Accept <kbd>{keyOf("accept")}</kbd></button>
          {pulls ? null : <button type="button" class="btn" onClick={() => setDialog("finish")}>Finish review…</button>}
        </> : null}
      </header>
      <div class="tools" role="toolbar" aria-label="Tools" aria-orientation="vertical">
        {TOOLS.map((t) => (
          <button type="button" key={t.name} aria-label={t.title} aria-pressed={tool === t.name} title={`${t.title} (${keyOf(`tool ${t.name}`)})`}
            disabled={t.name !== "select" && (!may || !held || !editor?.offered.some((c) => editor.fits(t.name, c)) || (t.name !== "eraser" && (editor?.version.value ?? 0) >= 0 && !!editor?.full && !(t.name === "brush" && editor.object?.mask)))}
            onClick={() => { editor?.pickTool(t.name); stage.current?.focus(); }}>
            <svg class="ic" viewBox="0 0 18 18" aria-hidden="true"><path d={ICONS[t.name]} /></svg><span aria-hidden="true">{keyOf(`tool ${t.name}`)}</span>
          </button>
        ))}
        <hr />
        <button type="button" aria-label="Undo" title="Undo (Ctrl+Z)" onClick={() => editor?.undo()}><svg class="ic" viewBox="0 0 18 18" aria-hidden="true"><path d="M4 7h7a4 4 0 010 8H7M7 4L4 7l3 3" /></svg></button>
        <button type="button" aria-label="Redo" title="Redo (Ctrl+Shift+Z)" onClick={() => editor?.redo()}><svg class="ic" viewBox="0 0 18 18" aria-hidden="true"><path d="M14 7H7a4 4 0 000 8h4M11 4l3 3-3 3" /></svg></button>
        <button type="button" aria-label="Fit the image" title="Fit (0)" onClick={() => editor?.engine.fit()}><svg class="ic" viewBox="0 0 18 18" aria-hidden="true"><path d="M3 7V3h4M11 3h4v4M15 11v4h-4M7 15H3v-4" /></svg></button>
      </div>
      <div class="stage" ref={stage} tabIndex={0} role="application"
        aria-label={`Image ${entity?.name ?? ""}, ${count(editor?.version.value ? editor.doc?.objects.length ?? 0 : 0, "object")}`}
        style={{ cursor: tool === "select" ? "default" : tool === "brush" || tool === "eraser" ? "none" : "crosshair" }}
        onPointerDown={(e) => { stage.current?.focus(); editor?.pointerDown(e); }} onPointerMove={(e) => editor?.pointerMove(e)} onPointerUp={(e) => editor?.pointerUp(e)}
        onPointerLeave={() => editor?.leave()} onWheel={(e) => editor?.wheel(e)} onDblClick={() => editor?.finish()} onContextMenu={(e) => e.preventDefault()}>
        {editor && tool !== "select" ? <Options editor={editor} tool={tool} /> : null}
        {labels && status(current) === "rejected" ? <div class="band" role="note">The reviewer has rejected this image{comments.length ? <>: “{comments.at(-1)?.comment}”</> : "."} Fix it, then confirm.</div> : null}
        {before ? <div class="band info" role="status">As it was before round {job.round}. {keyOf("before")} goes back.</div> : null}
        {gone ? <div class="band" role="alert">This job has been stopped, or is no longer yours: you can look, not change.</div> : null}
        {mode === "label" && !labels && !gone ? <div class="band" role="note">This job is {statusText(job.status)}: you can look, not change.</div> : null}
        {failed ? <div class="band" role="alert">{explain(failed)} <button type="button" class="btn s" onClick={() => { const c = current; setCurrent(0); setTimeout(() => setCurrent(c)); }}>Try again</button></div> : null}
        {editor ? <Conflict editor={editor} images={images} /> : null}
        {editor && !editor.doc && !failed ? <div class="stagewait" role="status" aria-label="Loading the image" /> : null}
        {editor ? <Position editor={editor} /> : null}
      </div>
      <aside class="panels" aria-label="Labels">
        {editor ? <>
          {mode === "review" && !fix ? null : <ClassPanel editor={editor} may={may} />}
          <ImageTags editor={editor} may={may} />
          {changes ? <ChangesPanel changes={changes} editor={editor} job={job} /> : null}
          <CommentsPanel editor={editor} comments={comments} />
          <ObjectPanel editor={editor} />
          <SelectedPanel editor={editor} may={may} />
          <HistoryPanel editor={editor} job={job} changes={changes} may={may && !before} refresh={look} />
          {mode === "review" ? <VerdictPanel editor={editor} job={job} may={reviews} /> : null}
          <span class="grow" />
          <ViewPanel editor={editor} />
        </> : <Skeleton />}
      </aside>
      <Strip entities={entities} current={current} states={states} show={show} jobId={job.id} />
      {dialog === "guide" ? (
        <Dialog title={job.name} wide close={() => setDialog("")}>
          {job.description ? <p>{job.description}</p> : null}
          {guide ? <div><h3>{guide.name}</h3><Suspense fallback={<Skeleton />}><Markdown text={guide.text || guide.description} /></Suspense></div> : null}
          {job.readme ? <Suspense fallback={<Skeleton />}><Markdown text={job.readme} /></Suspense> : guide ? null : <p class="muted">This job has no instructions.</p>}
        </Dialog>
      ) : null}
      {dialog === "keys" ? <KeySheet close={() => setDialog("")} /> : null}
      {dialog === "empty" ? (
        <Dialog title="The queue is empty" close={() => setDialog("")} foot={<><button type="button" class="btn" onClick={() => setDialog("")}>Stay here</button><Link class="btn p" href={mode === "label" ? "/work" : "/reviews"}>Done for now</Link></>}>
          <p>{mode === "label" ? "All images have been handed out. Rejected ones come back to you." : "No image waits for a review. New ones come as they are confirmed."}</p>
        </Dialog>
      ) : null}
      {dialog === "submit" ? (
        <Dialog title="Submit the job?" close={() => setDialog("")} submit={() => finishJob("on_review", "Submitted for review")}
          foot={<><button type="button" class="btn" onClick={() => setDialog("")}>Go on labeling</button><button type="submit" class="btn p">Submit job</button></>}>
          <p>{counts.done + counts.accepted} of {count(entities.length, "image")} confirmed{counts.none + counts.rejected ? `, ${counts.none + counts.rejected} not yet` : ""}. You cannot change them after this.</p>
          {counts.none + counts.rejected ? <div><button type="button" class="btn s" onClick={() => { setDialog(""); show(entities.find((e) => unfinished(status(e.id)))?.id); }}>Go to the first that is left</button></div> : null}
        </Dialog>
      ) : null}
      {dialog === "reject" && reviews && editor ? <RejectDialog editor={editor} close={() => setDialog("")} send={(comment, about) => decide("rejected", comment, about)} /> : null}
      {dialog === "finish" && reviews ? (
        <Dialog title="Finish the review?" close={() => setDialog("")}
          foot={<><button type="button" class="btn" onClick={() => setDialog("")}>Go on reviewing</button>
            {counts.rejected ? <button type="button" class="btn p" onClick={async () => { await editor?.settled(); reload(); setDialog("restart"); }}>Restart {count(counts.rejected, "rejected image")}…</button> : null}
            <button type="button" class={counts.rejected ? "btn" : "btn p"} onClick={() => finishJob(job.meta.enableIntermediateReview ? "review_completed" : "completed", "Review finished")}>Complete job</button></>}>
          <div class="numbers"><div><b>{counts.accepted}</b><span>accepted</span></div><div><b>{counts.rejected}</b><span>rejected</span></div><div><b>{counts.done + counts.none}</b><span>not decided</span></div></div>
        </Dialog>
      ) : null}
      {dialog === "restart" ? <Restart job={{ ...job, entities: job.entities.map((e) => ({ ...e, reviewStatus: status(e.id) })) }} close={() => setDialog("")} /> : null}
    </main>
  );
}

function Options({ editor, tool }: { editor: Editor; tool: ToolName }) {
  const brush = tool === "brush" || tool === "eraser";
  return (
    <div class="opts" onPointerDown={(e) => e.stopPropagation()} onPointerUp={(e) => e.stopPropagation()}>
      <b>{TOOLS.find((t) => t.name === tool)?.title}</b>
      {brush ? <>
        <label class="row">Size <input type="range" aria-label="Brush size" min={1} max={400} value={editor.size.value} onInput={(e) => { editor.size.value = Number(e.currentTarget.value); }} /> {editor.size.value} <kbd>[</kbd><kbd>]</kbd></label>
        {tool === "brush" ? <span>Erase <kbd>Shift</kbd></span> : null}
      </> : tool === "rectangle" || tool === "point" || tool === "graph" ? null : <span>Last point off <kbd>⌫</kbd></span>}
      {tool === "point" || tool === "graph" ? null : <span>Finish <kbd>Space</kbd></span>}
      <span>Cancel <kbd>Esc</kbd></span>
      {editor.drafting.value && tool !== "rectangle" ? <button type="button" class="btn p s" onClick={() => editor.finish()}>Finish</button> : null}
    </div>
  );
}

function Position({ editor }: { editor: Editor }) {
  const m = editor.mouse.value;
  const d = editor.version.value >= 0 ? editor.doc : null;
  return d ? <div class="pos" aria-hidden="true">{m ? `x ${Math.floor(m[0])} y ${Math.floor(m[1])} · ` : ""}{Math.round(editor.engine.scale.value * 100)} % · {d.width} × {d.height}</div> : null;
}
