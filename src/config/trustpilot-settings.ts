/** The settings of Trustpilot: the part of the table in settings.ts that the transports read. */
import { oneOf, STRONG, text, url, wholeNumber } from "./kinds.ts";
import { TRANSPORT_NAMES } from "./transport-needs.ts";

export const TRUSTPILOT = {
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
