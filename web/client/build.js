// Bundles what needs npm packages into web/static/built. Called by conscope_app/local/client.py,
// and by hand with `npm run build`.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const CLIENT = dirname(fileURLToPath(import.meta.url));
const WEB = dirname(CLIENT);
const STATIC = join(WEB, "static");
const MAKING = join(STATIC, ".being-built");
const BUILT = join(STATIC, "built");

// A folder that is half-made is never taken for a whole one: it gets its name at the end.
rmSync(MAKING, { recursive: true, force: true });

const { metafile } = await build({
  absWorkingDir: WEB,
  entryPoints: ["charts.js", "charts.css", "htmx.js"].map((name) => join(CLIENT, "src", name)),
  outdir: MAKING,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
});

const inputs = Object.keys(metafile.inputs).map((path) => path.split(sep).join("/"));
writeFileSync(join(MAKING, "licences.txt"), licences(packagesAmong(inputs)));
for (const name of readdirSync(MAKING)) {
  const path = join(MAKING, name);
  writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 })); // aiohttp serves it
}
writeFileSync(join(MAKING, "sources.sha256"), digests(inputs));
rmSync(BUILT, { recursive: true, force: true });
mkdirSync(dirname(BUILT), { recursive: true });
renameSync(MAKING, BUILT);

for (const [path, { bytes }] of Object.entries(metafile.outputs)) {
  console.log(`${relative("client", path).split(sep).pop()} ${(bytes / 1000).toFixed(1)} kB`);
}

function packagesAmong(paths) {
  const named = paths.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(named.filter(Boolean))].sort();
}

// What their licences ask for: to go wherever the code goes.
function licences(packages) {
  return packages.map((name) => {
    const room = join(CLIENT, "node_modules", name);
    const { version } = JSON.parse(readFileSync(join(room, "package.json"), "utf8"));
    return `${name} ${version}\n\n${readFileSync(join(room, "LICENSE"), "utf8").trim()}\n`;
  }).join("\n\n");
}

// Of everything that the build was made of, as sha256sum writes it, by paths under web/.
function digests(paths) {
  const ours = paths.filter((path) => !path.includes("node_modules/"));
  const given = ["build.js", "package.json", "package-lock.json"].map((name) => `client/${name}`);
  return [...new Set([...ours, ...given])].sort().map((path) => {
    const digest = createHash("sha256").update(readFileSync(join(WEB, path))).digest("hex");
    return `${digest}  ${path}\n`;
  }).join("");
}
