// Images to the server, and whole projects to and from folders as the SDK reads and writes them:
// meta.json, and for each dataset img/NAME and ann/NAME.json.
import { all, call, geometries, imageBlob, upload } from "./api";
import type { AnnotationInfo, Dataset, Image, Project, ProjectMeta } from "./types";
import { type Files, ZipWriter } from "./zip";

export interface Progress { done: number; total: number; what: string; failed: { name: string; why: string }[] }
export type Tell = (p: Progress) => void;

async function sha256(file: Blob): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return btoa(String.fromCharCode(...hash));
}

// The SDK's way: ask whether the server has these bytes, send them if not, then name them.
export async function putImage(datasetId: number, title: string, file: Blob): Promise<Image | undefined> {
  const hash = await sha256(file);
  const known = await call<string[]>("images.internal.hashes.list", [hash]);
  if (!known.includes(hash)) {
    const form = new FormData();
    form.append("0-file", file, "0");
    const [sent] = await upload<{ hash?: string; errors?: (string | { message?: string })[] }[]>("images.bulk.upload", form);
    if (!sent?.hash) {
      const why = sent?.errors?.[0];
      throw new Error((typeof why === "string" ? why : why?.message) ?? "the server could not read it as an image");
    }
  }
  const [made] = await call<Image[]>("images.bulk.add", { datasetId, images: [{ title, hash }] }, { operation: crypto.randomUUID() });
  return made;
}

// A few at a time: browsers open six connections to one server.
export async function inParallel<T>(items: T[], run: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await run(next);
  };
  await Promise.all([worker(), worker(), worker()]);
}

// ---- out ----

const BATCH = 50;

// Where a dataset's files go: nested ones below "datasets" of their parent, as the SDK has it.
function folderOf(d: Dataset, all: Dataset[]): string {
  const parent = all.find((x) => x.id === d.parentId);
  return parent ? `${folderOf(parent, all)}/datasets/${d.name}` : d.name;
}

export async function exportProject(project: Project, withImages: boolean, tell: Tell, stop: AbortSignal): Promise<Blob> {
  const zip = new ZipWriter();
  const meta = await call<ProjectMeta>("projects.meta", { id: project.id });
  const datasets = await all<Dataset>("datasets.list", { projectId: project.id, recursive: true });
  const progress: Progress = { done: 0, total: project.imagesCount, what: "", failed: [] };
  await zip.add("meta.json", JSON.stringify({ ...meta, projectType: "images" }));
  for (const d of datasets) {
    const folder = folderOf(d, datasets);
    const images = await all<Image>("images.list", { datasetId: d.id });
    for (let i = 0; i < images.length; i += BATCH) {
      const batch = images.slice(i, i + BATCH);
      const infos = await call<AnnotationInfo[]>("annotations.bulk.info", { datasetId: d.id, imageIds: batch.map((x) => x.id) });
      await withAlphas(infos);
      for (const image of batch) {
        stop.throwIfAborted();
        progress.what = `${folder} / ${image.name}`;
        tell({ ...progress });
        const info = infos.find((x) => x.imageId === image.id);
        if (info) await zip.add(`${folder}/ann/${image.name}.json`, JSON.stringify(info.annotation));
        if (withImages) await zip.add(`${folder}/img/${image.name}`, await imageBlob(image.id));
        progress.done++;
      }
    }
  }
  tell({ ...progress });
  return zip.finish();
}

async function withAlphas(infos: AnnotationInfo[]): Promise<void> {
  const objects = infos.flatMap((i) => i.annotation.objects).filter((o) => o.geometryType === "alpha_mask");
  if (!objects.length) return;
  const parts = await geometries(objects.map((o) => o.id));
  for (const o of objects) {
    const part = parts.get(o.id);
    if (part) o.bitmap = part;
  }
}

export function save(blob: Blob, name: string): void {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(blob);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60000);
}

// ---- in ----

interface Found { folder: string; name: string; parent: string; images: string[] }

// The datasets among the files: every folder that has img/.
export function datasetsIn(files: Files, root: string): Found[] {
  const found = new Map<string, Found>();
  for (const path of files.keys()) {
    const m = /^(.*)\/img\/([^/]+)$/.exec(path);
    if (!m?.[1] || !m[2] || !path.startsWith(root)) continue;
    const folder = m[1];
    const parts = folder.slice(root.length).split("/datasets/");
    const name = parts.at(-1) ?? "";
    const d = found.get(folder) ?? { folder, name, parent: parts.length > 1 ? root + parts.slice(0, -1).join("/datasets/") : "", images: [] };
    d.images.push(m[2]);
    found.set(folder, d);
  }
  return [...found.values()].sort((a, b) => a.folder.length - b.folder.length);
}

