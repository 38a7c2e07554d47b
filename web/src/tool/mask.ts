// Binary masks: drawing into them exactly, and the wire's form of them, base64(zlib(PNG)).
// Nothing is ever blended: a pixel belongs to the object or it does not.

import { crc32 } from "../zip";

export interface Mask {
  x: number; // where its first pixel stands on the image
  y: number;
  w: number;
  h: number;
  bits: Uint8Array; // w * h, 0 or 1
}

export interface Box {
  left: number;
  top: number;
  right: number; // exclusive
  bottom: number;
}

// Set every pixel whose centre is within r of the segment a-b. Answers what may have changed.
export function stroke(m: Mask, ax: number, ay: number, bx: number, by: number, r: number, value: 0 | 1): Box {
  const left = Math.max(m.x, Math.floor(Math.min(ax, bx) - r));
  const right = Math.min(m.x + m.w, Math.ceil(Math.max(ax, bx) + r) + 1);
  const top = Math.max(m.y, Math.floor(Math.min(ay, by) - r));
  const bottom = Math.min(m.y + m.h, Math.ceil(Math.max(ay, by) + r) + 1);
  const dx = bx - ax;
  const dy = by - ay;
  const length2 = dx * dx + dy * dy;
  for (let y = top; y < bottom; y++) {
    const row = (y - m.y) * m.w - m.x;
    const py = y + 0.5 - ay;
    for (let x = left; x < right; x++) {
      const px = x + 0.5 - ax;
      const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / length2));
      const ex = px - t * dx;
      const ey = py - t * dy;
      if (ex * ex + ey * ey <= r * r) m.bits[row + x] = value;
    }
  }
  return { left, top, right: Math.max(left, right), bottom: Math.max(top, bottom) };
}

// The mask cut to what is drawn; null when nothing is.
export function crop(m: Mask): Mask | null {
  let left = m.w;
  let right = -1;
  let top = -1;
  let bottom = -1;
  for (let y = 0; y < m.h; y++) {
    const row = m.bits.subarray(y * m.w, (y + 1) * m.w);
    const first = row.indexOf(1);
    if (first < 0) continue;
    if (top < 0) top = y;
    bottom = y;
    left = Math.min(left, first);
    right = Math.max(right, row.lastIndexOf(1));
  }
  if (top < 0) return null;
  const w = right - left + 1;
  const h = bottom - top + 1;
  const bits = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) bits.set(m.bits.subarray((y + top) * m.w + left, (y + top) * m.w + right + 1), y * w);
  return { x: m.x + left, y: m.y + top, w, h, bits };
}

// The same mask on a canvas of the whole image, to draw in.
export function spread(m: Mask | null, width: number, height: number): Mask {
  const out: Mask = { x: 0, y: 0, w: width, h: height, bits: new Uint8Array(width * height) };
  if (m)
    for (let y = Math.max(0, -m.y); y < m.h && y + m.y < height; y++)
      for (let x = Math.max(0, -m.x); x < m.w && x + m.x < width; x++) out.bits[(y + m.y) * width + x + m.x] = m.bits[y * m.w + x] ?? 0;
  return out;
}

export const hits = (m: Mask, x: number, y: number): boolean => {
  const px = Math.floor(x) - m.x;
  const py = Math.floor(y) - m.y;
  return px >= 0 && py >= 0 && px < m.w && py < m.h && m.bits[py * m.w + px] === 1;
};

// ---- the wire ----

async function pipe(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}
const deflate = (b: Uint8Array<ArrayBuffer>) => pipe(b, new CompressionStream("deflate"));
const inflate = (b: Uint8Array<ArrayBuffer>) => pipe(b, new DecompressionStream("deflate"));

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(data.length + 8, crc32(out.subarray(4, data.length + 8)));
  return out;
}

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

