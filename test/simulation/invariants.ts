/** What must hold after every step of a history, and at its end. */
import { runInDurableObject } from "cloudflare:test";
import { expect } from "vitest";
import { lastDays } from "../../src/status/days.ts";
import { advance, DAY, START } from "../support/ledger.ts";
import { alarmOf, limitDisk } from "./deployment.ts";
import { look, lookJson } from "../support/status.ts";
import { ledgerNamed, LEDGER_NAMES, ORDERS, placeIn, type Place } from "./places.ts";
import type { World } from "./world.ts";

/** All that a history may last for. */
const DAYS = lastDays(START + 400 * DAY, 800);
/** ON_UNKNOWN = "resend" sends an order again at most that often. */
const MOST_RESENDS = 2;

interface Row {
  order_id: string;
  state: string;
  reason: string | null;
  received: number | null;
  due: number | null;
  personal: string | null;
}

/** Something that must never happen to `place`. */
export class Broken extends Error {
  readonly place: Place | null;
  constructor(place: Place | null, message: string) {
    super(message);
    this.place = place;
  }
}

/** No order may have been created twice, and none that was withdrawn is sent. */
export function checkRequests({ known, trustpilot, mayResend }: World): void {
  for (const [place, count] of trustpilot.possible) {
    const order = known.get(place);
    if (order === undefined) throw new Broken(place, `${place} was sent as another shop's order`);
    const { sentAgain, closedAt } = order;
    const most = 1 + sentAgain + (mayResend ? MOST_RESENDS : 0);
    if (count > most) throw new Broken(place, `${place} may have been created ${count} times, not ${most}`);
    if (closedAt !== null && count > closedAt)
      throw new Broken(place, `${place} was sent after it was withdrawn`);
  }
  for (const [place, { accepted }] of known)
    if (accepted > 1) throw new Broken(place, `${place} was answered "accepted" ${accepted} times`);
}

/** What was accepted is there, nothing personal is left after an end, and the page counts what the table holds. */
export async function checkLedgers(world: World): Promise<void> {
  const recorded = new Set<Place>();
  for (const name of LEDGER_NAMES) {
    const { rows, overview } = await readLedger(name);
    for (const row of rows) {
      const place = placeIn(name, row.order_id);
      recorded.add(place);
      if (["invited", "cancelled", "skipped", "rejected"].includes(row.state) && row.personal !== null)
        throw new Broken(place, `${place} is ${row.state} and keeps personal data`);
    }
    expect(overview.open, `open orders on the page of ${name}`).toEqual(
      countBy(rows.filter(isOpen), ({ state }) => state),
    );
    const shown: Record<string, number> = {};
    for (const [what, counts] of Object.entries(overview.daily))
      for (const [place, count] of counts.entries())
        if (what !== "duplicate" && count > 0) shown[`${DAYS[place]} ${what}`] = count;
    const arrived = rows.filter(({ received }) => received !== null);
    expect(shown, `each day's orders on the page of ${name}`).toEqual(countBy(arrived, dayAndKind));
  }
  for (const { place } of ORDERS)
    if (world.known.get(place)!.isRecorded && !recorded.has(place))
      throw new Broken(place, `${place} was answered 2xx and is not recorded`);
}

/** Everything responds again: what was accepted comes to its end, without an operator. */
export async function checkRecovery(world: World): Promise<void> {
  const { trustpilot, surroundings } = world;
  trustpilot.replies = [201];
  trustpilot.isReachable = true;
  trustpilot.delays = [0];
  Object.assign(surroundings, { kv: "well", audiences: "well", allowance: "well", registry: "well" });
  for (const name of LEDGER_NAMES) await limitDisk(name, null);
  // Faults in writing end with the object that has them.
  await world.deploy({});
  for (const name of LEDGER_NAMES) await endOperatorPause(name);
  await world.resend();
  for (const order of ORDERS) if (world.known.get(order.place)!.accepted === 0) await world.deliver([order]);
  await world.resend();
  await world.wakeAll();
  for (const name of LEDGER_NAMES) await runToTheEnd(world, name);
  checkRequests(world);
  await checkLedgers(world);
  await checkEnds(world);
  await checkPages(world);
  await checkNothingRemains(world);
}

/** Whoever paused without an end or imported resumes; nothing else is done by hand. */
async function endOperatorPause(name: string): Promise<void> {
  const { pauses } = await ledgerNamed(name).overview([]);
  if (pauses.some(({ kind }) => kind === "operator" || kind === "imported")) await ledgerNamed(name).resume();
}

