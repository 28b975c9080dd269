/** Writes what follows from the table of settings: run it after changing src/config/settings.ts. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { ALL_SETTINGS } from "../src/config/settings.ts";
import { run } from "./lib/command.ts";
import { ROOT } from "./lib/root.ts";
import { devVarsExample, formDescriptions, settingsPage } from "./lib/settings-files.ts";

const HELP = `
npm run settings

Writes docs/settings.md, .dev.vars.example and, in package.json, the texts of
the "Deploy to Cloudflare" form from the table in src/config/settings.ts.

Exit code: 0.
`;

await run({ name: "npm run settings", help: HELP, options: {} }, async () => {
  const packageJson = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as PackageJson;
  const { bindings } = packageJson.cloudflare;
  // What is not in the table is a binding, described in package.json alone.
  const others = Object.entries(bindings).filter(([name]) =>
    ALL_SETTINGS.every((setting) => setting.name !== name),
  );
  packageJson.cloudflare.bindings = { ...formDescriptions(), ...Object.fromEntries(others) };
  await writeFile(join(ROOT, "package.json"), `${JSON.stringify(packageJson, null, 2)}\n`);
  await writeFile(
    join(ROOT, "docs/settings.md"),
    await format(settingsPage(), { ...(await resolveConfig(ROOT)), parser: "markdown" }),
  );
  await writeFile(join(ROOT, ".dev.vars.example"), devVarsExample());
  return 0;
});

interface PackageJson {
  cloudflare: { bindings: Record<string, { description: string }> };
}
