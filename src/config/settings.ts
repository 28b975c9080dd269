/**
 * Every setting, once. To add one, add a row: its group and field are its place in `Config`, and everything else
 * follows from it: the type, the check at start-up, what a shop may override, the questions of `npm run deploy`.
 * Then run `npm run settings`, which writes docs/settings.md, .dev.vars.example and the form of the "Deploy to
 * Cloudflare" button. Rules that concern several settings are in contradictions.ts, the rows of Trustpilot in
 * trustpilot-settings.ts.
 */
import { audienceKey } from "./audience-key.ts";
import { eventNamePattern, LONGEST_EVENT_NAME } from "./event-name.ts";
import { flag, list, oneOf, STRONG, text, url, wholeNumber, type Row, type Setting } from "./kinds.ts";
import { TRUSTPILOT } from "./trustpilot-settings.ts";

/** Without a letter or digit it is no name, and dropped. */
function eventName(name: string): string {
  return /[\p{L}\p{N}]/u.test(name) ? name.trim() : "";
}

export const SETTINGS = {
  trustpilot: TRUSTPILOT,
  segment: {
    sharedSecret: text("SEGMENT_SHARED_SECRET", {
      about:
        "A secret of your own, 16 characters or more. Enter the same under **Shared Secret** in Segment's webhook destination. A shop's own secret opens `/shops/{shop}/segment`.",
      secret: true,
      perShop: "own",
      whenEmpty: "no event is accepted unless SEGMENT_TOKEN or AUTHENTICATE_BY is set",
      ...STRONG,
    }),
    previousSecret: text("SEGMENT_SHARED_SECRET_PREVIOUS", {
      about: "The shared secret before this one, accepted too while you change it.",
      secret: true,
      perShop: "own",
    }),
    token: text("SEGMENT_TOKEN", {
      about:
        "For senders that cannot sign, such as RudderStack and Freshpaint: 16 characters or more, sent as `Authorization: Bearer …`. Accepted beside the signature. Where it is set, batches from Segment need it instead of the Integration Key.",
      secret: true,
      perShop: "own",
      must: "at least 16 characters without spaces",
      as: (token) => (/^\S{16,}$/.test(token) ? token : undefined),
    }),
    authenticateBy: oneOf("AUTHENTICATE_BY", {
      about:
        "Set to `integration-key` to accept events that carry nothing but the Integration Key, which is public in a JavaScript integration: anyone may then send orders.",
      words: ["integration-key"],
      example: "integration-key",
    }),
    inviteOn: text("INVITE_ON", {
      about: "The event that starts an invitation, for example `Order Shipped` or `Order Delivered`.",
      default: "Order Completed",
      perShop: "inherited",
      must: "the name of an event",
      as: (name) =>
        /[\p{L}\p{N}]/u.test(name) && name.length <= LONGEST_EVENT_NAME
          ? { name, pattern: eventNamePattern(name) }
          : undefined,
    }),
    cancelOn: list("CANCEL_ON", {
      about: "Further events that cancel an order, separated by commas. `Order Cancelled` always does.",
      example: "Saleor Order Cancelled",
      perShop: "inherited",
      as: eventName,
    }),
    refundOn: list("REFUND_ON", {
      about: "Further events that refund an order, separated by commas. `Order Refunded` always does.",
      example: "Saleor Order Refunded",
      perShop: "inherited",
      as: eventName,
    }),
  },
  rules: {
    holdDays: wholeNumber("HOLD_DAYS", {
      about:
        "Days after the order before the invitation is sent. A cancellation in that time cancels the invitation.",
      least: 0,
      default: "0",
      perShop: "inherited",
    }),
    maxOrderAgeDays: wholeNumber("MAX_ORDER_AGE_DAYS", {
      about:
        "Orders older than this, such as those from a Replay, are recorded and skipped. Also limits how long a due order may wait.",
      least: 1,
      default: "30",
      perShop: "inherited",
    }),
    maxWaitDays: wholeNumber("MAX_WAIT_DAYS", {
      about:
        "How many days an order may wait once it is due; then it is skipped. The smaller of this and MAX_ORDER_AGE_DAYS applies.",
      least: 1,
      default: "30",
      perShop: "inherited",
    }),
    inviteOneIn: wholeNumber("INVITE_ONE_IN", {
      about: "Invite one order in this many, chosen by the order id alone.",
      least: 1,
      default: "1",
      perShop: "inherited",
    }),
    excludeAudiences: list("EXCLUDE_AUDIENCES", {
      about: "Engage audiences or traits, separated by commas, whose members are not invited.",
      example: "opted_out, staff",
      perShop: "inherited",
      as: audienceKey,
    }),
    requireAudience: text("REQUIRE_AUDIENCE", {
      about: "Only members of this audience are invited.",
      example: "review_mails_allowed",
      perShop: "inherited",
      must: "one audience, without a comma",
      as: (name) => (name.includes(",") ? undefined : audienceKey(name) || undefined),
    }),
    requireConsent: text("REQUIRE_CONSENT", {
      about: "Only events with consent to this category (`context.consent.categoryPreferences`) are invited.",
      example: "Reviews",
      perShop: "inherited",
    }),
  },
  delivery: {
    onUnknown: oneOf("ON_UNKNOWN", {
      about:
        "What happens when it is not known whether an invitation was created: `wait` for a person to decide, or `resend` it and risk a second one.",
      words: ["wait", "resend"],
      default: "wait",
      perShop: "inherited",
    }),
    dryRun: flag("DRY_RUN", {
      about: "Do everything except the request to Trustpilot.",
      perShop: "inherited",
    }),
  },
  status: {
    password: text("STATUS_PASSWORD", {
      about: "A password of your own, 16 characters or more, that opens `/status` and `/orders`.",
      secret: true,
      ...STRONG,
      whenEmpty: "they stay closed",
    }),
    findByEmail: flag("FIND_BY_EMAIL", {
      about:
        "Set to `true` to find orders by the customer's e-mail address on `/status`. Keyed hashes of the address and of the user id are then kept beside each new order until the customer is deleted: [privacy.md](privacy.md).",
    }),
    accessAud: text("ACCESS_AUD", {
      about:
        "The audience tag of your Cloudflare Access application. With it, the pages open only to requests that Access allowed for this application; passwords no longer work.",
      example: "32eafc7626e737136b7c0f9ee7cd6a4a",
    }),
  },
  alerts: {
    webhookUrl: url("ALERT_WEBHOOK_URL", {
      about:
        "An incoming webhook of Slack, Mattermost, Google Chat or the like that is told about problems: [alerts.md](alerts.md).",
      secret: true,
      example: "https://hooks.slack.com/services/…",
      httpsOnly: true,
    }),
    heartbeatUrl: url("HEARTBEAT_URL", {
      about:
        "Called every hour while no problem is open, for a monitor such as healthchecks.io that alerts you when the calls stop.",
      secret: true,
      example: "https://hc-ping.com/…",
      httpsOnly: true,
    }),
    statusUrl: url("PUBLIC_URL", {
      about: "The Worker's own address, for the link in alerts.",
      example: "https://invitations.example.workers.dev",
      httpsOnly: true,
      as: (address) => new URL("/status", address).href,
    }),
  },
  storage: {
    jurisdiction: oneOf("JURISDICTION", {
      about:
        "Keeps the Durable Objects in this jurisdiction. Set it before the first order and never change it: [storage.md](storage.md#where-it-is-stored).",
      words: ["eu", "fedramp"],
      example: "eu",
    }),
    ledgers: wholeNumber("LEDGERS", {
      about:
        "How many ledgers each shop has. Part of what makes an order unique: set it before the first order and never change it.",
      least: 1,
      // Eight objects answer several thousand orders a second and cost nothing when idle.
      default: "8",
    }),
    ledgerSecret: text("LEDGER_SECRET", {
      about:
        "A secret of your own, at least 32 characters. Opens the routes that `npm run ledger` backs up and moves the ledgers with: [storage.md](storage.md#backups-and-moves). Without it they do not exist.",
      secret: true,
      must: "at least 32 characters long",
      as: (secret) => (secret.length >= 32 ? secret : undefined),
    }),
  },
};

