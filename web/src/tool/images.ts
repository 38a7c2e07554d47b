// Images and what is drawn on them, kept near: the one in view, the next two, the one before.
import { call, geometries, imageBlob } from "../api";
import type { AnnotationInfo } from "../types";
import { type Doc, readDoc } from "./doc";
import { decodeAlpha } from "./mask";

const KEEP = 8;

export interface Opened {
  doc: Doc;
  levels: ImageBitmap[]; // the whole image, half of it, a quarter ...
}

async function decode(blob: Blob): Promise<ImageBitmap[]> {
  const levels = [await createImageBitmap(blob)];
  for (let last = levels[0] as ImageBitmap; Math.min(last.width, last.height) > 1024; ) {
    last = await createImageBitmap(last, { resizeWidth: Math.ceil(last.width / 2), resizeHeight: Math.ceil(last.height / 2), resizeQuality: "medium" });
    levels.push(last);
  }
  return levels;
}

export class Images {
  private kept = new Map<number, Promise<Opened>>();

  constructor(private readonly jobId: number) {}

  get(id: number): Promise<Opened> {
    const known = this.kept.get(id);
    if (known) {
      this.kept.delete(id);
      this.kept.set(id, known);
      return known;
    }
    const opened = this.load(id);
    this.kept.set(id, opened);
    opened.catch(() => this.kept.delete(id));
    for (const [old, promise] of this.kept) {
      if (this.kept.size <= KEEP) break;
      this.kept.delete(old);
      void promise.then((o) => { for (const l of o.levels) l.close(); }, () => {});
    }
    return opened;
  }

  has(id: number): boolean {
    return this.kept.has(id);
  }

  // What is drawn may have changed on the server: ask again for those not in view.
  forget(except: number): void {
    for (const id of [...this.kept.keys()]) if (id !== except) this.kept.delete(id);
  }

  // What is drawn now, without the image.
  async annotation(id: number): Promise<Doc> {
    const doc = await readDoc(await call<AnnotationInfo>("annotations.info", { imageId: id, integerCoords: false }, { jobId: this.jobId }));
    const alphas = doc.objects.filter((o) => o.type === "alpha_mask");
    if (!alphas.length) return doc;
    const parts = await geometries(alphas.map((o) => o.id), this.jobId);
    await Promise.all(alphas.map(async (o) => {
      const part = parts.get(o.id);
      if (part?.data) o.alpha = { x: part.origin[0], y: part.origin[1], picture: await decodeAlpha(part.data) };
    }));
    return doc;
  }

  private async load(id: number): Promise<Opened> {
    const [doc, levels] = await Promise.all([this.annotation(id), imageBlob(id, this.jobId).then(decode)]);
    return { doc, levels };
  }
}
