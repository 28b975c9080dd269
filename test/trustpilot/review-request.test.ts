import { describe, expect, it } from "vitest";
import type { Order } from "../../src/domain/order.ts";
import { DAY } from "../../src/lib/time.ts";
import { toHtml, toSnippet, withoutInvited } from "../../src/trustpilot/email/snippet.ts";
import { judgeMailError } from "../../src/trustpilot/email/mail-error.ts";
import { toEmailInvitation, withoutConsumer } from "../../src/trustpilot/invitations-api/email-invitation.ts";
import { toReviewRequest } from "../../src/trustpilot/review-request.ts";
import { readLocale } from "../../src/segment/locale.ts";
import { configOf, NOON } from "../support/reading.ts";

const ORDER: Order = {
  orderId: "1001",
  email: "jane@example.com",
  name: "Jane Doe",
  total: 20,
  currency: "EUR",
  products: [
    { sku: "C-1", productId: "1", name: "Cup", price: 5, gtin: "4006381333931", category: "Home" },
    { productId: "2", name: "Plate", imageUrl: "https://shop.example.com/2.jpg" },
    { sku: "nameless" },
    { name: "without a number" },
  ],
  customer: { userId: "user-42" },
  orderedAt: null,
};

const ALL = {
  TRUSTPILOT_TEMPLATE_ID: "service1",
  TRUSTPILOT_PRODUCT_TEMPLATE_ID: "product1",
  TRUSTPILOT_LOCALE: "de-DE",
  TRUSTPILOT_SENDER_NAME: "Shop",
  TRUSTPILOT_SENDER_EMAIL: "shop@example.com",
  TRUSTPILOT_REPLY_TO: "service@example.com",
  TRUSTPILOT_REDIRECT_URI: "https://shop.example.com/thanks",
  TRUSTPILOT_TAGS: "webshop, b2c",
  TRUSTPILOT_SEND_AFTER_DAYS: "3",
};

const requestOf = (settings = {}, order = ORDER) =>
  toReviewRequest(order, configOf(settings).trustpilot, NOON);
const bodyOf = (value: object) => JSON.parse(JSON.stringify(value)) as object;

const PRODUCTS = [
  { sku: "C-1", name: "Cup", gtin: "4006381333931" },
  { sku: "2", name: "Plate", imageUrl: "https://shop.example.com/2.jpg" },
];

describe("an invitation of the Invitations API", () => {
  it("has, without settings, no more than Trustpilot requires", () => {
    expect(bodyOf(toEmailInvitation(ORDER, requestOf()))).toEqual({
      type: "email",
      referenceNumber: "1001",
      consumerName: "Jane Doe",
      consumerEmail: "jane@example.com",
      serviceReviewInvitation: {},
    });
  });

  it("has every setting in its place, and the products a day after the shop", () => {
    expect(bodyOf(toEmailInvitation({ ...ORDER, name: "" }, requestOf(ALL)))).toEqual({
      type: "email",
      referenceNumber: "1001",
      consumerName: "Customer",
      consumerEmail: "jane@example.com",
      locale: "de-DE",
      senderName: "Shop",
      senderEmail: "shop@example.com",
      replyTo: "service@example.com",
      serviceReviewInvitation: {
        templateId: "service1",
        preferredSendTime: "2026-06-18T12:00:00Z",
        redirectUri: "https://shop.example.com/thanks",
        tags: ["webshop", "b2c"],
      },
      productReviewInvitation: {
        templateId: "product1",
        preferredSendTime: "2026-06-19T12:00:00Z",
        redirectUri: "https://shop.example.com/thanks",
        products: PRODUCTS,
      },
    });
  });

  it("shows nothing of the consumer", () => {
    expect(Object.keys(withoutConsumer(toEmailInvitation(ORDER, requestOf())))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/consumer/)]),
    );
  });
});

describe("the times to send", () => {
  it.each<[string, object, number | undefined, number | undefined]>([
    ["are left to Trustpilot when nothing asks for one", {}, undefined, undefined],
    ["are named when a setting does", { TRUSTPILOT_SEND_AFTER_DAYS: "0" }, 0, undefined],
    ["are both named when products are reviewed too", { TRUSTPILOT_PRODUCT_TEMPLATE_ID: "p" }, 7, 8],
  ])("%s", (_, settings, service, product) => {
    const { service: first, product: second } = requestOf(settings);
    expect(first.sendAt).toBe(service === undefined ? undefined : NOON + service * DAY);
    expect(second?.sendAt).toBe(product === undefined ? undefined : NOON + product * DAY);
  });

  it("have none for products when no product can be told apart", () => {
    const order = { ...ORDER, products: [{ name: "without a number" }] };
    expect(requestOf({ TRUSTPILOT_PRODUCT_TEMPLATE_ID: "p" }, order)).toMatchObject({
      service: { sendAt: undefined },
      product: undefined,
    });
  });
});