/** The one setting that is a table. shop-settings.ts reads it, check-shops.ts checks it. */
export const SHOPS: Row & { name: "SHOPS" } = {
  name: "SHOPS",
  about: "Further shops behind the same Worker, each with its key and settings: [shops.md](shops.md).",
};

type Table = typeof SETTINGS;
type AnyOf<Group> = Group[keyof Group];
type NameOf<Some> = Some extends { name: infer Name extends string } ? Name : never;
export type SettingName = { [Group in keyof Table]: NameOf<AnyOf<Table[Group]>> }[keyof Table];

/** The settings as they come, from wrangler.toml, the secrets and the dashboard: nothing is checked yet. */
export type Settings = { [Name in SettingName]?: string } & {
  SHOPS?: unknown;
  /** The name of the shop that these are the settings of; set by src/bindings/scope.ts alone. */
  SHOP?: string;
  /** In a shop's settings: the affiliations of the other shops, and whose they are. Set by scope.ts, too. */
  OTHER_SHOPS?: Readonly<Record<string, string>>;
};

/** The checked values by group and field. */
export type Values = {
  [Group in keyof Table]: {
    [Field in keyof Table[Group]]: Table[Group][Field] extends Setting<string, infer Value> ? Value : never;
  };
};

/** In the order of the table. */
export const ALL_SETTINGS: readonly Setting<SettingName>[] = Object.values<
  Record<string, Setting<SettingName>>
>(SETTINGS).flatMap((group) => Object.values(group));
