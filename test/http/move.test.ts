import { inject, expect, it } from "vitest";
import { move } from "../../scripts/drill/move.ts";
import { lostOrChanged } from "../../scripts/drill/verdict.ts";

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
