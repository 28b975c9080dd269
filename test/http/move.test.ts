import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject, expect, it, onTestFinished } from "vitest";
import { move } from "../../scripts/drill/move.ts";
import { lostOrChanged } from "../../scripts/drill/verdict.ts";
import { readPersonalFile, writePersonalFile } from "../../scripts/ledger/personal-file.ts";

it("a move to 64 ledgers in another jurisdiction loses no order and invites none twice, whatever is killed", async () => {
  const result = await move({
    orders: 600,
    kills: 1,
    killWithin: 1_500,
    standInOrigin: inject("standInOrigin"),
    key: "httpMoveKey00001",
    script: inject("workerScript"),
    onStep: () => {},
  });
  expect(result.before).toHaveLength(600);
  expect(result.after).toHaveLength(600);
  expect(lostOrChanged(result)).toEqual([]);
  // The orders of the sample wait for tomorrow: none is due, so any invitation would be one too many.
  expect([...result.created]).toEqual([]);
  expect(new Set(result.answers)).toEqual(new Set(["duplicate"]));
}, 240_000);

it("a file of personal data that a passphrase locks is unreadable, and opens with it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "personal-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "backup.ndjson.personal.age");
  const line = { kind: "audience-key", key: "a2V5" } as const;
  async function* lines() {
    yield JSON.stringify(line);
  }
  await writePersonalFile(path, { passphrase: "the passphrase of a test" }, lines());
  expect(await readFile(path, "utf8")).not.toContain("audience-key");
  const read: unknown[] = [];
  for await (const one of readPersonalFile(path, "the passphrase of a test")) read.push(one);
  expect(read).toEqual([line]);
});