it("the event's language counts more than the setting's", () => {
  const order = { ...ORDER, locale: "da-DK" };
  expect(requestOf({ TRUSTPILOT_LOCALE: "de-DE" }, order).locale).toBe("da-DK");
  expect(requestOf({ TRUSTPILOT_LOCALE: "de-DE" }).locale).toBe("de-DE");
});

it.each<[unknown, string | undefined]>([
  ["en-US", "en-US"],
  ["en_us", "en-US"],
  [" DE-at ", "de-AT"],
  ["da", "da-DK"],
  ["zh-Hant-TW", "zh-TW"],
  ["en-GB-u-ca-gregory", "en-GB"],
  ["", undefined],
  ["none at all", undefined],
  ["und", "en-US"],
  ["gsw-CH", undefined],
  ["e".repeat(1000), undefined],
  [42, undefined],
  [null, undefined],
])("the locale %j is read as %j", (value, locale) => {
  expect(readLocale(value)).toBe(locale);
});

describe("the snippet of the feedback e-mail", () => {
  it("has every setting that AFS knows", () => {
    expect(bodyOf(toSnippet(ORDER, requestOf(ALL)))).toEqual({
      recipientEmail: "jane@example.com",
      recipientName: "Jane Doe",
      referenceId: "1001",
      templateId: "service1",
      productReviewInvitationTemplateId: "product1",
      locale: "de-DE",
      senderEmail: "shop@example.com",
      senderName: "Shop",
      replyTo: "service@example.com",
      preferredSendTime: "2026-06-18T12:00:00",
      productReviewInvitationPreferredSendTime: "2026-06-19T12:00:00",
      tags: ["webshop", "b2c"],
      products: PRODUCTS,
    });
  });

  it.each(["</script>", "</SCRIPT ", "<!--<script>", "]]>", "é\u2028😀", '"\\'])(
    "cannot be broken by a name of %j, and is plain ASCII",
    (name) => {
      const html = toHtml(toSnippet({ ...ORDER, name }, requestOf()));
      expect(html).toMatch(/^[\x20-\x7e]+$/);
      const json = /<script type="application\/json\+trustpilot">(.*?)<\/script/i.exec(html)![1]!;
      expect(JSON.parse(json)).toMatchObject({ recipientName: name });
      expect(html.match(/<\/?script|<!--/gi)).toHaveLength(2);
    },
  );

  it("shows nothing of the recipient", () => {
    const shown = JSON.stringify(withoutInvited(toSnippet(ORDER, requestOf())));
    expect(shown).not.toMatch(/jane|doe/i);
  });
});

describe("an error of Cloudflare's mail service", () => {
  const coded = (code: string) => Object.assign(new Error("to jane@example.com"), { code });
  it.each<[string, unknown, object]>([
    ["a rate limit", coded("E_RATE_LIMIT_EXCEEDED"), { kind: "transient", retryAfter: null }],
    ["a daily limit", coded("E_DAILY_LIMIT_EXCEEDED"), { kind: "transient", retryAfter: 3_600_000 }],
    ["an outage", coded("E_INTERNAL_SERVER_ERROR"), { kind: "transient", retryAfter: null }],
    ["an unverified sender", coded("E_SENDER_NOT_VERIFIED"), { kind: "accountRefused", problem: "sender" }],
    [
      "a missing domain",
      coded("E_SENDER_DOMAIN_NOT_AVAILABLE"),
      { kind: "accountRefused", problem: "sender" },
    ],
    ["a foreign address", coded("E_RECIPIENT_NOT_ALLOWED"), { kind: "accountRefused", problem: "sender" }],
    ["a suppressed address", coded("E_RECIPIENT_SUPPRESSED"), { kind: "accountRefused", problem: "sender" }],
    ["a failed delivery", coded("E_DELIVERY_FAILED"), { kind: "noResponse" }],
    ["a large mail", coded("E_CONTENT_TOO_LARGE"), { kind: "refused", reason: "mail_refused" }],
    ["a code of later", coded("E_SOMETHING_NEW"), { kind: "refused", reason: "mail_refused" }],
    ["no code", new Error("Network connection lost."), { kind: "noResponse" }],
    ["no error", "thrown", { kind: "noResponse" }],
    ["nothing", null, { kind: "noResponse" }],
  ])("with %s is classified", (_, error, verdict) => {
    expect(judgeMailError(error)).toEqual(verdict);
  });
});
