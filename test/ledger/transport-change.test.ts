/** The claim belongs to the order, not to the transport: whatever an order is at when TRANSPORT changes. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  advance,
  configure,
  crash,
  HOUR,
  ledgerOf,
  MINUTE,
  rowOf,
  runAlarm,
  useLedger,
} from "../support/ledger.ts";
import { orderCompleted, sendEvent } from "../support/segment.ts";
import { StandInAccount, TRANSPORT_CASES, type TransportCase } from "../support/transports.ts";

useLedger();

/** In a circle: each is left once and chosen once. */
const PAIRS = TRANSPORT_CASES.map((from, index) => ({ from, to: TRANSPORT_CASES.at(index - 1)! }));

/** Runs the alarm with a transport, as after a deploy that has chosen it. */
async function runWith(orderId: string, account: StandInAccount, transport: TransportCase): Promise<void> {
  await ledgerOf(orderId).find(orderId);
  await configure(orderId, { ...env, ...transport.env(account.key) });
  await runAlarm(orderId);
}

interface Moment {
  /** What happens before the change. */
  before: (orderId: string, account: StandInAccount, transport: TransportCase) => Promise<void>;
  /** Its state before the change and in the end, and how often either transport has sent it. */
  state: string;
  end: string;
  sent: [old: number, now: number];
}

const answered =
  (situation: keyof TransportCase["steps"]): Moment["before"] =>
  async (orderId, account, transport) => {
    await account.behave({ next: [transport.steps[situation]] });
    await runWith(orderId, account, transport);
  };

const MOMENTS: Record<string, Moment> = {
  "that waits": { before: async () => {}, state: "held", end: "invited", sent: [0, 1] },
  "that has failed for a while": {
    before: answered("transient"),
    state: "held",
    end: "invited",
    sent: [1, 1],
  },
  "that has been invited": { before: answered("created"), state: "invited", end: "invited", sent: [1, 0] },
  "that was refused": { before: answered("refused"), state: "failed", end: "failed", sent: [1, 0] },
  "that no record shows": {
    before: answered("unanswered"),
    state: "unknown",
    end: "unknown",
    sent: [1, 0],
  },
  "whose request is out when the object stops": {
    before: async (orderId, account, transport) => {
      await account.behave({ next: [{ fault: "hang", create: true }] });
      const run = runWith(orderId, account, transport).catch(() => {});
      await expect.poll(() => account.requests()).toHaveLength(1);
      await crash();
      await run;
    },
    state: "sending",
    end: "unknown",
    sent: [1, 0],
  },
};

describe.each(PAIRS)("from $from.name to $to.name", ({ from, to }) => {
  it.each(Object.entries(MOMENTS))(
    "an order %s is not sent twice",
    async (name, { before, state, end, sent }) => {
      const [old, now] = [new StandInAccount(), new StandInAccount()];
      const orderId = `${from.name}-${to.name}-${name.length}`;
      await sendEvent(orderCompleted({ order_id: orderId }));
      await before(orderId, old, from);
      expect(await rowOf(orderId)).toMatchObject({ state });
      for (let run = 0; run < 3; run++) {
        advance(run === 0 ? 2 * MINUTE : 2 * HOUR);
        await runWith(orderId, now, to);
        await sendEvent(orderCompleted({ order_id: orderId }));
      }
      expect(await rowOf(orderId)).toMatchObject({ state: end });
      expect([(await old.requests()).length, (await now.requests()).length]).toEqual(sent);
      const created = [...(await old.requests()), ...(await now.requests())].filter((one) => one.created);
      expect(created.length).toBe(end === "failed" || name === "that no record shows" ? 0 : 1);
    },
  );
});
