/**
 * Every hour: wakes every ledger of every shop ever used, so that one whose alarm was lost goes on without a visitor,
 * notices shops whose orders have stopped arriving, has the alerts look when there is a problem, and calls HEARTBEAT_URL
 * when there is none. A Worker over its limit or with wrong settings cannot send an alert; whoever waits for the
 * heartbeat misses it.
 */
import { NOT_ASKED, problems } from "./alerts/problems.ts";
import { callAlerts, callAttempts, callLedgers } from "./bindings/objects.ts";
import { Notifier } from "./bindings/notifier.ts";
import { readShops } from "./bindings/shops.ts";
import { usedShops, type UsedShop } from "./bindings/used-shops.ts";
import { readLeniently } from "./config/config.ts";
import type { RecentRejections } from "./domain/rejections.ts";
import { silence, spanFor, type Arrivals, type Silence } from "./domain/silence.ts";
import { sumTroubles, type Troubles } from "./domain/troubles.ts";
import { errorName, log } from "./log.ts";

const HEARTBEAT_TIMEOUT = 10_000;

/** Never throws. */
export async function hourly(env: Env): Promise<void> {
  try {
    if (await isWell(env).catch(logError)) await beat(env);
    else await new Notifier().notify(env);
  } catch (error) {
    logError(error);
  }
}

/** Whether everything answers and no problem is open. */
async function isWell(env: Env): Promise<boolean> {
  const woken = await Promise.all((await usedShops(env)).map(wake));
  const silences = await noticeSilences(woken, env);
  const found = problems(
    {
      ...NOT_ASKED,
      ...sumTroubles(woken.flatMap(({ troubles }) => troubles)),
      rejections: await callAttempts(
        env,
        (attempts) => attempts.recentRejections() as Promise<RecentRejections>,
      ),
      silence: silences.find((silent) => silent !== null) ?? null,
    },
    {
      settings: [],
      monthlyLimit: null,
      severalShops: false,
      rules: readLeniently(env).rules,
      now: Date.now(),
    },
  );
  const isOpen = found.some(({ level, rank }) => level === "act" || rank > 0);
  return !isOpen && woken.every(({ complete }) => complete);
}

interface WokenShop {
  shop: UsedShop;
  /** Of the ledgers that answered, and whether all did. */
  troubles: Troubles[];
  complete: boolean;
}

async function wake(shop: UsedShop): Promise<WokenShop> {
  const calls = callLedgers<Troubles>(shop.env, (ledger) => ledger.wake());
  const ledgers = await Promise.all(calls.map((call) => call.catch(logError)));
  const troubles = ledgers.filter((ledger) => ledger !== undefined);
  return { shop, troubles, complete: troubles.length === ledgers.length };
}

/** Of the shops in the settings whose ledgers all answer: a shop that was removed is meant to be silent. */
async function noticeSilences(woken: readonly WokenShop[], env: Env): Promise<(Silence | null)[]> {
  const checked = readShops(env);
  if (!checked.ok) return [];
  const judged = woken.filter(
    ({ shop, complete }) => complete && checked.shops.some(({ name }) => name === shop.name),
  );
  const silences = await Promise.all(judged.map(silenceOf));
  const found = new Map(judged.map(({ shop }, index) => [shop.name, silences[index]!]));
  await callAlerts(env, (alerts) => alerts.observeSilences(found));
  return silences;
}

/** Asks the ledgers once more only when the last order is more than an hour old. */
async function silenceOf({ shop, troubles }: WokenShop): Promise<Silence | null> {
  const now = Date.now();
  const within = spanFor(sumTroubles(troubles).lastOrder, now);
  if (within === null) return null;
  const arrivals = await Promise.all(callLedgers<Arrivals>(shop.env, (ledger) => ledger.arrivals(within)));
  return silence(arrivals, within, now);
}

async function beat(env: Env): Promise<void> {
  const checked = readShops(env);
  const url = checked.ok ? checked.shops[0].config.alerts.heartbeatUrl : null;
  if (url === null) return;
  const signal = AbortSignal.timeout(HEARTBEAT_TIMEOUT);
  const response = await fetch(url, { redirect: "manual", signal });
  await response.body?.cancel();
}

function logError(error: unknown): void {
  log({ log: "error", error: errorName(error) }, "error");
}
