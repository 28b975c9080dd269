/** How things stand with all shops together, as the alerts judge it. */
import { callAllowance, callAttempts, callLedgers } from "../bindings/objects.ts";
import type { Shop, Shops } from "../bindings/shops.ts";
import { ongoing, type Silence } from "../domain/silence.ts";
import { sumTroubles, type Troubles } from "../domain/troubles.ts";
import type { Situation } from "./incidents.ts";
import { NOT_ASKED, problems } from "./problems.ts";

/** @param silences of each shop, as the Cron has found them: the page of each shop says which one it is */
export async function survey(
  shops: Shops,
  silences: ReadonlyMap<string | null, Silence>,
  now: number,
): Promise<Situation> {
  const [{ env, config }] = shops;
  const [ledgers, used, [counted]] = await Promise.all([
    Promise.all(
      shops.map((shop) => Promise.allSettled(callLedgers<Troubles>(shop.env, (ledger) => ledger.troubles()))),
    ),
    Promise.allSettled(shops.map((shop) => allowanceOf(shop, now))),
    Promise.allSettled([callAttempts(env, (attempts) => attempts.recentRejections())]),
  ]);
  const troubles = ledgers.map((ofShop) =>
    ofShop.flatMap((ledger) => (ledger.status === "fulfilled" ? ledger.value : [])),
  );
  const silent = shops.flatMap(
    ({ name }, index) => ongoing(silences.get(name) ?? null, sumTroubles(troubles[index]!).lastOrder) ?? [],
  );
  const limited = used.flatMap((each) => (each.status === "fulfilled" && each.value ? [each.value] : []));
  // Of the shop that is nearest to its limit.
  const [allowance] = limited.toSorted((a, b) => b.used / b.limit - a.used / a.limit);
  const figures = {
    ...NOT_ASKED,
    ...sumTroubles(troubles.flat()),
    used: allowance?.used ?? null,
    silence: silent[0] ?? null,
    ...(counted.status === "fulfilled" && { rejections: counted.value }),
  };
  return {
    complete: [...ledgers.flat(), ...used, counted].every(({ status }) => status === "fulfilled"),
    problems: problems(figures, {
      settings: [],
      monthlyLimit: allowance?.limit ?? null,
      severalShops: shops.length > 1,
      rules: config.rules,
      now,
    }),
  };
}

async function allowanceOf(
  { env, config }: Shop,
  now: number,
): Promise<{ used: number; limit: number } | null> {
  const { monthlyLimit: limit } = config.trustpilot;
  return limit === null
    ? null
    : { used: await callAllowance(env, (allowance) => allowance.used(now)), limit };
}
