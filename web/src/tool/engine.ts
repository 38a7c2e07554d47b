// Painting: three canvases on top of each other. The image; the objects, painted seldom and moved by
// the style sheet while a gesture lasts; what is being worked on, painted whenever it changes.
import { signal } from "@preact/signals";
import { bounds, type Doc, isShown, type Obj, type Point } from "./doc";
import type { KeypointTemplate } from "../types";
import type { Box, Mask } from "./mask";

const MARGIN = 256; // pixels of the screen around the view in which objects are painted as well
const EDGE = 24; // pixels of the screen kept free around a fitted image
const BAR = 46; // and above it, for the options of the tool
const SETTLE_MS = 90;
const MANY = 800; // more objects than these are simplified
const CROWD = 3000; // more than these are only filled

export interface View {
  scale: number; // pixels of the screen for one of the image
  x: number; // where the image's corner stands in the view
  y: number;
}

export interface Draft {
  color: string;
  type: string;
  points: Point[];
  holeOf?: string; // key of the polygon it is cut from
  cursor?: Point | undefined;
}

export interface Scene {
  doc: Doc | null;
  colors: Map<number, string>;
  templates: Map<number, KeypointTemplate>; // of keypoints, by class
  selected: string;
  draft: Draft | null;
  brush: { mask: Mask; color: string; key: string } | null;
  ring: { at: Point; r: number; erase: boolean } | null;
  cross: Point | null;
  marks: Map<string, "added" | "changed" | "removed">;
  ghosts: Obj[]; // what was there before, or what somebody else has drawn: outlines only
  before: Obj[] | null; // shown instead of what is there now
  pins: Point[]; // where comments point at
  handles: boolean;
}

type Ctx = CanvasRenderingContext2D;

const layer = (host: HTMLElement): [HTMLCanvasElement, Ctx] => {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  host.prepend(canvas);
  return [canvas, canvas.getContext("2d", { alpha: true }) as Ctx];
};

const rgb = (color: string): [number, number, number] => [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16) || 0) as [number, number, number];

const INSIDE = 150; // opacity of a mask where it is not its edge, of 255

// Is the pixel at the edge of what is drawn?
const atEdge = (m: Mask, i: number, x: number, y: number): boolean =>
  x === 0 || y === 0 || x === m.w - 1 || y === m.h - 1 || !m.bits[i - 1] || !m.bits[i + 1] || !m.bits[i - m.w] || !m.bits[i + m.w];

// The pixels of a mask in its colour, its edge stronger than the rest; how much shines through is
// decided when it is drawn.
function paintMask(c: Ctx, m: Mask, color: string): void {
  if (m.w <= 0 || m.h <= 0) return;
  const data = c.createImageData(m.w, m.h);
  const words = new Uint32Array(data.data.buffer);
  const [red, green, blue] = rgb(color);
  const tint = (blue << 16) | (green << 8) | red;
  const edge = (255 << 24) | tint;
  const inside = (INSIDE << 24) | tint;
  for (let y = 0, i = 0; y < m.h; y++) for (let x = 0; x < m.w; x++, i++) if (m.bits[i]) words[i] = atEdge(m, i, x, y) ? edge : inside;
  c.putImageData(data, 0, 0);
}

export class Engine {
  readonly view: View = { scale: 1, x: 0, y: 0 };
  readonly scale = signal(1); // that of the view, as it was painted last
  readonly scene: Scene = { doc: null, colors: new Map(), templates: new Map(), selected: "", draft: null, brush: null, ring: null, cross: null, marks: new Map(), ghosts: [], before: null, pins: [], handles: true };
  opacity = 0.4;
  filter = "none";
  onFrame: (() => void) | null = null;

  private readonly top: [HTMLCanvasElement, Ctx];
  private readonly middle: [HTMLCanvasElement, Ctx];
  private readonly base: [HTMLCanvasElement, Ctx];
  private readonly dpr = Math.min(2, devicePixelRatio || 1);
  private levels: ImageBitmap[] = []; // the image, half of it, a quarter ...
  private painted: View & { w: number; h: number } = { scale: 0, x: 0, y: 0, w: 0, h: 0 };
  private w = 0;
  private h = 0;
  private asked = 0;
  private stale = true;
  private timer = 0;
  // the mask being brushed, as large as it is seen: a cell for k * k pixels
  private shown: { mask: Mask; color: string; k: number; canvas: HTMLCanvasElement; context: Ctx } | null = null;
  private masks = new WeakMap<Mask, { canvas: HTMLCanvasElement; color: string }>();
  private alphas = new WeakMap<ImageBitmap, HTMLCanvasElement>();
  private readonly watch: ResizeObserver;

