/** The steps of which a history is made. Each has a name, so that a failing history can be read. */
import * as fc from "fast-check";
import { ACTIONS } from "../../src/domain/actions.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../support/ledger.ts";
import { crash, failWrites, limitDisk, loseAlarm } from "./deployment.ts";
import { LEDGER_NAMES, ORDERS } from "./places.ts";
import type { Health } from "./surroundings.ts";
import type { Reply } from "./trustpilot.ts";
import type { Deployed, World } from "./world.ts";

export type Step = (world: World) => Promise<unknown>;

const names = new WeakMap<Step, string>();

export function nameOf(step: Step): string {
  return names.get(step) ?? "";
}

function step(name: string, run: Step): Step {
  const noted: Step = (world) => {
    world.note(null, name);
    return run(world);
  };
  names.set(noted, name);
  return noted;
}

const anyOrder = fc.constantFrom(...ORDERS);
const anyLedger = fc.constantFrom(...LEDGER_NAMES);
const REPLIES: readonly Reply[] = [201, 400, 401, 429, 500, 502, 503, 504, 520, 524, "silence"];

/** What a deployment changes, beside nothing. */
const SETTINGS: readonly Deployed[] = [
  {},
  { TRANSPORT: "integration-key" },
  { TRANSPORT: "invitations-api" },
  { TRANSPORT: "email" },
  { MONTHLY_LIMIT: "12" },
  { MONTHLY_LIMIT: "40" },
  { EXCLUDE_AUDIENCES: "staff" },
  { MAX_WAIT_DAYS: "2" },
  { HOLD_DAYS: "3" },
  { ON_UNKNOWN: "resend" },
  { DRY_RUN: "true" },
  // Wrong: nothing is taken or sent until the next deployment.
  { HOLD_DAYS: "soon" },
  { SHOPS: "none" },
];

const intake: fc.Arbitrary<Step>[] = [
  fc
    .uniqueArray(anyOrder, { minLength: 1, maxLength: 20 })
    .map((orders) =>
      step(`deliver ${orders.map(({ place }) => place).join(", ")}`, (world) => world.deliver(orders)),
    ),
  fc
    .record({ order: anyOrder, copies: fc.integer({ min: 1, max: 4 }) })
    .map(({ order, copies }) =>
      step(`deliver ${order.place} ${copies} times at once`, (world) => world.deliver([order], copies)),
    ),
  anyOrder.map((order) =>
    step(`deliver ${order.place} while everything crashes`, (world) =>
      Promise.all([world.deliver([order]), crash()]),
    ),
  ),
  fc.constant(step("Segment sends again", (world) => world.resend())),
  fc
    .record({ order: anyOrder, amount: fc.constantFrom(null, null, 5, 10) })
    .map(({ order, amount }) =>
      step(`${amount === null ? "cancel" : `refund ${amount} of`} ${order.place}`, (world) =>
        world.cancel(order, amount),
      ),
    ),
  fc.nat(14).map((customer) => step(`delete customer ${customer}`, (world) => world.forget(customer))),
];

const operator: fc.Arbitrary<Step>[] = [
  fc
    .record({ order: anyOrder, action: fc.constantFrom(...ACTIONS) })
    .map(({ order, action }) => step(`${action} ${order.place}`, (world) => world.act(order, action))),
  fc
    .record({ name: anyLedger, hours: fc.constantFrom(1, 50, null) })
    .map(({ name, hours }) =>
      step(`pause ${name} for ${hours ?? "any number of"} hours`, (world) =>
        world.operate(name, "pause", (ledger) =>
          ledger.pause("a reason", hours === null ? null : Date.now() + hours * HOUR),
        ),
      ),
    ),
  anyLedger.map((name) =>
    step(`resume ${name}`, (world) => world.operate(name, "resume", (ledger) => ledger.resume())),
  ),
  anyLedger.map((name) =>
    step(`send all failed orders of ${name} again`, (world) =>
      world.operate(name, "send failed again", (ledger) =>
        ledger.actOnAll({ state: "failed", from: 0, to: Date.now() }, "send-again"),
      ),
    ),
  ),
  fc
    .record({ name: anyLedger, decision: fc.constantFrom("mark-sent" as const, "send-again" as const) })
    .map(({ name, decision }) =>
      step(`${decision} for all unknown orders of ${name}`, (world) =>
        world.operate(name, decision, (ledger) =>
          ledger.actOnAll({ state: "unknown", from: 0, to: Date.now() }, decision),
        ),
      ),
    ),
  anyLedger.map((name) => step(`export ${name}`, (world) => world.export(name))),
  anyLedger.map((name) => step(`import ${name}`, (world) => world.import(name))),
  fc
    .constantFrom(...SETTINGS)
    .map((settings) => step(`deploy ${JSON.stringify(settings)}`, (world) => world.deploy(settings))),
];

