/** What all commands have in common. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { ROOT } from "../../scripts/lib/root.ts";
import { freePort } from "../../scripts/lib/workerd.ts";
import { runScript } from "./support/script.ts";

/** Nothing listens there. */
const nowhere = `http://127.0.0.1:${await freePort()}`;

/** Name and script of each command; others, such as `npm run types`, are a tool's own. */
const COMMANDS = Object.entries(packageJson.scripts).flatMap(([name, line]) => {
  const script = /^node scripts\/([\w-]+)\.ts$/.exec(line)?.[1];
  return script === undefined ? [] : [{ name, script }];
});

describe.each(COMMANDS)("npm run $name", ({ name, script }) => {
  it("explains itself with --help and starts nothing", async () => {
    const { code, output } = await runScript(script, "--help");
    expect(code).toBe(0);
    expect(output).toContain(`npm run ${name}`);
    expect(output).toContain("Exit code: ");
    expect(output.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("names an option that it does not know, and exits with 1", async () => {
    const { code, output } = await runScript(script, "--bogus");
    expect(code).toBe(1);
    expect(output).toContain("Unknown option '--bogus'");
    expect(output).toContain(`npm run ${name} -- --help`);
    expect(output).not.toContain("at parseArgs");
  });

  it("is described in docs/commands.md", async () => {
    expect(await readFile(join(ROOT, "docs/commands.md"), "utf8")).toContain(`npm run ${name}`);
  });
});

it.each([
  ["send", ["--wait", "x", "file.json"], '--wait must be a whole number from 0 to 3600, not "x".'],
  ["send", [], "Name one file with an event"],
  ["send", ["no-such-file.json"], "no-such-file.json cannot be read (ENOENT)."],
  ["send", ["examples/page.json", "--url", "ftp://x"], "--url must be an address such as https://"],
  ["send", ["examples/page.json", "--set", "x"], "--set takes a path and a value"],
  ["send", ["examples/page.json", "--url", nowhere], "nothing listens there"],
  ["send", ["README.md"], "README.md is not JSON"],
  ["doctor", ["somewhere"], 'Unexpected argument "somewhere".'],
  ["doctor", ["--orders-per-day", "0"], "--orders-per-day must be a whole number from 1"],
  ["backfill", [], "Name one file of orders"],
  ["backfill", ["no-such-file.csv", "--dry-run"], "no-such-file.csv cannot be read (ENOENT)."],
  ["backfill", ["README.md", "--dry-run"], "README.md: its name does not say what it is."],
  [
    "backfill",
    ["x.csv", "--dry-run", "--batch", "5000"],
    '--batch must be a whole number from 1 to 1000, not "5000".',
  ],
  [
    "backfill",
    ["x.csv", "--dry-run", "--map", "price=Price"],
    "--map takes field=Column with a field of order_id",
  ],
  ["backfill", ["x.csv", "--dry-run", "--format", "xml"], '--format must be csv or ndjson, not "xml".'],
  ["backfill", ["x.csv", "--dry-run", "--delimiter", "::"], "--delimiter must be one character"],
  ["demo", ["now"], 'Unexpected argument "now".'],
  ["demo-status", ["1000"], 'Unexpected argument "1000".'],
  ["demo-status", ["--port", "x"], '--port must be a whole number from 1 to 65535, not "x".'],
  ["dev", ["production"], 'Unexpected argument "production".'],
  ["dev", ["--port", "x"], '--port must be a whole number from 1 to 65535, not "x".'],
  ["deploy", ["production"], 'Unexpected argument "production".'],
  ["deploy", ["--secrets-file", "no-such-file"], "no-such-file cannot be read (ENOENT)."],
])("npm run %s -- %j says what is wrong", async (command, options, message) => {
  const { code, output } = await runScript(command, ...options);
  expect(output).toContain(message);
  expect(output).not.toMatch(/^ +at /m);
  expect(code).toBe(1);
});
