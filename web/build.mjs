// Build the web UI: web/src to build/web, bundled by esbuild, each file also compressed for the wire.
// Names below assets/ carry a hash of their content, so that browsers may keep them for ever.
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../build/web");

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const result = await build({
  entryPoints: { app: join(here, "src/main.tsx"), boot: join(here, "src/boot.ts"), style: join(here, "src/style.css") },
  outdir: join(out, "assets"),
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  alias: { react: "preact/compat" },
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const made = {};
for (const [path, meta] of Object.entries(result.metafile.outputs))
  if (meta.entryPoint) made[relative(here, meta.entryPoint).replace(/^.*src\//, "")] = "/" + relative(out, path);

const page = (await readFile(join(here, "src/index.html"), "utf8"))
  .replace("BOOT", made["boot.ts"])
  .replace("STYLE", made["style.css"])
  .replace("APP", made["main.tsx"]);
await writeFile(join(out, "index.html"), page);
await cp(join(here, "public"), out, { recursive: true });

for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (!entry.isFile() || !/\.(html|js|css|svg)$/.test(entry.name)) continue;
  const bytes = await readFile(path);
  const packed = gzipSync(bytes, { level: 9 });
  if (packed.length >= bytes.length) continue;
  await writeFile(path + ".gz", packed);
  await writeFile(path + ".br", brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
