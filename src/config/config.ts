/**
 * The one place where unchecked bindings become a checked `Config`.
 *
 * Everything is read and judged at once, so that an operator sees every mistake in one go, each with the
 * command that mends it. A Worker with a mistake answers 503: Segment then tries again for four hours, and the
 * orders of a misconfigured afternoon are not lost.
 */
import { audienceKey } from "./audience-key.ts";
import { eventNamePattern, LONGEST_EVENT_NAME } from "./event-name.ts";
import { JURISDICTIONS } from "./jurisdiction.ts";

/** The settings as they come, from wrangler.toml, the secrets and the dashboard: nothing is checked yet. */
export interface Settings {
  TRUSTPILOT_INTEGRATION_KEY?: string;
  SEGMENT_SHARED_SECRET?: string;
  SEGMENT_SHARED_SECRET_PREVIOUS?: string;
  STATUS_PASSWORD?: string;
  ALERT_WEBHOOK_URL?: string;
  PUBLIC_URL?: string;
  TRUSTPILOT_API_URL?: string;
  SHOP_ORIGIN?: string;
  INVITE_ON?: string;
  HOLD_DAYS?: string;
  MAX_ORDER_AGE_DAYS?: string;
  INVITE_ONE_IN?: string;
  EXCLUDE_AUDIENCES?: string;
  REQUIRE_AUDIENCE?: string;
  REQUIRE_CONSENT?: string;
  ON_UNKNOWN?: string;
  DRY_RUN?: string;
  MONTHLY_LIMIT?: string;
  /** Further shops by name: see src/config/shop-settings.ts. */
  SHOPS?: unknown;
  JURISDICTION?: string;
  /** The name of the shop that these are the settings of; set by src/bindings/scope.ts alone. */
  SHOP?: string;
}

/** The checked configuration. Absent optional settings are `null`, lists are empty. */
export interface Config {
  trustpilot: {
    integrationKey: string;
    /** Without a trailing slash. */
    apiUrl: string;
    /** Sent as the `Origin` of every request; Trustpilot's block list is keyed on its host. */
    shopOrigin: string | null;
    /** Invitations a calendar month (UTC), or `null` for no limit. */
    monthlyLimit: number | null;
  };
  segment: {
    /** The current secret first; empty when the Integration Key authenticates instead. */
    sharedSecrets: readonly string[];
    /** Which event starts an invitation, as written and as a pattern. */
    inviteOn: { name: string; pattern: RegExp };
    /** Those that a rule names. */
    audiences: ReadonlySet<string>;
  };
  rules: {
    holdDays: number;
    maxOrderAgeDays: number;
    inviteOneIn: number;
    excludeAudiences: readonly string[];
    requireAudience: string | null;
    requireConsent: string | null;
  };
  delivery: { onUnknown: "wait" | "resend"; dryRun: boolean };
  /** How many ledgers a shop has: part of what makes an order unique, so it never changes in place. */
  ledgers: number;
  statusPassword: string | null;
  /** Where trouble is told of, and the address of the status page for it; `null` when nobody wants to hear. */
  alerts: { webhookUrl: string; statusUrl: string | null } | null;
}

/** One thing to mend. `message` names the setting and the command, and never quotes a secret. */
export interface ConfigProblem {
  name: keyof Settings;
  message: string;
}

/** The host of SHOP_ORIGIN, by which Trustpilot blocks; `null` when it is not set. */
export function shopHost({ trustpilot: { shopOrigin } }: Config): string | null {
  return shopOrigin === null ? null : new URL(shopOrigin).host;
}

export type ConfigResult =
  | { ok: true; config: Config }
  /** `readable`: with defaults in place of what is wrong. To describe by, never to deliver by. */
  | { ok: false; problems: ConfigProblem[]; readable: Config };

const checked = new WeakMap<Settings, ConfigResult>();

/** Checks `env`; the result is kept for as long as the runtime keeps handing out the same `env`. */
export function readConfig(env: Settings): ConfigResult {
  let result = checked.get(env);
  if (!result) checked.set(env, (result = checkConfig(env)));
  return result;
}

