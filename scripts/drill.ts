/** Rehearses a move of the ledgers at full size: see scripts/drill/move.ts. */
import { move } from "./drill/move.ts";
import { lostOrChanged } from "./drill/verdict.ts";
import { run, wholeNumber } from "./lib/command.ts";
import { duration } from "./lib/progress.ts";
import { startStandIn } from "./lib/stand-in.ts";
import { buildWorker } from "./lib/workerd.ts";

const HELP = `
npm run drill -- [options]

Moves made-up orders from 8 ledgers to 64 and into another jurisdiction, on
this machine. Each command is killed (kill -9) at random points and repeated.

  --orders N   how many orders                   (100000)
  --kills N    how often each command is killed  (3)

Exit code: 0 if no order was lost and none was invited twice, else 1.
`;

const options = { orders: { type: "string" }, kills: { type: "string" } } as const;

await run({ name: "npm run drill", help: HELP, options }, async (values) => {
  const orders = wholeNumber("orders", values.orders, 100_000, 1);
  const kills = wholeNumber("kills", values.kills, 3, 0);
  const standIn = await startStandIn();
  try {
    const result = await move({
      orders,
      kills,
      killWithin: 8_000,
      standInOrigin: standIn.origin,
      key: "drillKey00000001",
      script: await buildWorker(),
      onStep: (step) => console.log(step),
    });
    for (const [step, seconds] of Object.entries(result.seconds)) {
      console.log(
        `${step}: ${duration(seconds)}, ${Math.round(orders / seconds).toLocaleString("en")} orders a second`,
      );
    }
    const wrong = lostOrChanged(result);
    const again = result.answers.filter((outcome) => outcome !== "duplicate").length;
    console.log(
      `${wrong.length} lost or changed, ${result.created.size} invited, ${again} taken a second time`,
    );
    return wrong.length + result.created.size + again === 0 ? 0 : 1;
  } finally {
    await standIn.stop();
  }
});
