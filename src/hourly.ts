/**
 * Every hour: wakes every ledger of every shop ever used, so that one whose alarm was lost goes on without a visitor,
 * and calls HEARTBEAT_URL when no problem is open. A Worker over its limit or with wrong settings cannot send an alert;
 * whoever waits for the heartbeat misses it.
 */
import { callLedgers } from "./bindings/objects.ts";
import { readShops } from "./bindings/shops.ts";
import { usedShops } from "./bindings/used-shops.ts";
import type { Troubles } from "./domain/troubles.ts";
import { errorName, log } from "./log.ts";

const HEARTBEAT_TIMEOUT = 10_000;

/** Never throws. */
export async function hourly(env: Env): Promise<void> {
  try {
    const shops = await usedShops(env);
    const woken = await Promise.allSettled(
      shops.flatMap((shop) => callLedgers<Troubles>(shop.env, (ledger) => ledger.wake())),
    );
    const isWell = woken.every((ledger) => ledger.status === "fulfilled" && !hasProblem(ledger.value));
    if (isWell) await beat(env);
  } catch (error) {
    log({ log: "error", error: errorName(error) }, "error");
  }
}

function hasProblem({ blocked, failed, unknown, full, refused }: Troubles): boolean {
  return blocked || full || refused || failed + unknown > 0;
}

async function beat(env: Env): Promise<void> {
  const checked = readShops(env);
  const url = checked.ok ? checked.shops[0].config.alerts.heartbeatUrl : null;
  if (url === null) return;
  const signal = AbortSignal.timeout(HEARTBEAT_TIMEOUT);
  const response = await fetch(url, { redirect: "manual", signal });
  await response.body?.cancel();
}
