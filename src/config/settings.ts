/**
 * Every setting, once. To add one, add a row: its group and field are its place in `Config`, and everything else
 * follows from it: the type, the check at start-up, what a shop may override, the questions of `npm run deploy`.
 * Then run `npm run settings`, which writes docs/settings.md, .dev.vars.example and the form of the "Deploy to
 * Cloudflare" button. Rules that concern several settings are in contradictions.ts.
 */
import { audienceKey } from "./audience-key.ts";
import { eventNamePattern, LONGEST_EVENT_NAME } from "./event-name.ts";
import { flag, list, oneOf, text, url, wholeNumber, type Row, type Setting } from "./kinds.ts";
import { TRANSPORT_NAMES } from "./transport-needs.ts";

/** Without a letter or digit it is no name, and dropped. */
function eventName(name: string): string {
  return /[\p{L}\p{N}]/u.test(name) ? name.trim() : "";
}

/** What cannot be guessed in a lifetime. */
const STRONG = {
  must: "at least 16 characters",
  as: (secret: string) => (secret.length >= 16 ? secret : undefined),
};

export const SETTINGS = {
  trustpilot: {
    transport: oneOf("TRANSPORT", {
      about:
        "How invitations reach Trustpilot: [trustpilot.md](trustpilot.md). If a transport lacks a setting it needs, the Worker names it.",
      words: TRANSPORT_NAMES,
      default: "integration-key",
      perShop: "inherited",
    }),
    integrationKey: text("TRUSTPILOT_INTEGRATION_KEY", {
      about:
        "**Required for `integration-key`.** Trustpilot's Integration Key: Trustpilot > Integrations > Developers. Usually 16 letters and digits.",
      secret: true,
      perShop: "own",
      required: "Copy it from Trustpilot (Integrations > Developers).",
      must: "letters and digits, usually 16",
      as: (value) => (/^[\w-]+$/.test(value) ? value : undefined),
    }),
    apiUrl: url("TRUSTPILOT_API_URL", {
      about: "Where invitations are created. Leave it as it is.",
      default: "https://invitejs.trustpilot.com/api",
      example: "https://invitejs.trustpilot.com/api",
      httpsOnly: true,
      as: withoutSlash,
    }),
    shopOrigin: url("SHOP_ORIGIN", {
      about:
        "Your shop's address. Trustpilot's own plugins send it with every request, and its block list is keyed on the host.",
      example: "https://www.example.com",
      perShop: "inherited",
      whenEmpty: "none is sent",
      as: ({ origin }) => origin,
    }),
    apiKey: text("TRUSTPILOT_API_KEY", {
      about:
        "For `invitations-api`. The key of an API application: Trustpilot > Integrations > Developers > APIs.",
      secret: true,
      perShop: "inherited",
    }),
    apiSecret: text("TRUSTPILOT_API_SECRET", {
      about: "For `invitations-api`. The secret of the same application.",
      secret: true,
      perShop: "inherited",
    }),
    businessUnitId: text("TRUSTPILOT_BUSINESS_UNIT_ID", {
      about: "For `invitations-api`. The business unit that is reviewed.",
      example: "507f191e810c19729de860ea",
      perShop: "inherited",
      must: "an id of letters and digits",
      as: asId,
    }),
    businessUserId: text("TRUSTPILOT_BUSINESS_USER_ID", {
      about: "For `invitations-api`. A user of the account who is an Admin or a Manager.",
      example: "507f191e810c19729de86001",
      perShop: "inherited",
      must: "an id of letters and digits",
      as: asId,
    }),
    authUrl: url("TRUSTPILOT_AUTH_URL", {
      about: "For `invitations-api`. Where its access token is fetched. Leave it as it is.",
      default: "https://api.trustpilot.com/v1",
      example: "https://api.trustpilot.com/v1",
      httpsOnly: true,
      as: withoutSlash,
    }),
    invitationsUrl: url("TRUSTPILOT_INVITATIONS_URL", {
      about: "For `invitations-api`. Where its invitations are created. Leave it as it is.",
      default: "https://invitations-api.trustpilot.com/v1",
      example: "https://invitations-api.trustpilot.com/v1",
      httpsOnly: true,
      as: withoutSlash,
    }),
    afsAddress: text("TRUSTPILOT_AFS_ADDRESS", {
      about: "For `email`. The account's own address, to which the binding EMAIL must be pinned.",
      example: "example.com+1a2b3c4d5e@invite.trustpilot.com",
      perShop: "inherited",
      must: "an e-mail address",
      as: asAddress,
    }),
    afsFrom: text("TRUSTPILOT_AFS_FROM", {
      about: "For `email`. The sender, at a domain that Cloudflare sends for.",
      example: "orders@example.com",
      perShop: "inherited",
      must: "an e-mail address",
      as: asAddress,
    }),
    templateId: text("TRUSTPILOT_TEMPLATE_ID", {
      about: "For `invitations-api` and `email`. The template of the invitation; else the account's own.",
      example: "507f191e810c19729de860ea",
      perShop: "inherited",
      must: "an id of letters and digits",
      as: asId,
    }),
    productTemplateId: text("TRUSTPILOT_PRODUCT_TEMPLATE_ID", {
      about:
        "For `invitations-api` and `email`. With it, customers are also invited to review the products, a day later.",
      example: "507f191e810c19729de860eb",
      perShop: "inherited",
      must: "an id of letters and digits",
      as: asId,
    }),
    locale: text("TRUSTPILOT_LOCALE", {
      about: "For `invitations-api` and `email`. The language of invitations whose event names none.",
      example: "en-US",
      perShop: "inherited",
      must: "a language and a region, such as en-US",
      as: (value) => (/^[a-z]{2}-[A-Z]{2}$/.test(value) ? value : undefined),
    }),
    senderName: text("TRUSTPILOT_SENDER_NAME", {
      about: "For `invitations-api` and `email`. Who the invitation comes from.",
      example: "Example Shop",
      perShop: "inherited",
    }),
    senderEmail: text("TRUSTPILOT_SENDER_EMAIL", {
      about: "For `invitations-api` and `email`. The invitation's sender address, as set up at Trustpilot.",
      example: "noreply.invitations@trustpilotmail.com",
      perShop: "inherited",
      must: "an e-mail address",
      as: asAddress,
    }),
    replyTo: text("TRUSTPILOT_REPLY_TO", {
      about: "For `invitations-api` and `email`. Where replies to the invitation go.",
      example: "service@example.com",
      perShop: "inherited",
      must: "an e-mail address",
      as: asAddress,
    }),
    redirectUri: url("TRUSTPILOT_REDIRECT_URI", {
      about: "For `invitations-api`. Where the customer goes after the review.",
      example: "https://www.example.com/thanks",
      perShop: "inherited",
      httpsOnly: true,
    }),
    tags: text("TRUSTPILOT_TAGS", {
      about: "For `invitations-api` and `email`. Tags of the review, separated by commas.",
      example: "webshop,2026",
      perShop: "inherited",
      must: "tags without spaces, separated by commas",
      as: asTags,
    }),
    sendAfterDays: wholeNumber("TRUSTPILOT_SEND_AFTER_DAYS", {
      about:
        "For `invitations-api` and `email`. Days that Trustpilot waits before it sends; else the account's own delay.",
      least: 0,
      example: "7",
      perShop: "inherited",
    }),
    reviewsSecret: text("TRUSTPILOT_REVIEWS_SECRET", {
      about:
        "A secret of your own, 16 characters or more, that makes `/trustpilot/reviews/{secret}` take Trustpilot's review webhook: [trustpilot.md](trustpilot.md#reviews). Make it with `openssl rand -hex 32`: Cloudflare's logs mask a path segment that looks like this.",
      secret: true,
      perShop: "own",
      ...STRONG,
    }),
    monthlyLimit: wholeNumber("MONTHLY_LIMIT", {
      about:
        "How many invitations your Trustpilot plan includes each month; further orders wait for the next month.",
      least: 1,
      example: "50",
      perShop: "inherited",
    }),
  },
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

function withoutSlash({ href }: URL): string {
  return href.replace(/\/+$/, "");
}

function asId(value: string): string | undefined {
  return /^[\w-]+$/.test(value) ? value : undefined;
}

function asAddress(value: string): string | undefined {
  return /^[^\s@<>"]+@[^\s@<>"]+$/.test(value) ? value : undefined;
}

function asTags(value: string): readonly string[] | undefined {
  const tags = value.split(",").map((tag) => tag.trim());
  return tags.some((tag) => tag === "" || /\s/.test(tag)) ? undefined : tags;
}

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