  constructor(readonly host: HTMLElement) {
    this.top = layer(host);
    this.middle = layer(host);
    this.base = layer(host);
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(host);
    this.resize();
  }

  close(): void {
    this.watch.disconnect();
    cancelAnimationFrame(this.asked);
    clearTimeout(this.timer);
    for (const [canvas] of [this.top, this.middle, this.base]) canvas.remove();
  }

  private resize(): void {
    const w = this.host.clientWidth;
    const h = this.host.clientHeight;
    if (!w || !h || (w === this.w && h === this.h)) return;
    const first = this.w === 0;
    this.w = w;
    this.h = h;
    for (const [canvas] of [this.top, this.base]) {
      canvas.width = w * this.dpr;
      canvas.height = h * this.dpr;
      canvas.style.width = `${w}px`;
      canvas.style.height = `${h}px`;
    }
    const [m] = this.middle;
    m.width = (w + 2 * MARGIN) * this.dpr;
    m.height = (h + 2 * MARGIN) * this.dpr;
    m.style.width = `${w + 2 * MARGIN}px`;
    m.style.height = `${h + 2 * MARGIN}px`;
    if (first) this.fit();
    this.changed();
  }

  setImage(levels: ImageBitmap[]): void {
    this.levels = levels;
    this.frame();
  }

  // ---- where things are ----

  toImage(clientX: number, clientY: number): Point {
    const r = this.host.getBoundingClientRect();
    return [(clientX - r.left - this.view.x) / this.view.scale, (clientY - r.top - this.view.y) / this.view.scale];
  }
  toScreen([x, y]: Point): Point {
    const r = this.host.getBoundingClientRect();
    return [x * this.view.scale + this.view.x + r.left, y * this.view.scale + this.view.y + r.top];
  }
  get near(): number {
    return 7 / this.view.scale;
  }

  // Bring the object into view, with room around it.
  lookAt(o: Obj): void {
    const [left, top, right, bottom] = bounds(o);
    const scale = Math.min(4, (this.w * 0.6) / Math.max(16, right - left), (this.h * 0.6) / Math.max(16, bottom - top));
    const [x, y] = [((left + right) / 2) * this.view.scale + this.view.x, ((top + bottom) / 2) * this.view.scale + this.view.y];
    if (x > 0 && y > 0 && x < this.w && y < this.h && scale > this.view.scale * 0.9) return this.changed();
    Object.assign(this.view, { scale: Math.min(scale, this.view.scale), x: 0, y: 0 });
    this.view.x = this.w / 2 - ((left + right) / 2) * this.view.scale;
    this.view.y = this.h / 2 - ((top + bottom) / 2) * this.view.scale;
    this.changed();
  }

  fit(): void {
    const d = this.scene.doc;
    if (!d || !this.w) return;
    const scale = Math.min((this.w - 2 * EDGE) / d.width, (this.h - BAR - EDGE) / d.height);
    Object.assign(this.view, { scale, x: (this.w - d.width * scale) / 2, y: BAR + (this.h - BAR - EDGE - d.height * scale) / 2 });
    this.changed();
  }
  panBy(dx: number, dy: number): void {
    this.view.x += dx;
    this.view.y += dy;
    this.frame();
  }
  zoomAt(clientX: number, clientY: number, factor: number): void {
    const r = this.host.getBoundingClientRect();
    const scale = Math.max(0.01, Math.min(64, this.view.scale * factor));
    const k = scale / this.view.scale;
    const [px, py] = [clientX - r.left, clientY - r.top];
    Object.assign(this.view, { scale, x: px - (px - this.view.x) * k, y: py - (py - this.view.y) * k });
    this.frame();
  }
  zoomMiddle(factor: number): void {
    const r = this.host.getBoundingClientRect();
    this.zoomAt(r.left + this.w / 2, r.top + this.h / 2, factor);
  }

  // ---- when to paint ----

