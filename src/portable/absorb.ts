/** Merges the lines of a backup: each into the object that holds its kind. */
import { callAllowance, callAudiences, callLedger, ledgersOf } from "../bindings/objects.ts";
import type { Shop, Shops } from "../bindings/shops.ts";
import type { Merged, PortableOrder } from "../domain/merge.ts";
import { ledgerName } from "../domain/shard.ts";
import type { BodyLine, PersonalLine } from "./backup-format.ts";
import { shopNamed } from "./shop-ledgers.ts";

type Line<Kind extends BodyLine["kind"]> = BodyLine & { kind: Kind };

/**
 * @param fenced whether the backup comes from a fenced Worker
 * @param write `false` to compare only
 */
export async function absorb(
  shops: Shops,
  lines: readonly BodyLine[],
  fenced: boolean,
  write: boolean,
): Promise<Merged> {
  const ofKind = <Kind extends BodyLine["kind"]>(kind: Kind, name: string | null) =>
    lines.filter((line): line is Line<Kind> => line.kind === kind && "shop" in line && line.shop === name);
  const merged: Merged = { added: 0, advanced: 0, unchanged: 0 };
  for (const name of new Set(lines.flatMap((line) => ("shop" in line ? [line.shop] : [])))) {
    const shop = shopNamed(shops, name);
    for (const ofLedger of await absorbOrders(shop, ofKind("order", name), fenced, write)) {
      merged.added += ofLedger.added;
      merged.advanced += ofLedger.advanced;
      merged.unchanged += ofLedger.unchanged;
    }
    const [counts, allowances] = [ofKind("count", name), ofKind("allowance", name)];
    if (write && counts.length > 0) await absorbCounts(shop, counts);
    if (write && allowances.length > 0)
      await callAllowance(shop.env, (allowance) => allowance.absorb(allowances));
  }
  const members = lines.filter((line) => line.kind === "audience");
  if (write && members.length > 0)
    await callAudiences(shops[0].env, (audiences) => audiences.absorb(members));
  return merged;
}

/** Gives open orders what they need to be sent, from the file of personal data. */
export async function restore(shops: Shops, lines: readonly PersonalLine[]): Promise<void> {
  for (const { env, name } of shops) {
    const own = lines.flatMap((line) => (line.kind === "personal" && line.shop === name ? [line] : []));
    const byLedger = Map.groupBy(own, ({ order }) => ledgerName(order.orderId, ledgersOf(env)));
    await Promise.all(
      [...byLedger].map(([ledger, items]) =>
        callLedger(env, ledger, (stub) => stub.transfer().restore(items)),
      ),
    );
  }
}

function absorbOrders(
  { env }: Shop,
  orders: readonly Line<"order">[],
  fenced: boolean,
  write: boolean,
): Promise<Merged[]> {
  const byLedger = Map.groupBy(orders, ({ orderId }) => ledgerName(orderId, ledgersOf(env)));
  return Promise.all(
    [...byLedger].map(([name, records]) =>
      callLedger(
        env,
        name,
        (ledger) => ledger.transfer().merge(records.map(toRecord), fenced, write) as Promise<Merged>,
      ),
    ),
  );
}

/** Each origin's counts go to one ledger, whichever: the page adds all of them up. */
async function absorbCounts({ env }: Shop, counts: readonly Line<"count">[]): Promise<void> {
  const byLedger = Map.groupBy(counts, ({ origin }) => ledgerName(origin, ledgersOf(env)));
  await Promise.all(
    [...byLedger].map(([name, own]) =>
      callLedger(env, name, (ledger) => ledger.transfer().absorbCounts(own)),
    ),
  );
}

function toRecord({ kind: _kind, shop: _shop, ...record }: Line<"order">): PortableOrder {
  return record as PortableOrder;
}
