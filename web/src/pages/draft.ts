// A new job or queue while it is being described, and the call that makes it: for us, and for scripts.
import type { Image, Job } from "../types";

export interface Draft {
  name: string;
  projectId: number;
  datasetId: number;
  collectionId: number; // of a queue: instead of a dataset
  labelers: number[];
  reviewer: number;
  reviewers: number[]; // of a queue
  ownReviews: boolean;
  keepOpen: boolean;
  description: string;
  readme: string;
  classes: string[];
  tags: string[];
  readOnlyTags: string[];
  which: "all" | "tags" | "range" | "pick";
  withTags: string[];
  withoutTags: string[];
  start: string;
  end: string;
  images: number[];
  figures: string;
  imageTags: string;
  tagsMin: string;
  ownFigures: boolean;
  ownTags: boolean;
  guide: string;
  priority: string;
  dynamicClasses: boolean;
  dynamicTags: boolean;
  disableConfirm: boolean;
  disableSubmit: boolean;
  check: boolean;
  allowRestore: boolean;
}
export const EMPTY: Draft = {
  name: "", projectId: 0, datasetId: 0, collectionId: 0, labelers: [], reviewer: 0, reviewers: [], ownReviews: false, keepOpen: false, description: "", readme: "", classes: [], tags: [], readOnlyTags: [], which: "all", withTags: [], withoutTags: [],
  start: "", end: "", images: [], figures: "", imageTags: "", tagsMin: "", ownFigures: false, ownTags: false, guide: "", priority: "", dynamicClasses: false, dynamicTags: false, disableConfirm: false, disableSubmit: false, check: false, allowRestore: false,
};

// A draft is kept while the tab is open, for each team.
export const keep = (teamId: number, d: Draft): void => sessionStorage.setItem(`job draft ${teamId}`, JSON.stringify(d));
export const kept = (teamId: number): Draft => ({ ...EMPTY, ...(JSON.parse(sessionStorage.getItem(`job draft ${teamId}`) ?? "{}") as Partial<Draft>) });
export const forgetDraft = (teamId: number): void => sessionStorage.removeItem(`job draft ${teamId}`);

// The images the draft chooses, in the order of the server: by id.
export function choose(images: Image[], d: Draft): Image[] {
  let list = [...images].sort((a, b) => a.id - b.id);
  if (d.which === "pick") list = list.filter((i) => d.images.includes(i.id));
  if (d.which === "tags") list = list.filter((i) => d.withTags.every((t) => i.tags.some((x) => x.name === t)) && !d.withoutTags.some((t) => i.tags.some((x) => x.name === t)));
  if (d.which === "range") list = list.slice(Math.max(0, Number(d.start || 1) - 1), d.end ? Number(d.end) : undefined);
  return list;
}

export function body(d: Draft, queue: boolean): Record<string, unknown> {
  const number = (s: string) => (s ? Number(s) : undefined);
  const meta: Record<string, unknown> = { classes: d.classes, projectTags: d.tags, imageFiguresLimit: number(d.figures) ?? 0, imageTagsLimit: number(d.imageTags) ?? 0 };
  if (d.readOnlyTags.length) meta.readOnlyTags = d.readOnlyTags;
  if (d.which === "tags") meta.imageTags = [...d.withTags.map((name) => ({ name, positive: true })), ...d.withoutTags.map((name) => ({ name, positive: false }))];
  if (d.which === "range") meta.range = { start: number(d.start) ?? 1, ...(d.end ? { end: Number(d.end) } : {}) };
  if (d.which === "pick") meta.entityIds = d.images;
  if (d.tagsMin) meta.imageTagsMinLimit = Number(d.tagsMin);
  if (d.ownFigures) meta.figuresVisibility = "own";
  if (d.ownTags) meta.tagsVisibility = "own";
  if (d.guide) meta.guide = Number(d.guide);
  for (const key of ["dynamicClasses", "dynamicTags", "disableConfirm", "disableSubmit", "allowRestore"] as const) if (d[key]) meta[key] = true;
  if (d.check) meta.enableIntermediateReview = true;
  return {
    name: d.name, ...(d.collectionId ? { collectionId: d.collectionId } : { datasetId: d.datasetId }), userIds: d.labelers, ...(!queue && d.reviewer ? { reviewerId: d.reviewer } : {}),
    ...(queue ? { reviewerIds: d.reviewers, queueMeta: { reviewOwnAnnotationsAvailable: d.ownReviews, skipCompleteAnnotationJobOnEmpty: d.keepOpen } } : {}),
    ...(d.description ? { description: d.description } : {}), ...(d.readme ? { readme: d.readme } : {}), meta,
  };
}