/** Pure: `readConfig` without the memory. */
export function checkConfig(env: Settings): ConfigResult {
  const problems: ConfigProblem[] = [];
  const complain = (name: keyof Settings, message: string) => {
    if (!problems.some((problem) => problem.name === name)) problems.push({ name, message });
  };

  const text = (name: SettingName): string | null => {
    const value: unknown = env[name];
    // A number or boolean written without quotes in wrangler.toml arrives as one.
    const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (isPlain) return String(value).trim() || null;
    // A list in wrangler.toml must not be taken for "not set": it may be the list of those who opted out.
    if (value !== undefined && value !== null)
      complain(
        name,
        `${name} must be a text. ${SECRETS.has(name) ? inSecrets(name) : inVars(name, "one, two")}`,
      );
    return null;
  };
  const wholeNumber = (name: SettingName, fallback: number, least: number): number => {
    const value = text(name);
    if (value === null) return fallback;
    if (/^\d{1,9}$/.test(value) && Number(value) >= least) return Number(value);
    complain(name, `${name} must be a whole number from ${least} up. ${inVars(name, String(fallback))}`);
    return fallback;
  };
  const url = (name: SettingName, example: string, command = inVars(name, example)): URL | null => {
    const value = text(name);
    if (value === null) return null;
    const parsed = URL.parse(value);
    if (parsed && /^https?:$/.test(parsed.protocol)) return parsed;
    complain(name, `${name} must be a URL such as ${example}. ${command}`);
    return null;
  };
  const oneOf = <T extends string>(name: SettingName, allowed: readonly [T, ...T[]]): T => {
    const value = text(name);
    const found = value === null ? allowed[0] : allowed.find((word) => word === value.toLowerCase());
    if (found !== undefined) return found;
    complain(
      name,
      `${name} must be one of ${allowed.filter(Boolean).join(", ")}. ${inVars(name, allowed.find(Boolean) ?? "")}`,
    );
    return allowed[0];
  };

  const integrationKey = text("TRUSTPILOT_INTEGRATION_KEY");
  if (integrationKey === null) {
    complain(
      "TRUSTPILOT_INTEGRATION_KEY",
      `TRUSTPILOT_INTEGRATION_KEY is missing. Copy it from Trustpilot (Integrations > Developers). ${inSecrets("TRUSTPILOT_INTEGRATION_KEY")}`,
    );
  } else if (!/^[\w-]+$/.test(integrationKey)) {
    complain(
      "TRUSTPILOT_INTEGRATION_KEY",
      `TRUSTPILOT_INTEGRATION_KEY has characters that no key has (16 letters and digits are usual). Copy it again. ${inSecrets("TRUSTPILOT_INTEGRATION_KEY")}`,
    );
  }
  const secret = text("SEGMENT_SHARED_SECRET");
  const previousSecret = text("SEGMENT_SHARED_SECRET_PREVIOUS");
  if (previousSecret !== null && secret === null) {
    complain(
      "SEGMENT_SHARED_SECRET",
      `SEGMENT_SHARED_SECRET_PREVIOUS is set but SEGMENT_SHARED_SECRET is missing. ${inSecrets("SEGMENT_SHARED_SECRET")}`,
    );
  }

  const inviteOn = text("INVITE_ON") ?? DEFAULT_EVENT;
  if (!/[\p{L}\p{N}]/u.test(inviteOn) || inviteOn.length > LONGEST_EVENT_NAME) {
    complain("INVITE_ON", `INVITE_ON must be the name of an event. ${inVars("INVITE_ON", DEFAULT_EVENT)}`);
  }
  const excludeAudiences = (text("EXCLUDE_AUDIENCES") ?? "").split(",").map(audienceKey).filter(Boolean);
  const requireAudience = text("REQUIRE_AUDIENCE") ?? "";
  if (requireAudience.includes(",")) {
    complain(
      "REQUIRE_AUDIENCE",
      `REQUIRE_AUDIENCE must be one audience, without a comma. ${inVars("REQUIRE_AUDIENCE", "review_mails_allowed")}`,
    );
  }
  const apiUrl = url("TRUSTPILOT_API_URL", DEFAULT_API_URL);
  const shopOrigin = url("SHOP_ORIGIN", "https://www.example.com");
  const webhookUrl = url(
    "ALERT_WEBHOOK_URL",
    "https://hooks.slack.com/services/…",
    `Copy it again. ${inSecrets("ALERT_WEBHOOK_URL")}`,
  );
  const publicUrl = url("PUBLIC_URL", "https://invitations.example.workers.dev");
  oneOf("JURISDICTION", ["", ...JURISDICTIONS]);
  const config: Config = {
    trustpilot: {
      integrationKey: integrationKey ?? "",
      apiUrl: (apiUrl?.href ?? DEFAULT_API_URL).replace(/\/+$/, ""),
      shopOrigin: shopOrigin?.origin ?? null,
      monthlyLimit: text("MONTHLY_LIMIT") === null ? null : wholeNumber("MONTHLY_LIMIT", 50, 1),
    },
    segment: {
      sharedSecrets: [secret, previousSecret].filter((value) => value !== null),
      inviteOn: { name: inviteOn, pattern: eventNamePattern(inviteOn) },
      audiences: new Set([...excludeAudiences, audienceKey(requireAudience)].filter(Boolean)),
    },
    rules: {
      holdDays: wholeNumber("HOLD_DAYS", 0, 0),
      maxOrderAgeDays: wholeNumber("MAX_ORDER_AGE_DAYS", 30, 1),
      inviteOneIn: wholeNumber("INVITE_ONE_IN", 1, 1),
      excludeAudiences,
      requireAudience: audienceKey(requireAudience) || null,
      requireConsent: text("REQUIRE_CONSENT"),
    },
    delivery: {
      onUnknown: oneOf("ON_UNKNOWN", ["wait", "resend"]),
      dryRun: oneOf("DRY_RUN", ["false", "true"]) === "true",
    },
    ledgers: 8,
    statusPassword: text("STATUS_PASSWORD"),
    alerts: webhookUrl && {
      webhookUrl: webhookUrl.href,
      statusUrl: publicUrl && new URL("/status", publicUrl).href,
    },
  };
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems, readable: config };
}

type SettingName = Exclude<keyof Settings, "SHOPS" | "SHOP">;

const DEFAULT_EVENT = "Order Completed";
const DEFAULT_API_URL = "https://invitejs.trustpilot.com/api";

/** Kept out of wrangler.toml. */
const SECRETS: ReadonlySet<SettingName> = new Set([
  "TRUSTPILOT_INTEGRATION_KEY",
  "SEGMENT_SHARED_SECRET",
  "SEGMENT_SHARED_SECRET_PREVIOUS",
  "STATUS_PASSWORD",
  "ALERT_WEBHOOK_URL",
]);

function inSecrets(name: string): string {
  return `Run: npx wrangler secret put ${name}`;
}

function inVars(name: string, example: string): string {
  return `Set it under [vars] in wrangler.toml (${name} = "${example}") and run: npx wrangler deploy`;
}