function join(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

// A PNG of one bit a pixel: palette of black and white, black transparent, as the SDK writes it.
export async function encode(m: Mask): Promise<{ origin: [number, number]; data: string }> {
  const stride = (m.w + 7) >> 3;
  const raw = new Uint8Array((stride + 1) * m.h);
  for (let y = 0; y < m.h; y++) {
    const row = y * (stride + 1) + 1;
    for (let x = 0; x < m.w; x++) if (m.bits[y * m.w + x]) raw[row + (x >> 3)] = (raw[row + (x >> 3)] as number) | (128 >> (x & 7));
  }
  const head = new Uint8Array(13);
  new DataView(head.buffer).setUint32(0, m.w);
  new DataView(head.buffer).setUint32(4, m.h);
  head.set([1, 3], 8);
  const png = join([
    Uint8Array.from(SIGNATURE), chunk("IHDR", head), chunk("PLTE", Uint8Array.from([0, 0, 0, 255, 255, 255])), chunk("tRNS", Uint8Array.from([0])),
    chunk("IDAT", await deflate(raw)), chunk("IEND", new Uint8Array()),
  ]);
  return { origin: [m.x, m.y], data: toBase64(await deflate(png)) };
}

// The picture of an alpha mask: its own alpha, or its grey, is how much of a pixel it covers.
export async function decodeAlpha(data: string): Promise<ImageBitmap> {
  const packed = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const png = SIGNATURE.every((b, i) => packed[i] === b) ? packed : await inflate(packed);
  const picture = await createImageBitmap(new Blob([png], { type: "image/png" }));
  if (png[25] === 6 || png[25] === 4) return picture;
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const c = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  c.drawImage(picture, 0, 0);
  const all = c.getImageData(0, 0, picture.width, picture.height);
  for (let i = 0; i < all.data.length; i += 4) all.data[i + 3] = all.data[i] as number;
  return createImageBitmap(all);
}

export async function decode(origin: [number, number], data: string): Promise<Mask> {
  const packed = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const png = SIGNATURE.every((b, i) => packed[i] === b) ? packed : await inflate(packed);
  const view = new DataView(png.buffer);
  const w = view.getUint32(16);
  const h = view.getUint32(20);
  const depth = png[24] as number;
  const kind = png[25] as number;
  const parts: Uint8Array[] = [];
  let clear: Uint8Array | undefined;
  for (let at = 8; at + 12 <= png.length; ) {
    const n = view.getUint32(at);
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (type === "IDAT") parts.push(png.subarray(at + 8, at + 8 + n));
    if (type === "tRNS") clear = png.subarray(at + 8, at + 8 + n);
    at += n + 12;
  }
  const channels = kind === 6 ? 4 : kind === 4 ? 2 : kind === 2 ? 3 : 1;
  const stride = (w * channels * depth + 7) >> 3;
  const raw = unfilter(await inflate(join(parts)), stride, h, Math.max(1, (channels * depth) >> 3));
  const bits = new Uint8Array(w * h);
  const levels = (1 << depth) - 1;
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const row = y * stride;
      let drawn: boolean;
      if (channels === 1) {
        const per = 8 / depth;
        const v = depth >= 8 ? (raw[row + x] as number) : ((raw[row + Math.floor(x / per)] as number) >> (8 - depth * ((x % per) + 1))) & levels;
        drawn = kind === 3 && clear ? (clear[v] ?? 255) > 0 : v > 0;
      } else {
        const at = row + x * channels * (depth >> 3);
        drawn = (channels === 3 ? (raw[at] as number) | (raw[at + 1] as number) | (raw[at + 2] as number) : (raw[at + (channels - 1) * (depth >> 3)] as number)) > 0;
      }
      if (drawn) bits[y * w + x] = 1;
    }
  return { x: origin[0], y: origin[1], w, h, bits };
}

function unfilter(data: Uint8Array, stride: number, h: number, bpp: number): Uint8Array {
  const out = new Uint8Array(stride * h);
  for (let y = 0; y < h; y++) {
    const filter = data[y * (stride + 1)];
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    for (let i = 0; i < stride; i++) {
      const a = i >= bpp ? (out[to + i - bpp] as number) : 0;
      const b = y > 0 ? (out[to + i - stride] as number) : 0;
      const c = i >= bpp && y > 0 ? (out[to + i - stride - bpp] as number) : 0;
      let guess = 0;
      if (filter === 1) guess = a;
      else if (filter === 2) guess = b;
      else if (filter === 3) guess = (a + b) >> 1;
      else if (filter === 4) {
        const p = a + b - c;
        const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
        guess = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      }
      out[to + i] = (data[from + i] as number) + guess;
    }
  }
  return out;
}
