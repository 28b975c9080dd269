/**
 * The shops of a Worker: the default one, which is all there is without SHOPS, and those that SHOPS names.
 *
 * All are checked together and a mistake in one stops all: an order that goes to the wrong shop cannot be taken
 * back, one that Segment sends again can.
 */
import { checkConfig, readConfig, type Config, type ConfigProblem, type Settings } from "../config/config.ts";
import { asCurrency, asText, type JsonObject } from "../lib/json.ts";
import { envOf } from "./scope.ts";
import { keyName, keyOf, OF_A_SHOP, settingsOf } from "../config/shop-settings.ts";

export interface Shop {
  /** `null` for the default shop. */
  name: string | null;
  route: Route;
  config: Config;
  /** What this shop sees of the Worker. */
  env: Env;
}

/** Which orders are a shop's: any of the affiliations and any of the currencies; an empty list asks nothing. */
export interface Route {
  /** In lower case. */
  affiliations: readonly string[];
  /** As ISO 4217 writes them. */
  currencies: readonly string[];
}

/** The default shop first. */
export type Shops = readonly [Shop, ...Shop[]];

export type ShopsResult = { ok: true; shops: Shops } | { ok: false; problems: ConfigProblem[] };

const read = new WeakMap<Env, ShopsResult>();

/** The result is kept for as long as the runtime keeps handing out the same `env`. */
export function readShops(env: Env): ShopsResult {
  let result = read.get(env);
  if (!result) read.set(env, (result = makeShops(env)));
  return result;
}

/** Everything that is wrong with the settings, those of the shops included. Pure. */
export function problemsOf(env: Settings): ConfigProblem[] {
  const base = checkConfig(env);
  const { ok, settings } = settingsOf(env);
  const ofShops = ok
    ? Object.entries(settings).flatMap(([name, own]) => problemsOfShop(env, name, own))
    : [complaint(`SHOPS must be a table of shops, each with settings of its own. ${EXAMPLE}`)];
  return [...(base.ok ? [] : base.problems), ...ofShops];
}

function makeShops(env: Env): ShopsResult {
  const problems = problemsOf(env);
  if (problems.length > 0) return { ok: false, problems };
  const { settings } = settingsOf(env);
  const [first, ...others] = [null, ...Object.keys(settings)].map((name): Shop => {
    const own = envOf(env, name);
    return { name, env: own, route: readRoute(settings[name ?? ""] ?? {}), config: configOf(own) };
  });
  return { ok: true, shops: [withAudiencesOf(first!, others), ...others] };
}

/** Audiences are noted by the default shop for all: nobody says to which shop a customer's opt-out belongs. */
function withAudiencesOf(first: Shop, others: Shop[]): Shop {
  const audiences = new Set([first, ...others].flatMap(({ config }) => [...config.segment.audiences]));
  return { ...first, config: { ...first.config, segment: { ...first.config.segment, audiences } } };
}

function configOf(env: Env): Config {
  const checked = readConfig(env);
  if (!checked.ok) throw new TypeError("a shop's settings have been checked before");
  return checked.config;
}

function readRoute({ affiliation, currency }: JsonObject): Route {
  return {
    affiliations: listOf(affiliation).flatMap((value) => asText(value)?.toLowerCase() ?? []),
    currencies: listOf(currency).flatMap((value) => asCurrency(value) ?? []),
  };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function problemsOfShop(env: Settings, name: string, own: JsonObject): ConfigProblem[] {
  if (!/^[a-z0-9][a-z0-9-]{0,19}$/.test(name)) {
    return [
      complaint(`SHOPS.${name}: a shop's name has up to 20 small letters, digits and hyphens. ${EXAMPLE}`),
    ];
  }
  const { affiliation, currency, ...settings } = own;
  const unknown = Object.keys(settings).filter((setting) => !OF_A_SHOP.some((known) => known === setting));
  const checked = checkConfig({
    ...env,
    ...settings,
    TRUSTPILOT_INTEGRATION_KEY: keyOf(env, name),
  });
  const base = checkConfig(env);
  const known = new Set(base.ok ? [] : base.problems.map(({ message }) => message));
  return [
    ...unknown.map((setting) =>
      complaint(
        `SHOPS.${name}.${setting} is no setting of a shop; there are affiliation, currency, ${OF_A_SHOP.join(", ")}.`,
      ),
    ),
    ...(isRoute(affiliation, currency)
      ? []
      : [
          complaint(
            `SHOPS.${name}: affiliation and currency are texts, or lists of texts; a currency has three letters. ${EXAMPLE}`,
          ),
        ]),
    ...(checked.ok ? [] : checked.problems)
      .filter(({ message }) => !known.has(message))
      .map(({ message }) =>
        complaint(`Shop ${name}: ${message.replaceAll("TRUSTPILOT_INTEGRATION_KEY", keyName(name))}`),
      ),
  ];
}

function isRoute(affiliation: unknown, currency: unknown): boolean {
  const { affiliations, currencies } = readRoute({ affiliation, currency });
  return affiliations.length === listOf(affiliation).length && currencies.length === listOf(currency).length;
}

function complaint(message: string): ConfigProblem {
  return { name: "SHOPS", message };
}

const EXAMPLE =
  'In wrangler.toml: [vars.SHOPS.uk] and below it affiliation = "Example UK", SHOP_ORIGIN = "https://www.example.co.uk".';
