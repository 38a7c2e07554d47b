// What is drawn on one image: objects, tags, and the steps that can be undone. Coordinates are those
// of the wire: x and y from the image's corner, the centre of the first pixel at 0.5, 0.5.
import type { AnnotationInfo, AnnotationObject, ImageTag } from "../types";
import { decode, encode, hits, type Mask } from "./mask";

export type Point = [number, number];

// Shapes that can be drawn here. Others are shown as far as we can, kept as they are, and cannot be unlocked.
const OURS = new Set(["rectangle", "polygon", "line", "point", "bitmap", "graph"]);
export const isOurs = (o: { type: string }) => OURS.has(o.type);
export const isShown = (o: Obj) => OURS.has(o.type) || !!o.alpha || o.points.length > 0;

export interface Obj {
  key: string; // ours, for as long as the page lives
  id: number; // the server's; 0 while it does not have it yet
  classId: number;
  type: string; // geometryType
  points: Point[];
  holes: Point[][];
  nodes?: Record<string, { loc: Point; disabled?: boolean }>;
  mask?: Mask;
  alpha?: { x: number; y: number; picture: ImageBitmap }; // of an alpha mask: how much shines through
  seen: string; // when the server had changed it last, as far as we know
  tags: ImageTag[];
  who: string;
  createdAt: string;
  updatedAt: string;
  hidden: boolean;
  locked: boolean;
}

export interface Step {
  undo: () => void;
  redo: () => void;
}

export interface Doc {
  imageId: number;
  width: number;
  height: number;
  objects: Obj[];
  tags: ImageTag[];
  undo: Step[];
  redo: Step[];
}

export async function readDoc(info: AnnotationInfo): Promise<Doc> {
  const { annotation } = info;
  const objects = await Promise.all(annotation.objects.map(readObject));
  return { imageId: info.imageId, width: annotation.size.width, height: annotation.size.height, objects, tags: annotation.tags, undo: [], redo: [] };
}

export async function readObject(o: AnnotationObject): Promise<Obj> {
  const obj: Obj = {
    key: `s${o.id}`, id: o.id, classId: o.classId, type: o.geometryType, points: o.points?.exterior ?? [], holes: o.points?.interior ?? [],
    tags: o.tags, seen: o.updatedAt, who: o.labelerLogin, createdAt: o.createdAt, updatedAt: o.updatedAt, hidden: false, locked: !OURS.has(o.geometryType),
  };
  if (o.parts) {
    obj.points = o.parts[0]?.exterior ?? [];
    obj.holes = o.parts.flatMap((p, i) => (i ? [p.exterior, ...p.interior] : p.interior));
  }
  if (o.bitmap) obj.mask = await decode(o.bitmap.origin, o.bitmap.data);
  if (o.nodes) obj.nodes = o.nodes;
  return obj;
}

// An object as it was once.
export type FigureThen = Pick<AnnotationObject, "id" | "classId" | "classTitle" | "geometryType" | "tags" | "labelerLogin" | "createdAt"> & { geometry: Partial<AnnotationObject>; description: string };
export const readThen = (f: FigureThen): Promise<Obj> => readObject({ ...f.geometry, ...f, updatedAt: f.createdAt, tags: f.tags ?? [] });

// Are these the same shape, class and tags?
export const same = (a: Obj, b: Obj): boolean =>
  a.classId === b.classId && a.type === b.type && JSON.stringify([a.points, a.holes, a.nodes]) === JSON.stringify([b.points, b.holes, b.nodes]) && sameTags(a.tags, b.tags) && sameMask(a.mask, b.mask);
const sameTags = (a: ImageTag[], b: ImageTag[]) => {
  const text = (list: ImageTag[]) => JSON.stringify(list.map((t) => [t.tagId, t.value ?? null]).sort());
  return text(a) === text(b);
};
const sameMask = (a?: Mask, b?: Mask) => (!a || !b ? a === b : a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h && a.bits.every((v, i) => v === b.bits[i]));

// The keys of the geometry, as figures.bulk.add and figures.editInfo take them.
export async function geometryOf(o: Obj): Promise<object> {
  if (o.mask) return { bitmap: await encode(o.mask) };
  if (o.nodes) return { nodes: o.nodes };
  return { points: { exterior: o.points, interior: o.holes } };
}

// Points of shapes stand on centres of pixels; corners of boxes on the lines between them.
export const snap = ([x, y]: Point, w: number, h: number): Point => [clamp(Math.floor(x), w - 1) + 0.5, clamp(Math.floor(y), h - 1) + 0.5];
export const snapEdge = ([x, y]: Point, w: number, h: number): Point => [clamp(Math.round(x), w), clamp(Math.round(y), h)];
const clamp = (v: number, max: number) => Math.max(0, Math.min(max, v));

export function bounds(o: Obj): [number, number, number, number] {
  if (o.mask) return [o.mask.x, o.mask.y, o.mask.x + o.mask.w, o.mask.y + o.mask.h];
  if (o.alpha) return [o.alpha.x, o.alpha.y, o.alpha.x + o.alpha.picture.width, o.alpha.y + o.alpha.picture.height];
  const points = o.nodes ? Object.values(o.nodes).map((n) => n.loc) : o.points;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return [left, top, right, bottom];
}

function inRing(ring: Point[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax, ay] = ring[i] as Point;
    const [bx, by] = ring[j] as Point;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

export function toSegment(a: Point, b: Point, x: number, y: number): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const l = dx * dx + dy * dy;
  const t = l === 0 ? 0 : Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / l));
  return Math.hypot(x - a[0] - t * dx, y - a[1] - t * dy);
}

// Is the place on the object? near: in image pixels.
export function hit(o: Obj, x: number, y: number, near: number): boolean {
  const [left, top, right, bottom] = bounds(o);
  if (x < left - near || y < top - near || x > right + near || y > bottom + near) return false;
  if (o.mask) return hits(o.mask, x, y);
  if (o.alpha) return true;
  if (o.nodes) return Object.values(o.nodes).some((n) => Math.hypot(n.loc[0] - x, n.loc[1] - y) <= near * 2);
  if (o.type === "rectangle") return true;
  if (o.type === "point") return o.points.some((p) => Math.hypot(p[0] - x, p[1] - y) <= near * 1.5);
  if (o.type === "line") return o.points.some((p, i) => i > 0 && toSegment(o.points[i - 1] as Point, p, x, y) <= near);
  return inRing(o.points, x, y) && !o.holes.some((h) => inRing(h, x, y));
}

export function moved(o: Obj, dx: number, dy: number): Obj {
  const shift = ([x, y]: Point): Point => [x + dx, y + dy];
  const next: Obj = { ...o, points: o.points.map(shift), holes: o.holes.map((h) => h.map(shift)) };
  if (o.mask) next.mask = { ...o.mask, x: o.mask.x + dx, y: o.mask.y + dy };
  if (o.nodes) next.nodes = Object.fromEntries(Object.entries(o.nodes).map(([k, n]) => [k, { ...n, loc: shift(n.loc) }]));
  return next;
}
