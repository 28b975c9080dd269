/**
 * Builds the Worker into build/worker. wrangler runs it before it uploads or starts anything ([build] in
 * wrangler.toml), so it cannot be forgotten.
 *
 * wrangler's own bundle is one script. Here every `import()` of src becomes a module of its own, so that an order, and
 * the start before it, load neither the pages nor the backups. What the pages load in the browser and the OpenAPI
 * document, which outweighs neither of the libraries that write it, go along as text modules (.txt).
 *
 * Plain JavaScript, because wrangler starts it with whatever Node it was started with.
 *
 * `node scripts/build.js [entry] [folder]`: another entry, as the drill has, into another folder.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const FROM = join(ROOT, "src/status/browser");
const TO = join(ROOT, "build/browser");
const [ENTRY = "src/index.ts", WORKER = "build/worker"] = process.argv.slice(2);

/** What the routes import may extend the runtime's classes, which Node does not have; nothing here makes one. */
const withoutRuntime = {
  name: "without-runtime",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^cloudflare:/ }, ({ path }) => ({ path, namespace: "runtime" }));
    onLoad({ filter: /.*/, namespace: "runtime" }, () => ({
      contents: "export class DurableObject {}; export const connect = undefined;",
    }));
  },
};

/**
 * Leaves out what only documents: descriptions of settings, which the commands show, and of routes, which are in the
 * OpenAPI document by now. What is missed here costs bytes and nothing else.
 */
const withoutDescriptions = {
  name: "without-descriptions",
  setup({ onLoad }) {
    const leaveOut = (filter, pattern) =>
      onLoad({ filter }, async ({ path }) => ({
        contents: (await readFile(path, "utf8")).replace(pattern, ""),
        loader: "ts",
      }));
    leaveOut(/src.config.(trustpilot-)?settings\.ts$/, /\babout:\s*"(?:[^"\\]|\\.)*",/g);
    leaveOut(/src.status.(\w+-api|operate|metrics)\.ts$/, /^ {2}describeRoute\(\{[^]*?^ {2}\}\),$/gm);
  },
};

const { outputFiles } = await build({
  entryPoints: [join(FROM, "page.ts"), join(FROM, "chart.ts"), join(FROM, "page.css")],
  outdir: TO,
  outExtension: { ".js": ".js.txt", ".css": ".css.txt" },
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  target: ["es2023", "chrome123", "firefox121", "safari17.5"],
  legalComments: "none",
  logLevel: "warning",
});
await mkdir(TO, { recursive: true });
for (const { path, contents } of outputFiles) await replace(path, contents);
await replace(join(TO, "icon.svg.txt"), await readFile(join(FROM, "icon.svg")));
await replace(join(ROOT, "build/openapi.json.txt"), await describeApi());
await buildWorker(join(ROOT, ENTRY), join(ROOT, WORKER));

/** @param outdir holds nothing but the Worker afterwards: wrangler uploads whatever is there */
async function buildWorker(entry, outdir) {
  const texts = new Map();
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { index: entry },
    outdir,
    bundle: true,
    splitting: true,
    // `rules` in wrangler.toml says what it is; the plugin of the tests applies it to every dependency, too.
    outExtension: { ".js": ".mjs" },
    minify: true,
    write: false,
    format: "esm",
    sourcemap: "linked",
    // What wrangler takes for workerd.
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    alias: {
      // The document is written above; the libraries that do so are a fifth of all there is.
      "hono-openapi": "./src/status/openapi-written.ts",
      // The same as modules, which a bundler trims; Node, for the scripts, needs the other form.
      "validator/lib/isEmail.js": "validator/es/lib/isEmail.js",
    },
    plugins: [textModules(texts), withoutDescriptions],
    legalComments: "none",
    logLevel: "warning",
  });
  await mkdir(outdir, { recursive: true });
  for (const [name, path] of texts) await replace(join(outdir, name), await readFile(path));
  // The entry comes first, and must be there last: another process may be starting the Worker.
  for (const { path, contents } of outputFiles.toReversed()) await replace(path, contents);
  const built = new Set([...texts.keys(), ...outputFiles.map(({ path }) => basename(path))]);
  for (const name of await readdir(outdir)) if (!built.has(name)) await rm(join(outdir, name));
}

/** Leaves imports of .txt files to the runtime. @param found is filled with their paths by name */
function textModules(found) {
  return {
    name: "text-modules",
    setup({ onResolve }) {
      onResolve({ filter: /\.txt$/ }, ({ path, resolveDir }) => {
        const name = basename(path);
        found.set(name, join(resolveDir, path));
        return { path: `./${name}`, external: true };
      });
    },
  };
}

/** The routes describe themselves: here they run in Node, with the library that the Worker does without. */
async function describeApi() {
  const script = join(ROOT, `build/api-${process.pid}.mjs`);
  await build({
    entryPoints: [join(ROOT, "src/status/api.ts")],
    outfile: script,
    bundle: true,
    format: "esm",
    platform: "node",
    // Looked for by the library, and not in use.
    external: ["zod"],
    plugins: [withoutRuntime],
    logLevel: "warning",
  });
  const { api } = await import(pathToFileURL(script).href);
  const response = await api.request("/openapi.json");
  await rm(script);
  return response.text();
}

/** Replaced at once: another wrangler may be reading the old file. */
async function replace(path, contents) {
  await writeFile(`${path}.${process.pid}`, contents);
  await rename(`${path}.${process.pid}`, path);
}
