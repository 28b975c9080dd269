import { readdir, readFile, writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/lib/root.ts";
import { runWith } from "./support/script.ts";
import { SECRET, standIn, TestWorker } from "./support/worker.ts";

const KEY = "sendCommandTests";

/** The table of examples/README.md: file, status and outcomes. */
const table = await readFile(join(ROOT, "examples/README.md"), "utf8");
const documented = [...table.matchAll(/^\| `(\S+)` .*\| (\d{3}) ([\w, ]+?)(?: with .*)? *\|$/gm)].map(
  ([, file, status, outcomes]) => ({ file: file!, status: status!, outcomes: outcomes!.split(", ") }),
);

let worker: TestWorker;
let folder: string;
beforeAll(async () => {
  worker = await TestWorker.start(KEY, { EXCLUDE_AUDIENCES: "staff" });
  folder = await mkdtemp(join(tmpdir(), "send-"));
});
afterAll(async () => {
  await worker.remove();
  await rm(folder, { recursive: true, force: true });
});

const send = (...options: string[]) =>
  runWith({ SEGMENT_SHARED_SECRET: SECRET }, "send", ...options, "--url", worker.origin, "--wait", "0");

describe("the examples", () => {
  it("are all documented", async () => {
    const files = (await readdir(join(ROOT, "examples"))).filter((file) => file.endsWith(".json"));
    expect(documented.map(({ file }) => file).toSorted()).toEqual(files.toSorted());
  });

  it("carry no time: they never become too old", async () => {
    for (const { file } of documented) {
      expect(await readFile(join(ROOT, "examples", file), "utf8")).not.toMatch(/timestamp|sentAt/i);
    }
  });

  it.each(documented)("$file is answered $status $outcomes", async ({ file, status, outcomes }) => {
    const { code, output } = await send(`examples/${file}`);
    const isRejected = outcomes.includes("rejected");
    expect(output).toContain(`← ${status}\n`);
    const answered = [...output.matchAll(/^ {2}(accepted|duplicate|skipped|ignored|rejected)\b/gm)];
    const expected = outcomes.filter((word) => !word.startsWith("then"));
    expect(answered.map(([, outcome]) => outcome)).toEqual(expected);
    expect(code).toBe(isRejected ? 1 : 0);
  });

  it("bring the invitations that they promise, and no others", async () => {
    const promised = documented.filter(({ outcomes }) => outcomes.includes("then invited"));
    // And one of the batch.
    const received = async () => (await standIn.requests(KEY)).map(({ body }) => body["referenceId"]);
    await expect.poll(received, { timeout: 20_000 }).toHaveLength(promised.length + 1);
    expect(new Set(await received()).size).toBe(promised.length + 1);
  });
});

describe("npm run send", () => {
  it("says in the Worker's words why an event is not taken", async () => {
    const { code, output } = await runWith(
      { SEGMENT_SHARED_SECRET: "wrong" },
      "send",
      "examples/page.json",
      "--url",
      worker.origin,
    );
    expect(output).toContain("← 401");
    expect(output).toContain("X-Signature does not match");
    expect(code).toBe(1);
  });

  it("changes what --set names, and gives a --fresh event the time of now", async () => {
    const old = join(folder, "old.json");
    const event = JSON.parse(
      await readFile(join(ROOT, "examples/order-completed-v1.json"), "utf8"),
    ) as object;
    await writeFile(old, JSON.stringify({ ...event, timestamp: "2019-01-01T00:00:00Z" }));
    const set = (id: string) => ["--set", `properties.orderId=${id}`];
    expect((await send(old, ...set("send-old"))).output).toContain(
      "skipped order send-old: The order is older",
    );
    expect((await send(old, ...set("send-fresh"), "--fresh")).output).toContain("accepted order send-fresh");
  });

  it("sends a file as it is, to the byte, when nothing is to be changed", async () => {
    const file = join(folder, "spaced.json");
    await writeFile(file, '{ "type" : "page",\n\n "name": "\\u00e4" }\n');
    const { output } = await send(file);
    expect(output).toContain("ignored: A page event starts no invitation.");
  });

  it("does not send what is no event", async () => {
    const file = join(folder, "number.json");
    await writeFile(file, "42");
    const { code, output } = await send(file);
    expect(output).toContain("is neither an event (a JSON object) nor an array of events.");
    expect(code).toBe(1);
  });

  it("never shows the secret", async () => {
    const { output } = await send("examples/page.json");
    expect(output).not.toContain(SECRET);
  });
});
