// An orchard's server in the middle of its work: people, jobs in every status, fruits that have been
// labeled. What the screenshots and the tests of whole screens look at.
import { deflateSync } from "node:zlib";
import { ROLE } from "./lab.mjs";

// Where the fruits are in the demo images: centre and radii.
export const FRUITS = {
  "IMG_0748.jpeg": { lemon: [[579, 273, 305, 186], [302, 659, 202, 164], [546, 839, 212, 203]], kiwi: [[1340, 399, 212, 164], [967, 916, 177, 164], [1237, 823, 190, 161]] },
  "IMG_1836.jpeg": { lemon: [[1071, 474, 328, 215]], kiwi: [[490, 527, 248, 190], [833, 680, 218, 218]] },
  "IMG_2084.jpeg": { lemon: [[386, 647, 155, 193], [784, 583, 223, 146], [497, 943, 172, 176]], kiwi: [[857, 840, 141, 141]] },
  "IMG_3861.jpeg": { lemon: [[343, 624, 208, 269]], kiwi: [[783, 498, 204, 196], [836, 910, 208, 208]] },
  "IMG_4451.jpeg": { lemon: [[395, 432, 266, 178], [885, 370, 242, 159], [615, 664, 211, 199]], kiwi: [[1276, 502, 171, 174], [1105, 725, 171, 181]] },
  "IMG_8144.jpeg": { lemon: [[392, 312, 190, 217], [471, 784, 272, 190], [1249, 728, 178, 184]], kiwi: [[805, 254, 141, 178], [1181, 294, 184, 162], [906, 600, 153, 150], [900, 934, 165, 153]] },
};
export const README = "# Lemons and kiwis\n\n- Draw **every** fruit, whole or cut, with its own mask.\n- Leave out shadows and the board.\n- *Size* is judged against the plate.";

let table;
function crc(bytes) {
  table ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  let c = 0xffffffff;
  for (const b of bytes) c = table[(c ^ b) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}
export function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc(body), body.length + 4);
  return out;
}

// A mask in the wire's form: an ellipse.
export function ellipse([cx, cy, rx, ry]) {
  const [w, h, stride] = [2 * rx, 2 * ry, ((2 * rx + 7) >> 3) + 1];
  const raw = Buffer.alloc(stride * h);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) if (((x + 0.5 - rx) / rx) ** 2 + ((y + 0.5 - ry) / ry) ** 2 <= 1) raw[y * stride + 1 + (x >> 3)] |= 128 >> (x & 7);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(w, 0);
  head.writeUInt32BE(h, 4);
  head.set([1, 3], 8);
  const png = Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head), chunk("PLTE", Buffer.from([0, 0, 0, 255, 255, 255])), chunk("tRNS", Buffer.from([0])),
    chunk("IDAT", deflateSync(raw)), chunk("IEND", Buffer.alloc(0))]);
  return { origin: [cx - rx, cy - ry], data: deflateSync(png).toString("base64") };
}

export async function orchard(s) {
  await s.meta();
  const people = {};
  for (const [name, role] of Object.entries({ anna: ROLE.manager, labeler_1: ROLE.annotator, labeler_2: ROLE.annotator, boris: ROLE.reviewer })) people[name] = await s.user(name, role);
  for (const p of Object.values(people)) p.token = await s.logIn(p.login, p.password);
  const { classes, tags } = await s.call("projects.meta", { id: s.projectId });
  const size = tags.find((t) => t.name === "size");
  const make = (name, labeler, meta) => s.job({ name, userIds: [people[labeler].id], reviewerId: people.boris.id, readme: README, description: "Fruits on the board, morning light", meta });
  const story = [
    ["lemons, morning batch", "labeler_1", "in_progress", ["done", "done", "done"], ["lemon"]],
    ["kiwi masks with complex settings", "labeler_2", "on_review", ["accepted", "accepted", "rejected", "done", "done", "done"], ["kiwi"]],
    ["boxes for the sorter", "labeler_2", "completed", ["accepted", "accepted", "accepted", "accepted", "accepted", "accepted"], ["box"]],
    ["stems and spots", "labeler_1", "stopped", ["done"], []],
    ["leaves, second look", "labeler_2", "in_progress", ["done", "done", "rejected", "done"], []],
    ["size and origin tags", "labeler_1", "pending", [], []],
  ];
  const jobs = [];
  for (const [name, labeler, status, images, draws] of story) {
    const job = await make(name, labeler, { classes: name.startsWith("boxes") ? ["box"] : ["lemon", "kiwi"], projectTags: ["size", "origin"], imageFiguresLimit: 10 });
    const as = { token: people[labeler].token, jobId: job.id };
    jobs.push(job);
    if (status !== "pending") await s.call("jobs.set-status", { id: job.id, status: "in_progress" });
    for (const [i, review] of images.entries()) {
      const image = job.entities[i];
      for (const title of draws) {
        const shape = title === "box" ? "rectangle" : "bitmap";
        const figures = (FRUITS[image.name]?.[title === "box" ? "lemon" : title] ?? []).map((e, k) => ({
          classId: classes.find((c) => c.title === title).id, geometryType: shape, tags: shape === "bitmap" ? [{ tagId: size.id, name: "size", value: ["big", "medium", "small"][k % 3] }] : [],
          geometry: shape === "bitmap" ? { bitmap: ellipse(e) } : { points: { exterior: [[e[0] - e[2], e[1] - e[3]], [e[0] + e[2], e[1] + e[3]]], interior: [] } },
        }));
        const made = figures.length ? await s.call("figures.bulk.add", { entityId: image.id, figures }, as.token, { "x-job-id": as.jobId }) : [];
        for (const [k, f] of made.entries()) await s.call("figures.add-annotation-duration", { figureId: f.id, duration: 20 + ((image.id * 13 + k * 7) % 60) }, as.token, { "x-job-id": as.jobId });
      }
      await s.call("jobs.entities.update-review-status", { jobId: job.id, entityId: image.id, status: "done" }, as.token);
      if (review !== "done") await s.call("jobs.entities.update-review-status", { jobId: job.id, entityId: image.id, status: review });
    }
    if (status !== "pending" && status !== "in_progress") await s.call("jobs.set-status", { id: job.id, status });
  }
  await s.call("jobs.bulk.set-priority", { jobs: [{ id: jobs[0].id, priority: 1 }, { id: jobs[4].id, priority: 2 }] });
  return { people, jobs, classes, tags };
}
