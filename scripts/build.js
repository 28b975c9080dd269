/**
 * Builds what the Worker carries as text: what the status page loads in the browser (src/status/browser), and the
 * OpenAPI document, which the libraries that write it outweigh by far. wrangler runs it before it bundles ([build] in
 * wrangler.toml), so it cannot be forgotten.
 *
 * The results end in .txt: that makes them text modules beside the Worker's script, which are sent as they are.
 * Plain JavaScript, because wrangler starts it with whatever Node it was started with.
 */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const FROM = join(ROOT, "src/status/browser");
const TO = join(ROOT, "build/browser");

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