export const rootOf = (files: Files): string | undefined => [...files.keys()].filter((p) => /(^|\/)meta\.json$/.test(p)).sort((a, b) => a.length - b.length)[0]?.slice(0, -"meta.json".length);

export async function importProject(files: Files, name: string, workspaceId: number, tell: Tell): Promise<Project> {
  const root = rootOf(files);
  const found = root === undefined ? [] : datasetsIn(files, root);
  const text = (path: string) => files.get(path)?.().then((b) => b.text());
  const meta = root === undefined ? undefined : (JSON.parse((await text(`${root}meta.json`)) ?? "{}") as ProjectMeta);
  if (root === undefined || !meta?.classes || !found.length) throw new Error("This is no project folder: it has meta.json, and a folder with img and ann for each dataset.");
  const project = await call<Project>("projects.add", { workspaceId, name, description: "" }, { operation: crypto.randomUUID() });
  const clean = <T extends object>(list: T[]) => list.map((x) => Object.fromEntries(Object.entries(x).filter(([k]) => k !== "id")));
  await call("projects.meta.update", { id: project.id, meta: { classes: clean(meta.classes), tags: clean(meta.tags ?? []) } });
  const now = await call<ProjectMeta>("projects.meta", { id: project.id });
  const progress: Progress = { done: 0, total: found.reduce((n, d) => n + d.images.length, 0), what: "", failed: [] };
  const ids = new Map<string, number>();
  for (const d of found) {
    const parentId = ids.get(d.parent);
    const made = await call<Dataset>("datasets.add", { projectId: project.id, name: d.name, description: "", ...(parentId ? { parentId } : {}) }, { operation: crypto.randomUUID() });
    ids.set(d.folder, made.id);
    await inParallel(d.images, async (image) => {
      progress.what = `${d.name} / ${image}`;
      tell({ ...progress });
      try {
        const file = await files.get(`${d.folder}/img/${image}`)?.();
        const put = file && (await putImage(made.id, image, file));
        const ann = await text(`${d.folder}/ann/${image}.json`);
        if (put && ann) await putAnnotation(made.id, put.id, JSON.parse(ann) as AnnotationInfo["annotation"], now);
      } catch (e) {
        progress.failed.push({ name: `${d.name} / ${image}`, why: (e as Error).message });
      }
      progress.done++;
    });
    tell({ ...progress });
  }
  return project;
}

// Ids are another server's: names say what is meant.
async function putAnnotation(datasetId: number, imageId: number, a: AnnotationInfo["annotation"], meta: ProjectMeta): Promise<void> {
  const tags = (list: AnnotationInfo["annotation"]["tags"]) => list.map((t) => ({ name: t.name, tagId: meta.tags.find((m) => m.name === t.name)?.id, ...(t.value === undefined ? {} : { value: t.value }) }));
  const objects = a.objects.filter((o) => o.geometryType !== "alpha_mask").map(({ id: _id, classId: _class, ...o }) => ({ ...o, classId: meta.classes.find((c) => c.title === o.classTitle)?.id, tags: tags(o.tags ?? []) }));
  if (objects.length || a.tags?.length) await call("annotations.bulk.add", { datasetId, annotations: [{ imageId, annotation: { ...a, tags: tags(a.tags ?? []), objects } }] });
  const alphas = a.objects.filter((o) => o.geometryType === "alpha_mask" && o.bitmap);
  if (!alphas.length) return;
  const made = await call<{ id: number }[]>("figures.bulk.add", { entityId: imageId, figures: alphas.map((o) => ({ classId: meta.classes.find((c) => c.title === o.classTitle)?.id, geometryType: "alpha_mask", geometry: {}, tags: tags(o.tags ?? []) })) }, { operation: crypto.randomUUID() });
  const form = new FormData();
  for (const [i, o] of alphas.entries()) {
    form.append("figureId", String(made[i]?.id));
    form.append("geometry", new Blob([JSON.stringify(o.bitmap)], { type: "application/octet-stream" }), String(made[i]?.id));
  }
  await upload("figures.bulk.upload.geometry", form);
}
