/**
 * Builds what the status page loads in the browser, from src/status/browser to build/browser. wrangler runs it
 * before it bundles ([build] in wrangler.toml), so nothing has to be remembered.
 *
 * The results end in .txt: that makes them text modules beside the Worker's script, which are sent as they are.
 * Plain JavaScript, because wrangler starts it with whatever Node it was started with.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const FROM = join(ROOT, "src/status/browser");
const TO = join(ROOT, "build/browser");

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

/** In one piece: another wrangler may be reading the file of before. */
async function replace(path, contents) {
  await writeFile(`${path}.${process.pid}`, contents);
  await rename(`${path}.${process.pid}`, path);
}
