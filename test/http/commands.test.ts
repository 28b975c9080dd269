/** What all commands have in common. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { exampleRequest } from "../../scripts/dev/example-request.ts";
import { ROOT } from "../../scripts/lib/root.ts";
import { readCredentials } from "../../scripts/lib/credentials.ts";
import { expectNoSecrets } from "../../scripts/lib/secret-arguments.ts";
import { freePort } from "../../scripts/lib/workerd.ts";
import { runScript } from "./support/script.ts";

/** Nothing listens there. */
const nowhere = `http://127.0.0.1:${await freePort()}`;

const HIDDEN = "hidden-0123456789-hidden";

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
    // An option for a secret; --secrets-file names a file.
    expect(output.match(/--[\w-]*(secret|token|key|password|passphrase|identity)\b/g)).toBeNull();
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

describe("a secret on the command line", () => {
  /** Each goes through `run`, as the test of --bogus shows, and `run` starts with this. */
  it.each([
    ["--secret", "SEGMENT_SHARED_SECRET"],
    [`--secret=${HIDDEN}`, "SEGMENT_SHARED_SECRET"],
    [`--Secret=${HIDDEN}`, "SEGMENT_SHARED_SECRET"],
    ["--token", "SEGMENT_TOKEN"],
    ["--key", "TRUSTPILOT_INTEGRATION_KEY"],
    ["-password", "STATUS_PASSWORD"],
    [`--status-password=${HIDDEN}`, "STATUS_PASSWORD"],
    [`--ledger-secret=${HIDDEN}`, "LEDGER_SECRET"],
    [`--trustpilot-api-secret=${HIDDEN}`, "TRUSTPILOT_API_SECRET"],
    [`STATUS_PASSWORD=${HIDDEN}`, "STATUS_PASSWORD"],
    [`--var=SEGMENT_SHARED_SECRET:${HIDDEN}`, "SEGMENT_SHARED_SECRET"],
    [`SEGMENT_SHARED_SECRET_UK:${HIDDEN}`, "SEGMENT_SHARED_SECRET_UK"],
    [`SEGMENT_SHARED_SECRET_UK_PREVIOUS:${HIDDEN}`, "SEGMENT_SHARED_SECRET_UK_PREVIOUS"],
    [`ALERT_WEBHOOK_URL:https://hooks.example.com/${HIDDEN}`, "ALERT_WEBHOOK_URL"],
    [`CF_ACCESS_CLIENT_SECRET=${HIDDEN}`, "CF_ACCESS_CLIENT_SECRET"],
    ["--passphrase", "LEDGER_PASSPHRASE"],
    [`--identity=${HIDDEN}`, "LEDGER_IDENTITY"],
    [`CLOUDFLARE_API_TOKEN=${HIDDEN}`, "CLOUDFLARE_API_TOKEN"],
  ])("given as %s is not taken, and its variable named", (argument, variable) => {
    const run = () => expectNoSecrets(["file.json", argument, HIDDEN]);
    expect(run).toThrow(`Set ${variable} in the environment or in .dev.vars instead.`);
    expect(run).not.toThrow(HIDDEN);
  });

  it("is no file of secrets, no setting that is none, and no product's name", () => {
    const fine = [
      ...["--secrets-file", "secrets.env", "--var=TRUSTPILOT_API_URL:http://127.0.0.1:1/api", "--map"],
      ...["order_id=Key,email=Secret", "--set", "properties.name=a token=1", "--url", "https://key.example"],
    ];
    expect(() => expectNoSecrets(fine)).not.toThrow();
  });

  it.each([
    ["send", ["examples/page.json", "--secret", HIDDEN]],
    ["dev", ["--", "--var", `STATUS_PASSWORD:${HIDDEN}`]],
  ])("of npm run %s stops it before anything is sent or started", async (name, options) => {
    const { code, output } = await runScript(name, ...options);
    expect(output).toContain("No secret on the command line, please");
    expect(output).not.toContain(HIDDEN);
    expect(code).toBe(1);
  });

  it("is found in the environment, that of one shop under its own name", async () => {
    vi.stubEnv("SEGMENT_SHARED_SECRET", "common");
    vi.stubEnv("SEGMENT_SHARED_SECRET_UK_WEST", "the shop's own");
    vi.stubEnv("SEGMENT_SHARED_SECRET_NL", "");
    vi.stubEnv("STATUS_PASSWORD", "for all shops");
    const at = async (path: string) => {
      const { secret, password } = await readCredentials(new URL(`https://worker.example${path}`));
      return { secret, password };
    };
    const password = "for all shops";
    expect(await at("/")).toEqual({ secret: "common", password });
    expect(await at("/shops/uk-west/segment")).toEqual({ secret: "the shop's own", password });
    expect(await at("/segment/uk-west")).toEqual({ secret: "the shop's own", password });
    expect(await at("/shops/nl")).toEqual({ secret: null, password });
    vi.unstubAllEnvs();
  });

  it("is not what npm run dev proposes, with a shared secret or without", () => {
    const secrets = { TRUSTPILOT_INTEGRATION_KEY: HIDDEN, SEGMENT_TOKEN: HIDDEN };
    const unsigned = exampleRequest(8787, secrets);
    expect(unsigned).toContain("npm run send -- examples/order-completed.json --url http://localhost:8787");
    const signed = exampleRequest(8787, { ...secrets, SEGMENT_SHARED_SECRET: HIDDEN });
    expect(signed).toMatch(/-H 'X-Signature: [\da-f]{40}'/);
    expect(unsigned + signed).not.toContain(HIDDEN);
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
