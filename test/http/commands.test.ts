/** What all commands have in common. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/lib/root.ts";
import { freePort } from "../../scripts/lib/workerd.ts";
import { runScript } from "./support/script.ts";

/** Nobody listens there. */
const nowhere = `http://127.0.0.1:${await freePort()}`;

const COMMANDS = ["send", "doctor", "backfill", "deploy"];

describe.each(COMMANDS)("npm run %s", (command) => {
  it("explains itself with --help", async () => {
    const { code, output } = await runScript(command, "--help");
    expect(code).toBe(0);
    expect(output).toContain(`npm run ${command} --`);
    expect(output).toContain("Exit code: 0 when");
  });

  it("names an option that it does not know, and exits with 1", async () => {
    const { code, output } = await runScript(command, "--frobnicate");
    expect(code).toBe(1);
    expect(output).toContain("Unknown option '--frobnicate'");
    expect(output).toContain(`npm run ${command} -- --help`);
    expect(output).not.toContain("at parseArgs");
  });

  it("is described in docs/commands.md", async () => {
    expect(await readFile(join(ROOT, "docs/commands.md"), "utf8")).toContain(`## npm run ${command}`);
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
  ["backfill", ["no-such-file.csv"], "no-such-file.csv cannot be read (ENOENT)."],
  ["backfill", ["README.md"], "README.md: its name does not say what it is."],
  ["backfill", ["x.csv", "--batch", "5000"], '--batch must be a whole number from 1 to 1000, not "5000".'],
  ["backfill", ["x.csv", "--map", "price=Price"], "--map takes field=Column with a field of order_id"],
  ["backfill", ["x.csv", "--format", "xml"], '--format must be csv or ndjson, not "xml".'],
  ["backfill", ["x.csv", "--delimiter", "::"], "--delimiter must be one character"],
  ["deploy", ["production"], 'Unexpected argument "production".'],
  ["deploy", ["--secrets-file", "no-such-file"], "no-such-file cannot be read (ENOENT)."],
])("npm run %s -- %j says what is wrong", async (command, options, message) => {
  const { code, output } = await runScript(command, ...options);
  expect(output).toContain(message);
  expect(output).not.toMatch(/^ +at /m);
  expect(code).toBe(1);
});
