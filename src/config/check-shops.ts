/**
 * The configurations of all shops: the default one, which is all there is without SHOPS, and those in SHOPS.
 *
 * All are checked together and a problem in one stops all: an order that goes to the wrong shop cannot be taken back,
 * one that Segment sends again can.
 */
import { checkConfig, type Config } from "./config.ts";
import { hasProof, NO_PROOF } from "./contradictions.ts";
import { problemWith, type ConfigProblem } from "./config-problem.ts";
import { isRoute, readRoute, type Route } from "./shop-route.ts";
import { isShopName, PER_SHOP_SETTINGS, readShopTable, settingsOfShop } from "./shop-settings.ts";
import { SETTINGS, type Settings } from "./settings.ts";
import type { JsonObject } from "../lib/json.ts";

export interface ShopConfig {
  /** `null` for the default shop. */
  name: string | null;
  route: Route;
  config: Config;
}

export type ShopConfigs =
  /** The default shop first. */
  { ok: true; shops: readonly [ShopConfig, ...ShopConfig[]] } | { ok: false; problems: ConfigProblem[] };

/** Everything at once, each setting read once. Pure. */
export function checkShops(env: Settings): ShopConfigs {
  const { ok, shops: tables } = readShopTable(env);
  const worker = checkConfig(env);
  const problems = worker.ok ? [] : [...worker.problems];
  if (!ok)
    problems.push(shopsProblem(`SHOPS must be a table of shops, each with its own settings. ${EXAMPLE}`));
  const inherited = new Set(problems.map(({ name }) => name));
  const configs: ShopConfig[] = [];
  for (const [name, table] of Object.entries(tables)) {
    const shapeProblems = checkTable(name, table);
    problems.push(...shapeProblems);
    if (!isShopName(name)) continue;
    const checked = checkConfig(settingsOfShop(env, name));
    if (checked.ok) configs.push({ name, route: readRoute(table), config: checked.config });
    else
      problems.push(
        ...checked.problems.filter(({ name }) => Object.hasOwn(table, name) || !inherited.has(name)),
      );
  }
  if (env.SHOP === undefined && worker.ok && ![worker, ...configs].some(({ config }) => hasProof(config)))
    problems.push(NO_PROOF);
  problems.push(...sharedByShops(worker.ok ? [{ name: null, config: worker.config }, ...configs] : configs));
  if (!worker.ok || problems.length > 0) return { ok: false, problems };
  const first = { name: null, route: readRoute({}), config: withAudiencesOf(worker.config, configs) };
  return { ok: true, shops: [first, ...configs] };
}

/** What opens one shop must not open another: the same signed order would be invited by both. */
function sharedByShops(shops: Pick<ShopConfig, "name" | "config">[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const seen = new Set<string>();
  for (const { name, config } of shops) {
    const { sharedSecret, previousSecret, token } = config.segment;
    const own = [sharedSecret, previousSecret, token].filter((secret) => secret !== null);
    if (own.some((secret) => seen.has(secret)))
      problems.push(
        problemWith(
          SETTINGS.segment.sharedSecret,
          name,
          "and the other secrets must differ from those of every other shop.",
        ),
      );
    own.forEach((secret) => seen.add(secret));
  }
  return problems;
}

/** The default shop notes audiences for all: an opt-out does not say to which shop it belongs. */
function withAudiencesOf(config: Config, others: ShopConfig[]): Config {
  const all = [config, ...others.map((shop) => shop.config)];
  const audiences = new Set(all.flatMap(({ segment }) => [...segment.audiences]));
  return { ...config, segment: { ...config.segment, audiences } };
}

/** What is wrong with the settings, those of the shops included. Pure. */
export function problemsOf(env: Settings): readonly ConfigProblem[] {
  const checked = checkShops(env);
  return checked.ok ? [] : checked.problems;
}

/** What is wrong with the shape of a shop's table. */
function checkTable(name: string, table: JsonObject): ConfigProblem[] {
  if (!isShopName(name)) {
    return [
      shopsProblem(
        `SHOPS.${name}: a shop's name has up to 20 lower-case letters, digits and hyphens, and does not end in "previous". ${EXAMPLE}`,
        name,
      ),
    ];
  }
  const known = ["affiliation", "currency", ...PER_SHOP_SETTINGS];
  const problems = Object.keys(table)
    .filter((setting) => !known.includes(setting))
    .map((setting) =>
      shopsProblem(
        `SHOPS.${name}.${setting} cannot be set for a shop. These can: ${known.join(", ")}.`,
        name,
      ),
    );
  if (!isRoute(table)) {
    problems.push(
      shopsProblem(
        `SHOPS.${name}: affiliation and currency are strings, or lists of strings; a currency has three letters. ${EXAMPLE}`,
        name,
      ),
    );
  }
  return problems;
}

function shopsProblem(message: string, shop?: string): ConfigProblem {
  return { name: "SHOPS", message, ...(shop !== undefined && { shop }) };
}

const EXAMPLE =
  'In wrangler.toml: [vars.SHOPS.uk] and below it affiliation = "Example UK", SHOP_ORIGIN = "https://www.example.co.uk".';