const faults: fc.Arbitrary<Step>[] = [
  fc.constant(step("crash", () => crash())),
  anyLedger.map((name) => step(`crash while ${name} sends`, (world) => world.crashWhileSending(name))),
  anyLedger.map((name) => step(`the alarm of ${name} is lost`, () => loseAlarm(name))),
  fc
    .record({ name: anyLedger, after: fc.nat(40), count: fc.constantFrom(1, 1, 3, 50) })
    .map(({ name, after, count }) =>
      step(`after ${after} writes of ${name}, ${count} fail`, () => failWrites(name, after, count)),
    ),
  fc
    .record({ name: anyLedger, pages: fc.constantFrom(0, 1, 4, null) })
    .map(({ name, pages }) =>
      step(`${name} may grow by ${pages ?? "any number of"} pages`, () => limitDisk(name, pages)),
    ),
  fc
    .record({
      what: fc.constantFrom("kv", "audiences", "allowance", "registry"),
      health: fc.constantFrom<Health>("well", "well", "late", "down", "stale"),
    })
    .map(({ what, health }) =>
      step(`${what} is ${health}`, async ({ surroundings }) =>
        Object.assign(surroundings, { [what]: health }),
      ),
    ),
];

const trustpilot: fc.Arbitrary<Step>[] = [
  fc
    .oneof(
      fc.constantFrom(...REPLIES).map((reply) => [reply]),
      fc.array(fc.constantFrom<Reply>(201, 201, ...REPLIES), { minLength: 2, maxLength: 6 }),
    )
    .map((replies) =>
      step(
        `Trustpilot answers ${replies.join(" or ")}`,
        async (world) => (world.trustpilot.replies = replies),
      ),
    ),
  fc
    .boolean()
    .map((isReachable) =>
      step(`Trustpilot is ${isReachable ? "" : "not "}reachable`, async (world) =>
        Object.assign(world.trustpilot, { isReachable }),
      ),
    ),
  fc
    .constantFrom([0], [2 * SECOND, 9 * SECOND], [0, MINUTE, 5 * HOUR], [-MINUTE, 0, SECOND])
    .map((delays) =>
      step(`requests take ${delays.join(" or ")} ms`, async (world) => (world.trustpilot.delays = delays)),
    ),
];

const time: fc.Arbitrary<Step>[] = [
  fc
    .constantFrom(SECOND, 20 * SECOND, MINUTE, HOUR, 5 * HOUR, DAY, 4 * DAY)
    .map((passed) => step(`${passed / SECOND} s pass`, (world) => world.pass(passed))),
  fc.constant(step("the hourly Cron", (world) => world.wakeAll().catch(() => {}))),
];

/** Up to `most` steps; time passes most often, since nothing happens without it. */
export function histories(most: number): fc.Arbitrary<Step[]> {
  const anyStep = fc.oneof(
    { weight: 5, arbitrary: fc.oneof(...time) },
    { weight: 4, arbitrary: fc.oneof(...intake) },
    { weight: 2, arbitrary: fc.oneof(...operator) },
    { weight: 3, arbitrary: fc.oneof(...faults) },
    { weight: 3, arbitrary: fc.oneof(...trustpilot) },
  );
  return fc.noBias(fc.array(anyStep, { minLength: 1, maxLength: most, size: "max" }));
}