export function python(d: Draft, queue: boolean): string {
  const lines = [`    name=${JSON.stringify(d.name)},`, d.collectionId ? `    collection_id=${d.collectionId},` : `    dataset_id=${d.datasetId},`, `    user_ids=${JSON.stringify(d.labelers)},`];
  const add = (key: string, value: unknown, when: boolean) => { if (when) lines.push(`    ${key}=${value === true ? "True" : JSON.stringify(value)},`); };
  add("reviewer_ids", d.reviewers, queue);
  add("reviewer_id", d.reviewer, !queue && !!d.reviewer);
  add("description", d.description, !!d.description);
  add("readme", d.readme, !!d.readme);
  add("classes_to_label", d.classes, d.classes.length > 0);
  add("tags_to_label", d.tags, d.tags.length > 0);
  add("objects_limit_per_image", Number(d.figures), !!d.figures);
  add("tags_limit_per_image", Number(d.imageTags), !!d.imageTags);
  add("include_images_with_tags", d.withTags, d.which === "tags" && d.withTags.length > 0);
  add("exclude_images_with_tags", d.withoutTags, d.which === "tags" && d.withoutTags.length > 0);
  if (d.which === "range") lines.push(`    images_range=(${d.start || 1}, ${d.end || "None"}),`);
  add("images_ids", d.images, d.which === "pick");
  add("dynamic_classes", true, d.dynamicClasses);
  add("dynamic_tags", true, d.dynamicTags);
  add("disable_confirm", true, d.disableConfirm);
  add("disable_submit", true, d.disableSubmit);
  add("enable_quality_check", true, d.check);
  add("allow_review_own_annotations", true, queue && d.ownReviews);
  add("skip_complete_job_on_empty", true, queue && d.keepOpen);
  if (d.guide) lines.push(`    guide_id=${Number(d.guide)},`);
  return queue ? `queue_id = api.labeling_queue.create(\n${lines.join("\n")}\n)` : `jobs = api.labeling_job.create(\n${lines.join("\n")}\n)`;
}

export function curl(d: Draft, queue: boolean): string {
  const json = JSON.stringify(body(d, queue), null, 2).replace(/'/g, "'\\''");
  return `curl ${location.origin}/public/api/v3/${queue ? "labeling-queues" : "jobs"}.add \\\n  -H "x-api-key: $API_TOKEN" -H 'content-type: application/json' \\\n  -d '${json}'`;
}

export function fromJob(j: Job): Draft {
  const m = j.meta;
  return {
    ...EMPTY, name: `${j.name} copy`, projectId: j.projectId, datasetId: j.datasetId, labelers: [j.userId], reviewer: j.reviewerId ?? 0, description: j.description, readme: j.readme,
    classes: m.classes.map((c) => c.name), tags: m.projectTags.map((t) => t.name), readOnlyTags: m.readOnlyTags, which: "pick", images: j.entities.map((e) => e.id),
    figures: m.imageFiguresLimit ? String(m.imageFiguresLimit) : "", imageTags: m.imageTagsLimit ? String(m.imageTagsLimit) : "",
    guide: m.guide ? String(m.guide) : "", priority: j.priority ? String(j.priority) : "", tagsMin: m.imageTagsMinLimit ? String(m.imageTagsMinLimit) : "", ownFigures: m.figuresVisibility === "own", ownTags: m.tagsVisibility === "own",
    dynamicClasses: m.dynamicClasses, dynamicTags: m.dynamicTags, disableConfirm: m.disableConfirm, disableSubmit: m.disableSubmit, check: m.enableIntermediateReview ?? false,
  };
}
