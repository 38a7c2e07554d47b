// Zip archives of any size, read and written piece by piece: what libraries do in memory, or in
// workers that our content policy forbids. Files are stored as they are: images are packed already.
let table: Uint32Array | undefined;
export function crc32(bytes: Uint8Array, before = 0): number {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  let c = ~before;
  for (const b of bytes) c = (table[(c ^ b) & 255] as number) ^ (c >>> 8);
  return ~c >>> 0;
}

const FILES_MAX = 65000;
const BYTES_MAX = 4e9; // beyond these the format is another one
const UTF8 = 0x800;

function record(signature: number, fields: [size: 2 | 4, value: number][], ...tail: Uint8Array<ArrayBuffer>[]): Blob {
  const view = new DataView(new ArrayBuffer(4 + fields.reduce((n, [size]) => n + size, 0)));
  view.setUint32(0, signature, true);
  let at = 4;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Blob([view.buffer, ...tail]);
}

export class ZipWriter {
  private parts: Blob[] = [];
  private directory: Blob[] = [];
  private at = 0;

  async add(path: string, content: Blob | string): Promise<void> {
    const blob = typeof content === "string" ? new Blob([content]) : content;
    const name = new TextEncoder().encode(path);
    if (this.directory.length >= FILES_MAX || this.at + blob.size > BYTES_MAX) throw new Error("This is too large for one zip file. Use labelctl or the SDK for it.");
    const crc = crc32(new Uint8Array(await blob.arrayBuffer()));
    const common: [2 | 4, number][] = [[2, UTF8], [2, 0], [2, 0], [2, 0x21], [4, crc], [4, blob.size], [4, blob.size], [2, name.length], [2, 0]];
    const head = record(0x04034b50, [[2, 20], ...common], name);
    this.directory.push(record(0x02014b50, [[2, 20], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, this.at]], name));
    this.parts.push(head, blob);
    this.at += head.size + blob.size;
  }
  finish(): Blob {
    const size = this.directory.reduce((n, b) => n + b.size, 0);
    const n = this.directory.length;
    return new Blob([...this.parts, ...this.directory, record(0x06054b50, [[2, 0], [2, 0], [2, n], [2, n], [4, size], [4, this.at], [2, 0]])], { type: "application/zip" });
  }
}

export type Files = Map<string, () => Promise<Blob>>;

// The files of an archive, by path; each is unpacked when it is asked for.
export async function openZip(zip: Blob): Promise<Files> {
  const tailAt = Math.max(0, zip.size - 65557);
  const tail = new DataView(await zip.slice(tailAt).arrayBuffer());
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Error("This is no zip file.");
  const from = tail.getUint32(end + 16, true);
  const view = new DataView(await zip.slice(from, from + tail.getUint32(end + 12, true)).arrayBuffer());
  const files: Files = new Map();
  for (let at = 0; at + 46 <= view.byteLength && view.getUint32(at, true) === 0x02014b50; ) {
    const [method, packed, size, nameLength] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true), view.getUint16(at + 28, true)];
    const start = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, at + 46, nameLength));
    if (!name.endsWith("/") && size !== 0xffffffff) files.set(name, () => unpack(zip, start, packed, method));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;
}

async function unpack(zip: Blob, start: number, packed: number, method: number): Promise<Blob> {
  const head = new DataView(await zip.slice(start, start + 30).arrayBuffer());
  const from = start + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const bytes = zip.slice(from, from + packed);
  if (method === 0) return bytes;
  if (method !== 8) throw new Error("It is packed in a way that is not known here.");
  return new Response(bytes.stream().pipeThrough(new DecompressionStream("deflate-raw"))).blob();
}
