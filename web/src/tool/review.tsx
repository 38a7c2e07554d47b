// What reviewers say about images and objects: comments, pinned to an object or not, and verdicts on
// class, shape and tags of single objects.
import { useState } from "preact/hooks";
import { call } from "../api";
import { Dialog, Icon, Time } from "../kit";
import { attempt, useData } from "../state";
import type { Job } from "../types";
import { bounds, type Obj } from "./doc";
import type { Editor } from "./edit";

export interface ReviewComment { id: number; jobId: number; round: number; entityId: number; figureId: number | null; user: string; reviewStatus: string; comment: string; createdAt: string }

export const useComments = (job: Job): ReviewComment[] =>
  useData(`comments ${job.id}`, () => call<ReviewComment[]>("jobs.comments.list", { jobId: job.id }, { jobId: job.id }), (n) => n.jobId === job.id && n.action === "image_review_status_updated").data ?? [];

const objectOf = (editor: Editor, c: ReviewComment): Obj | undefined => (c.figureId ? editor.doc?.objects.find((o) => o.id === c.figureId) : undefined);

// Where the comments of an image point at.
export function pin(editor: Editor, comments: ReviewComment[]): void {
  editor.engine.scene.pins = comments.flatMap((c) => {
    const o = objectOf(editor, c);
    if (!o) return [];
    const [left, top, right] = bounds(o);
    return [[(left + right) / 2, top]];
  });
  editor.engine.changed();
}

export function CommentsPanel({ editor, comments }: { editor: Editor; comments: ReviewComment[] }) {
  if (!comments.length) return null;
  return (
    <section aria-label="Comments">
      <h2>Comments <span>{comments.length}</span></h2>
      {comments.map((c) => {
        const o = editor.version.value >= 0 ? objectOf(editor, c) : undefined;
        return (
          <div class="comment" key={c.id}>
            <p>{c.comment}</p>
            <span class="row muted"><span>{c.user} · <Time value={c.createdAt} />{c.round > 1 ? ` · round ${c.round}` : ""}</span><span class="grow" />
              {c.figureId ? <button type="button" class="btn g s" disabled={!o} onClick={() => { if (o) { editor.select(o.key); editor.engine.lookAt(o); } }}><Icon name="comment" />{o ? `${editor.classOf(o.classId)?.title ?? "object"} #${o.id}` : "its object is gone"}</button> : null}
            </span>
          </div>
        );
      })}
    </section>
  );
}

// Why an image is rejected: as much or as little as one likes to say.
export function RejectDialog({ editor, send, close }: { editor: Editor; send: (comment: string, object: Obj | undefined) => void; close: () => void }) {
  const [text, setText] = useState("");
  const selected = editor.object;
  const [pinned, setPinned] = useState(!!selected);
  const submit = () => {
    close();
    send(text.trim(), pinned ? selected : undefined);
  };
  return (
    <Dialog title="Reject this image" close={close} submit={submit} foot={<><button type="button" class="btn" onClick={close}>Cancel</button><button type="submit" class="btn d">Reject and go on <kbd>Enter</kbd></button></>}>
      <div class="field"><label for="reject-why">What is wrong? <span class="muted">(optional)</span></label>
        <textarea id="reject-why" rows={3} autoFocus value={text} onInput={(e) => setText(e.currentTarget.value)} maxLength={2000}
          onKeyDown={(e) => { if (e.key === "Enter" && !e.shiftKey) { e.preventDefault(); submit(); } }} placeholder="The edges are too loose. Shift Enter for a new line." />
      </div>
      {selected ? (
        <label class="check"><input type="checkbox" checked={pinned} onChange={(e) => setPinned(e.currentTarget.checked)} /><span>It is about {editor.classOf(selected.classId)?.title ?? "object"} #{selected.id}</span></label>
      ) : <p class="muted" style={{ margin: 0 }}>Select an object first to pin the comment to it.</p>}
    </Dialog>
  );
}

// ---- verdicts on single objects ----

type Verdict = "approved" | "rejected" | "none";
interface Verdicts {
  figures: { figureId: number; classReviewStatus: Verdict; geometryReviewStatus: Verdict; classReviewStatusBefore?: Verdict | null; geometryReviewStatusBefore?: Verdict | null }[];
  tags: { tagId: number; figureId: number | null; reviewStatus: Verdict }[];
}

export function VerdictPanel({ editor, job, may }: { editor: Editor; job: Job; may: boolean }) {
  const imageId = editor.version.value >= 0 ? (editor.doc?.imageId ?? 0) : 0;
  const d = useData(`verdicts ${job.id} ${imageId}`, imageId ? () => call<Verdicts>("jobs.verdicts.list", { jobId: job.id, entityId: imageId }, { jobId: job.id }) : null, () => false);
  const o = editor.selected.value ? editor.object : undefined;
  if (!o?.id || !d.data) return null;
  const now = d.data.figures.find((f) => f.figureId === o.id);
  const figure = (field: "classReviewStatus" | "geometryReviewStatus", v: Verdict) => attempt(() => call("jobs.figure.update-review-status", { jobId: job.id, figureId: o.id, [field]: v }, { jobId: job.id })).then(d.reload);
  const tag = (id: number, v: Verdict) => attempt(() => call("jobs.tag.update-review-status", { jobId: job.id, tagId: id, figureId: o.id, reviewStatus: v }, { jobId: job.id })).then(d.reload);
  const row = (what: string, value: Verdict | undefined, before: Verdict | null | undefined, set: (v: Verdict) => void) => (
    <div class="o still" key={what}>
      <span class="t1">{what}{before && before !== "none" ? <small class="muted"> was {before}</small> : null}</span>
      <span class="seg small" role="group" aria-label={`Verdict on ${what}`}>
        <button type="button" disabled={!may} aria-pressed={value === "approved"} aria-label={`Right: ${what}`} onClick={() => set(value === "approved" ? "none" : "approved")}>✓</button>
        <button type="button" disabled={!may} aria-pressed={value === "rejected"} aria-label={`Wrong: ${what}`} onClick={() => set(value === "rejected" ? "none" : "rejected")}>✕</button>
      </span>
    </div>
  );
  return (
    <section aria-label="Verdicts">
      <h2>Verdicts on this object</h2>
      {row("class", now?.classReviewStatus, now?.classReviewStatusBefore, (v) => void figure("classReviewStatus", v))}
      {row("shape", now?.geometryReviewStatus, now?.geometryReviewStatusBefore, (v) => void figure("geometryReviewStatus", v))}
      {o.tags.filter((t) => t.id).map((t) => row(`tag ${t.name}`, d.data?.tags.find((x) => x.tagId === t.id && x.figureId === o.id)?.reviewStatus, null, (v) => void tag(t.id, v)))}
    </section>
  );
}