  // Objects, or what they look like, have changed.
  changed(): void {
    this.stale = true;
    this.frame();
  }
  // The view or what is being worked on has.
  frame(): void {
    if (!this.asked) this.asked = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    this.asked = 0;
    this.scale.value = this.view.scale;
    this.paintImage();
    const ratio = this.view.scale / this.painted.scale;
    const dx = this.view.x - this.painted.x * ratio;
    const dy = this.view.y - this.painted.y * ratio;
    const left = -MARGIN * ratio + dx;
    const top = -MARGIN * ratio + dy;
    const uncovered = left > 0 || top > 0 || left + (this.w + 2 * MARGIN) * ratio < this.w || top + (this.h + 2 * MARGIN) * ratio < this.h;
    const same = ratio === 1 && dx === 0 && dy === 0;
    clearTimeout(this.timer);
    if (this.stale || ratio > 1.6 || ratio < 0.62 || (uncovered && !same)) this.paintObjects();
    else {
      this.middle[0].style.transform = `translate(${left}px, ${top}px) scale(${ratio})`;
      if (!same)
        this.timer = window.setTimeout(() => {
          this.stale = true;
          this.frame();
        }, SETTLE_MS);
    }
    this.paintTop();
    this.onFrame?.();
  }

  private use(c: Ctx, margin = 0): void {
    const k = this.dpr * this.view.scale;
    c.setTransform(k, 0, 0, k, (this.view.x + margin) * this.dpr, (this.view.y + margin) * this.dpr);
  }