/** What the pages and the JSON of each shop say is what the tables of its ledgers hold. */
async function checkPages({ deployment }: World): Promise<void> {
  for (const [shop, path] of [
    ["main", ""],
    ["uk", "/shops/uk"],
  ] as const) {
    const open: Record<string, number> = {};
    for (const name of LEDGER_NAMES.filter((name) => name.startsWith("shop:uk:") === (shop === "uk")))
      for (const { state } of (await readLedger(name)).rows.filter(isOpen))
        open[state] = (open[state] ?? 0) + 1;
    const shown = await lookJson<{ open: object }>(`${path}/status/overview`, { env: deployment.env as Env });
    expect(shown.open, `open orders of ${shop}`).toEqual(open);
    expect((await look(`${path}/status`, { env: deployment.env as Env })).status).toBe(200);
  }
}

const MOST_ALARMS = 150;

async function runToTheEnd(world: World, name: string): Promise<void> {
  for (let alarms = 0; ; alarms++) {
    const { rows } = await readLedger(name);
    const left = rows.filter(
      ({ state, personal }) => state === "sending" || (state === "held" && personal !== null),
    );
    if (left.length === 0) return;
    const place = placeIn(name, left[0]!.order_id);
    if (alarms === MOST_ALARMS) throw new Broken(place, `${place} does not end`);
    const at = await alarmOf(name);
    if (at === null) throw new Broken(place, `${place} waits in ${name}, which has no alarm`);
    advance(Math.max(0, at - Date.now()));
    await world.alarm(name, true);
  }
}

async function checkEnds(world: World): Promise<void> {
  for (const name of LEDGER_NAMES)
    for (const { order_id, state, reason } of (await readLedger(name)).rows) {
      const place = placeIn(name, order_id);
      const count = world.trustpilot.possible.get(place) ?? 0;
      if (state === "invited" && reason !== "operator" && count === 0)
        throw new Broken(place, `${place} is invited, but Trustpilot knows nothing of it`);
      const isDoubtful =
        state === "invited" || state === "unknown" || (world.known.get(place)?.sentAgain ?? 0) > 0;
      if (count > 0 && !isDoubtful && !world.mayResend)
        throw new Broken(place, `${place} is ${state}, but may have been created`);
    }
}

/** After the time in which an operator can act, nothing personal and no alarm is left; what comes again is known. */
async function checkNothingRemains(world: World): Promise<void> {
  advance(31 * DAY);
  for (const name of LEDGER_NAMES) {
    for (let alarms = 0; (await alarmOf(name)) !== null; alarms++) {
      if (alarms > 5) throw new Broken(null, `${name} has an alarm without need`);
      await world.alarm(name, true);
    }
    const { rows, deletions } = await readLedger(name);
    const row = rows.find(({ personal }) => personal !== null);
    if (row)
      throw new Broken(placeIn(name, row.order_id), `${row.order_id} (${row.state}) keeps personal data`);
    expect(deletions, `deletions under way in ${name}`).toBe(0);
  }
  const { requests } = world.trustpilot;
  await world.deliver(ORDERS);
  await world.wakeAll();
  await checkLedgers(world);
  checkRequests(world);
  expect(world.trustpilot.requests, "requests for orders that came again after a month").toBe(requests);
}

function readLedger(name: string) {
  return runInDurableObject(ledgerNamed(name), (ledger, { storage }) => ({
    rows: storage.sql
      .exec<Row & Record<string, SqlStorageValue>>(
        "SELECT order_id, state, reason, received, due, personal FROM orders",
      )
      .toArray(),
    deletions: storage.sql.exec<{ count: number }>("SELECT COUNT(*) AS count FROM deletions").one().count,
    overview: ledger.overview(DAYS),
  }));
}

function isOpen({ state, due }: Row): boolean {
  return state === "held" || due !== null;
}

function dayAndKind({ received, state, reason }: Row): string {
  const kind = { held: "waiting", sending: "waiting", skipped: `skipped:${reason}` }[state] ?? state;
  return `${new Date(received!).toISOString().slice(0, 10)} ${kind}`;
}

function countBy(rows: readonly Row[], key: (row: Row) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[key(row)] = (counts[key(row)] ?? 0) + 1;
  return counts;
}
