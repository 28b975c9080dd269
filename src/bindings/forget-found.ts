/**
 * A deletion names a customer by one thing and finds another: the addresses in their orders. All ledgers of all shops
 * are told these too, the audiences, and Trustpilot where it can be asked. All of it may be repeated.
 */
import type { FoundAddress, Operation } from "../domain/operation.ts";
import { within } from "../lib/within.ts";
import { callAudiences, callLedgers, TIMEOUT } from "./objects.ts";
import { eraseAtTrustpilot, erasesAtTrustpilot } from "./trustpilot-erasures.ts";
import { usedShops } from "./used-shops.ts";

/**
 * @param own the shop whose ledger found them
 * @param worker the Worker's own `Env`
 * @throws when a place could not be told; the others have been
 */
export async function forgetFound(found: readonly FoundAddress[], own: Env, worker: Env): Promise<void> {
  const everywhere = found.filter((one) => one.everywhere);
  const shops = everywhere.length === 0 ? [] : await usedShops(worker);
  const others = shops.filter(({ name }) => name !== (own.SHOP ?? null));
  const plain = found.filter(isPlain).map(({ address, at }) => ({ email: address, until: at }));
  const results = await Promise.allSettled([
    ...tellShop(found, own),
    ...others.flatMap(({ env }) => tellShop(everywhere, env)),
    plain.length > 0 && callAudiences(own, (audiences) => audiences.forget(plain)),
  ]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

function tellShop(found: readonly FoundAddress[], env: Env): Promise<unknown>[] {
  const operations = found.map((one): Operation => ({
    kind: "forget",
    customer: isPlain(one) ? { email: one.address } : {},
    at: one.at,
    found: isPlain(one) ? {} : { hash: one.address },
    ...(one.everywhere && { everywhere: true }),
  }));
  const told = callLedgers(env, (ledger) => within(TIMEOUT, ledger.record(operations)));
  const addresses = found.filter(isPlain).map(({ address }) => address);
  return addresses.length > 0 && erasesAtTrustpilot(env)
    ? [...told, eraseAtTrustpilot(env, addresses, 0)]
    : told;
}

function isPlain({ address }: FoundAddress): boolean {
  return address.includes("@");
}