  private paintImage(): void {
    const [canvas, c] = this.base;
    const d = this.scene.doc;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, canvas.width, canvas.height);
    const full = this.levels[0];
    if (!full || !d) return;
    let level = 0;
    while (level + 1 < this.levels.length && this.view.scale * this.dpr < 0.6 / 2 ** level) level++;
    const source = this.levels[level] as ImageBitmap;
    c.imageSmoothingEnabled = this.view.scale < 1.5;
    c.filter = this.filter;
    this.use(c);
    c.drawImage(source, 0, 0, d.width, d.height);
    c.filter = "none";
  }

  private paintObjects(): void {
    const [canvas, c] = this.middle;
    const { doc, selected, brush } = this.scene;
    this.stale = false;
    this.painted = { ...this.view, w: this.w, h: this.h };
    canvas.style.transform = `translate(${-MARGIN}px, ${-MARGIN}px)`;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, canvas.width, canvas.height);
    if (!doc) return;
    this.use(c, MARGIN);
    const s = this.view.scale;
    const seen = [(-MARGIN - this.view.x) / s, (-MARGIN - this.view.y) / s, (this.w + MARGIN - this.view.x) / s, (this.h + MARGIN - this.view.y) / s] as const;
    const visible = (this.scene.before ?? doc.objects).filter((o) => {
      if (o.hidden || o.key === brush?.key || !isShown(o)) return false;
      const [left, top, right, bottom] = bounds(o);
      return right >= seen[0] && bottom >= seen[1] && left <= seen[2] && top <= seen[3];
    });
    for (const o of visible) if (o.key !== selected || this.scene.before) this.paintObject(c, o, visible.length, false);
  }

  private paintTop(): void {
    const [canvas, c] = this.top;
    const { doc, selected, draft, brush, ring, cross } = this.scene;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, canvas.width, canvas.height);
    if (!doc) return;
    this.use(c);
    if (brush) {
      const { canvas: cells, k } = this.cells(brush.mask, brush.color);
      c.imageSmoothingEnabled = false;
      c.globalAlpha = Math.min(0.9, this.opacity + 0.2);
      const s = this.view.scale;
      const x = Math.max(0, Math.floor(-this.view.x / s / k));
      const y = Math.max(0, Math.floor(-this.view.y / s / k));
      const w = Math.min(cells.width - x, Math.ceil(this.w / s / k) + 2);
      const h = Math.min(cells.height - y, Math.ceil(this.h / s / k) + 2);
      if (w > 0 && h > 0) c.drawImage(cells, x, y, w, h, x * k, y * k, w * k, h * k);
      c.globalAlpha = 1;
    }
    const o = this.scene.before ? undefined : doc.objects.find((x) => x.key === selected);
    if (o && !o.hidden && isShown(o) && o.key !== brush?.key) this.paintObject(c, o, 1, true);
    for (const g of this.scene.ghosts) this.paintGhost(c, g);
    for (const p of this.scene.pins) this.paintPin(c, p);
    if (draft) this.paintDraft(c, draft);
    if (ring) this.circle(c, ring.at, ring.r, ring.erase);
    if (cross) this.crosshair(c, cross, doc);
  }

  // ---- the mask being brushed ----

  private cells(mask: Mask, color: string): { canvas: HTMLCanvasElement; k: number } {
    const k = 2 ** Math.max(0, Math.round(Math.log2(1 / (this.view.scale * this.dpr))));
    if (this.shown?.mask === mask && this.shown.k === k) return this.shown;
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(mask.w / k);
    canvas.height = Math.ceil(mask.h / k);
    this.shown = { mask, color, k, canvas, context: canvas.getContext("2d") as Ctx };
    this.paintCells({ left: 0, top: 0, right: mask.w, bottom: mask.h });
    return this.shown;
  }

  private paintCells(box: Box): void {
    const s = this.shown;
    if (!s) return;
    const [left, top] = [Math.floor(box.left / s.k), Math.floor(box.top / s.k)];
    const w = Math.min(s.canvas.width, Math.ceil(box.right / s.k)) - left;
    const h = Math.min(s.canvas.height, Math.ceil(box.bottom / s.k)) - top;
    if (w <= 0 || h <= 0) return;
    const data = s.context.createImageData(w, h);
    const words = new Uint32Array(data.data.buffer);
    const [red, green, blue] = rgb(s.color);
    const word = (255 << 24) | (blue << 16) | (green << 8) | red;
    const middle = s.k >> 1;
    for (let y = 0; y < h; y++) {
      const row = Math.min(s.mask.h - 1, (y + top) * s.k + middle) * s.mask.w;
      for (let x = 0; x < w; x++) if (s.mask.bits[row + Math.min(s.mask.w - 1, (x + left) * s.k + middle)]) words[y * w + x] = word;
    }
    s.context.putImageData(data, left, top);
  }

  // Bits of the mask being brushed have changed.
  brushed(box: Box): void {
    if (this.shown && this.shown.mask === this.scene.brush?.mask) this.paintCells(box);
    this.frame();
  }

  // ---- one object ----

  private maskCanvas(m: Mask, color: string): HTMLCanvasElement {
    const known = this.masks.get(m);
    if (known?.color === color) return known.canvas;
    const canvas = document.createElement("canvas");
    canvas.width = m.w;
    canvas.height = m.h;
    paintMask(canvas.getContext("2d") as Ctx, m, color);
    this.masks.set(m, { canvas, color });
    return canvas;
  }

  private trace(c: Ctx, ring: Point[], step: number): void {
    let [px, py] = [Number.NaN, Number.NaN];
    ring.forEach(([x, y], i) => {
      if (i === 0) c.moveTo(x, y);
      else if (step === 0 || i === ring.length - 1 || Math.abs(x - px) + Math.abs(y - py) >= step) c.lineTo(x, y);
      else return;
      [px, py] = [x, y];
    });
  }

  private paintObject(c: Ctx, o: Obj, crowd: number, active: boolean): void {
    const color = this.scene.colors.get(o.classId) ?? "#888888";
    const mark = this.scene.marks.get(o.key);
    const px = 1 / this.view.scale;
    if (o.mask) {
      c.imageSmoothingEnabled = false;
      c.globalAlpha = Math.min(1, (this.opacity * 255) / INSIDE);
      c.drawImage(this.maskCanvas(o.mask, color), o.mask.x, o.mask.y);
      c.globalAlpha = 1;
      if (active || mark) this.frameBox(c, o, active ? "#fff" : mark === "added" ? "#3ddc84" : "#ffb020", px, !active);
      return;
    }
    if (o.alpha) {
      c.globalAlpha = Math.min(1, this.opacity * 2);
      c.drawImage(this.tinted(o.alpha.picture, color), o.alpha.x, o.alpha.y);
      c.globalAlpha = 1;
      if (active) this.frameBox(c, o, "#fff", px, false);
      return;
    }
    if (o.nodes) return this.paintGraph(c, o, color, px, active);
    if (o.type === "point") {
      for (const p of o.points) this.dot(c, p, color, px, active ? 6 : 5);
      return;
    }
    c.beginPath();
    if (o.type === "rectangle") {
      const [left, top, right, bottom] = bounds(o);
      c.rect(left, top, right - left, bottom - top);
    } else {
      this.trace(c, o.points, crowd > MANY ? 2 * px : 0);
      if (o.type !== "line") c.closePath();
      for (const h of o.holes) {
        this.trace(c, h, 0);
        c.closePath();
      }
    }
    if (o.type !== "line") {
      c.globalAlpha = this.opacity * (active || o.type === "rectangle" ? 0.55 : 1);
      c.fillStyle = color;
      c.fill("evenodd");
      c.globalAlpha = 1;
    }
    if (crowd > CROWD) return;
    c.lineJoin = "round";
    if (active) {
      c.lineWidth = 3.5 * px;
      c.strokeStyle = "#000b";
      c.stroke();
    }
    c.setLineDash(mark ? [6 * px, 4 * px] : []);
    c.lineWidth = (active || mark ? 2 : 1.5) * px;
    c.strokeStyle = active ? "#fff" : mark === "added" ? "#3ddc84" : mark === "changed" ? "#ffb020" : color;
    c.stroke();
    c.setLineDash([]);
    if (active && this.scene.handles && !o.locked) for (const p of this.corners(o)) this.handle(c, p, px);
  }

  // An alpha mask in its colour.
  private tinted(picture: ImageBitmap, color: string): HTMLCanvasElement {
    const known = this.alphas.get(picture);
    if (known) return known;
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    const c = canvas.getContext("2d") as Ctx;
    c.drawImage(picture, 0, 0);
    c.globalCompositeOperation = "source-in";
    c.fillStyle = color;
    c.fillRect(0, 0, canvas.width, canvas.height);
    this.alphas.set(picture, canvas);
    return canvas;
  }

  corners(o: Obj): Point[] {
    if (o.type === "rectangle") {
      const [left, top, right, bottom] = bounds(o);
      return [[left, top], [right, top], [right, bottom], [left, bottom]];
    }
    return o.mask || o.nodes ? [] : [...o.points, ...o.holes.flat()];
  }

  private frameBox(c: Ctx, o: Obj, color: string, px: number, dashed: boolean): void {
    const [left, top, right, bottom] = bounds(o);
    c.setLineDash(dashed ? [6 * px, 4 * px] : []);
    for (const [width, style] of [[3.5, "#000b"], [1.5, color]] as const) {
      c.lineWidth = width * px;
      c.strokeStyle = style;
      c.strokeRect(left, top, right - left, bottom - top);
    }
    c.setLineDash([]);
  }

  private paintGraph(c: Ctx, o: Obj, color: string, px: number, active: boolean): void {
    const nodes = o.nodes ?? {};
    const template = this.scene.templates.get(o.classId);
    for (const [width, style] of active ? ([[4, "#000b"], [2, "#fff"]] as const) : ([[2, color]] as const)) {
      c.lineWidth = width * px;
      c.strokeStyle = style;
      for (const e of template?.edges ?? []) {
        const [a, b] = [nodes[e.src], nodes[e.dst]];
        if (!a || !b) continue;
        c.setLineDash(a.disabled || b.disabled ? [4 * px, 4 * px] : []);
        c.beginPath();
        c.moveTo(...a.loc);
        c.lineTo(...b.loc);
        c.stroke();
      }
    }
    c.setLineDash([]);
    for (const [id, n] of Object.entries(nodes)) {
      this.dot(c, n.loc, n.disabled ? "#444444" : (template?.nodes[id]?.color ?? color), px, active ? 6 : 4);
      if (active) this.text(c, template?.nodes[id]?.label ?? id, [n.loc[0] + 9 * px, n.loc[1]], px);
    }
  }

  private text(c: Ctx, text: string, [x, y]: Point, px: number): void {
    c.font = `${12 * px}px system-ui, sans-serif`;
    c.textBaseline = "middle";
    c.lineWidth = 3 * px;
    c.lineJoin = "round";
    c.strokeStyle = "#000c";
    c.strokeText(text, x, y);
    c.fillStyle = "#fff";
    c.fillText(text, x, y);
  }

  // Only its outline, dashed: it is not there any more, or not ours.
  private paintGhost(c: Ctx, o: Obj): void {
    const px = 1 / this.view.scale;
    const color = this.scene.marks.get(o.key) === "removed" ? "#ff6b61" : "#ffb020";
    c.beginPath();
    if (o.type === "polygon" || o.type === "line") {
      this.trace(c, o.points, 0);
      if (o.type === "polygon") c.closePath();
      for (const h of o.holes) {
        this.trace(c, h, 0);
        c.closePath();
      }
    } else {
      const [left, top, right, bottom] = bounds(o);
      const grow = o.type === "point" ? 8 * px : 0;
      c.rect(left - grow, top - grow, right - left + 2 * grow, bottom - top + 2 * grow);
    }
    if (o.mask) {
      c.globalAlpha = this.opacity * 0.5;
      c.imageSmoothingEnabled = false;
      c.drawImage(this.maskCanvas(o.mask, color), o.mask.x, o.mask.y);
      c.globalAlpha = 1;
    }
    c.setLineDash([6 * px, 4 * px]);
    for (const [width, style] of [[3.5, "#000a"], [1.8, color]] as const) {
      c.lineWidth = width * px;
      c.strokeStyle = style;
      c.stroke();
    }
    c.setLineDash([]);
  }

  private paintPin(c: Ctx, [x, y]: Point): void {
    const px = 1 / this.view.scale;
    c.beginPath();
    c.arc(x, y - 16 * px, 9 * px, 0.8 * Math.PI, 0.2 * Math.PI);
    c.lineTo(x, y);
    c.closePath();
    c.fillStyle = "#e5484d";
    c.fill();
    c.lineWidth = 1.5 * px;
    c.strokeStyle = "#fff";
    c.stroke();
    c.fillStyle = "#fff";
    c.fillRect(x - px, y - 21 * px, 2 * px, 6 * px);
    c.fillRect(x - px, y - 13 * px, 2 * px, 2 * px);
  }

  private dot(c: Ctx, [x, y]: Point, color: string, px: number, r: number): void {
    c.beginPath();
    c.arc(x, y, r * px, 0, 7);
    c.fillStyle = color;
    c.fill();
    c.lineWidth = 1.5 * px;
    c.strokeStyle = "#fff";
    c.stroke();
    c.lineWidth = 0.8 * px;
    c.strokeStyle = "#000";
    c.stroke();
  }

  private handle(c: Ctx, [x, y]: Point, px: number): void {
    c.fillStyle = "#fff";
    c.strokeStyle = "#000";
    c.lineWidth = px;
    c.fillRect(x - 3.5 * px, y - 3.5 * px, 7 * px, 7 * px);
    c.strokeRect(x - 3.5 * px, y - 3.5 * px, 7 * px, 7 * px);
  }

  private paintDraft(c: Ctx, d: Draft): void {
    const px = 1 / this.view.scale;
    const points = d.cursor ? [...d.points, d.cursor] : d.points;
    const [a, b] = points;
    c.beginPath();
    if (d.type === "rectangle" && a && b) c.rect(Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]));
    else this.trace(c, points, 0);
    if (d.type !== "line") {
      c.globalAlpha = 0.25;
      c.fillStyle = d.color;
      c.fill();
      c.globalAlpha = 1;
    }
    for (const [width, style] of [[3.5, "#000b"], [1.5, d.color]] as const) {
      c.lineWidth = width * px;
      c.strokeStyle = style;
      c.stroke();
    }
    if (d.type !== "rectangle") for (const p of d.points) this.handle(c, p, px);
  }

  private circle(c: Ctx, [x, y]: Point, r: number, erase: boolean): void {
    const px = 1 / this.view.scale;
    c.setLineDash(erase ? [4 * px, 3 * px] : []);
    for (const [width, style] of [[3, "#000"], [1.2, "#fff"]] as const) {
      c.beginPath();
      c.arc(x, y, r, 0, 7);
      c.lineWidth = width * px;
      c.strokeStyle = style;
      c.stroke();
    }
    c.setLineDash([]);
  }

  private crosshair(c: Ctx, [x, y]: Point, d: Doc): void {
    const px = 1 / this.view.scale;
    for (const [width, style] of [[2.5, "#000a"], [1, "#fff"]] as const) {
      c.beginPath();
      c.moveTo(0, y);
      c.lineTo(d.width, y);
      c.moveTo(x, 0);
      c.lineTo(x, d.height);
      c.lineWidth = width * px;
      c.strokeStyle = style;
      c.stroke();
    }
  }
}
