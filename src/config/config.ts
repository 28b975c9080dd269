/**
 * The one place where unchecked settings become a checked `Config`.
 *
 * Everything is read and judged at once, so an operator sees every problem at once, each with its fix. A Worker with
 * a problem answers 503: Segment then tries again for four hours, and the orders of a misconfigured afternoon are
 * not lost.
 */
import { contradictions } from "./contradictions.ts";
import { eventNamePattern } from "./event-name.ts";
import type { Setting } from "./kinds.ts";
import { problemWith, type ConfigProblem } from "./config-problem.ts";
import { SETTINGS, type Settings, type Values } from "./settings.ts";

/** The values of the table by group and field, and what follows from them. */
export type Config = Values & {
  segment: {
    /** The current secret first; empty when the Integration Key authenticates instead. */
    sharedSecrets: readonly string[];
    /** Those that a rule names. */
    audiences: ReadonlySet<string>;
    /** The names of events that undo an order. */
    undoing: { cancelled: readonly RegExp[]; refunded: readonly RegExp[] };
  };
};

export type TrustpilotConfig = Config["trustpilot"];

type ConfigResult =
  | { ok: true; config: Config }
  /** `readable`: with defaults in place of what is wrong. To describe and to end waits by, never to deliver by. */
  | { ok: false; problems: ConfigProblem[]; readable: Config };

const checked = new WeakMap<Settings, ConfigResult>();

/** Checks `env`; the result is kept for as long as the runtime passes the same `env`. */
export function readConfig(env: Settings): ConfigResult {
  let result = checked.get(env);
  if (!result) checked.set(env, (result = checkConfig(env)));
  return result;
}

/** What can be read of a configuration, even when it has problems: to describe by, never to deliver by. */
export function readLeniently(env: Settings): Config {
  const result = readConfig(env);
  return result.ok ? result.config : result.readable;
}

/** Pure: `readConfig` without the cache. */
export function checkConfig(env: Settings): ConfigResult {
  const shop = env.SHOP ?? null;
  const problems: ConfigProblem[] = [];
  const read = (setting: Setting): unknown => {
    const result = readValue(setting, (env as Record<string, unknown>)[setting.name]);
    if ("wrong" in result) problems.push(problemWith(setting, shop, result.wrong));
    return "value" in result ? result.value : setting.fallback;
  };
  const readGroup = (group: Record<string, Setting>) =>
    Object.fromEntries(Object.entries(group).map(([field, setting]) => [field, read(setting)]));
  const groups = Object.entries(SETTINGS).map(([name, group]) => [name, readGroup(group)]);
  const config = complete(Object.fromEntries(groups) as Values);
  const named = new Set(problems.map(({ name }) => name));
  problems.push(...contradictions(config, shop).filter(({ name }) => !named.has(name)));
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems, readable: config };
}

function complete(values: Values): Config {
  const { segment, rules } = values;
  return {
    ...values,
    segment: {
      ...segment,
      sharedSecrets: [segment.sharedSecret, segment.previousSecret].filter((secret) => secret !== null),
      undoing: {
        cancelled: ["Order Cancelled", "Order Canceled", ...segment.cancelOn].map(eventNamePattern),
        refunded: ["Order Refunded", ...segment.refundOn].map(eventNamePattern),
      },
      audiences: new Set([...rules.excludeAudiences, rules.requireAudience].filter((name) => name !== null)),
    },
  };
}

/** @returns `wrong`, which completes the sentence that begins with the setting's name */
function readValue(setting: Setting, raw: unknown): { value: unknown } | { wrong: string } {
  // A number or boolean written without quotes in wrangler.toml arrives as one.
  const isPlain = typeof raw === "string" || typeof raw === "number" || typeof raw === "boolean";
  // A list in wrangler.toml must not read as "not set": it may be the list of those who opted out.
  if (!isPlain && raw !== undefined && raw !== null) return { wrong: "must be a string." };
  const text = isPlain ? String(raw).trim() : "";
  if (text === "") return { value: setting.fallback };
  const value = setting.read(text);
  return value === undefined ? { wrong: `must be ${setting.must}.` } : { value };
}

/** The host of SHOP_ORIGIN, by which Trustpilot blocks; `null` when it is not set. */
export function shopHost({ trustpilot: { shopOrigin } }: Config): string | null {
  return shopOrigin === null ? null : new URL(shopOrigin).host;
}
