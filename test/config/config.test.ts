import { describe, expect, it } from "vitest";
import { checkConfig, type Config } from "../../src/config/config.ts";
import type { SettingName, Settings } from "../../src/config/settings.ts";
import { callWorker } from "../support/worker.ts";

const KEY = "AbCdEfGhIjKl0123";

function check(settings: { [Name in keyof Settings]?: unknown }) {
  return checkConfig({ TRUSTPILOT_INTEGRATION_KEY: KEY, ...settings } as Settings);
}

function valid(settings: { [Name in keyof Settings]?: unknown }): Config {
  const checked = check(settings);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.config;
}

it("with the Integration Key alone everything else has its default", () => {
  const { segment, ...rest } = valid({});
  expect(segment).toMatchObject({ sharedSecrets: [], inviteOn: { name: "Order Completed" } });
  expect(rest).toMatchObject({
    trustpilot: {
      integrationKey: KEY,
      apiUrl: "https://invitejs.trustpilot.com/api",
      shopOrigin: null,
      transport: "integration-key",
      apiKey: null,
      apiSecret: null,
      businessUnitId: null,
      businessUserId: null,
      authUrl: "https://api.trustpilot.com/v1",
      invitationsUrl: "https://invitations-api.trustpilot.com/v1",
      afsAddress: null,
      afsFrom: null,
      templateId: null,
      productTemplateId: null,
      locale: null,
      senderName: null,
      senderEmail: null,
      replyTo: null,
      redirectUri: null,
      tags: null,
      sendAfterDays: null,
      monthlyLimit: null,
    },
    rules: {
      holdDays: 0,
      maxOrderAgeDays: 30,
      maxWaitDays: 30,
      inviteOneIn: 1,
      excludeAudiences: [],
      requireAudience: null,
      requireConsent: null,
    },
    delivery: { onUnknown: "wait", dryRun: false },
    status: { password: null, accessAud: null },
    alerts: { webhookUrl: null, heartbeatUrl: null, statusUrl: null },
    storage: { jurisdiction: null, ledgers: 8 },
  });
});

describe("a valid value is taken", () => {
  it.each<[keyof Settings, unknown, (config: Config) => unknown, unknown]>([
    ["TRUSTPILOT_INTEGRATION_KEY", ` ${KEY}\n`, ({ trustpilot }) => trustpilot.integrationKey, KEY],
    [
      "TRUSTPILOT_INTEGRATION_KEY",
      "short_or-long",
      ({ trustpilot }) => trustpilot.integrationKey,
      "short_or-long",
    ],
    [
      "SEGMENT_SHARED_SECRET",
      "a secret with spaces ",
      ({ segment }) => segment.sharedSecrets,
      ["a secret with spaces"],
    ],
    ["STATUS_PASSWORD", "sixteen:letters!", ({ status }) => status.password, "sixteen:letters!"],
    ["SEGMENT_TOKEN", "sixteen-letters!", ({ segment }) => segment.token, "sixteen-letters!"],
    ["AUTHENTICATE_BY", "Integration-Key", ({ segment }) => segment.authenticateBy, "integration-key"],
    [
      "TRUSTPILOT_API_URL",
      "http://127.0.0.1:8788/api//",
      ({ trustpilot }) => trustpilot.apiUrl,
      "http://127.0.0.1:8788/api",
    ],
    [
      "SHOP_ORIGIN",
      "https://shop.example.com/de/?x#y",
      ({ trustpilot }) => trustpilot.shopOrigin,
      "https://shop.example.com",
    ],
    [
      "SHOP_ORIGIN",
      "http://shop.example.com:8080",
      ({ trustpilot }) => trustpilot.shopOrigin,
      "http://shop.example.com:8080",
    ],
    ["INVITE_ON", " Order Shipped ", ({ segment }) => segment.inviteOn.name, "Order Shipped"],
    ["HOLD_DAYS", "7", ({ rules }) => rules.holdDays, 7],
    ["HOLD_DAYS", 7, ({ rules }) => rules.holdDays, 7],
    ["HOLD_DAYS", "0", ({ rules }) => rules.holdDays, 0],
    ["MAX_ORDER_AGE_DAYS", "365", ({ rules }) => rules.maxOrderAgeDays, 365],
    ["MAX_WAIT_DAYS", "7", ({ rules }) => rules.maxWaitDays, 7],
    ["INVITE_ONE_IN", " 3 ", ({ rules }) => rules.inviteOneIn, 3],
    [
      "EXCLUDE_AUDIENCES",
      " Opted out , staff,,(Test-Orders), Größe XL",
      ({ rules }) => rules.excludeAudiences,
      ["opted_out", "staff", "test_orders", "größe_xl"],
    ],
    ["EXCLUDE_AUDIENCES", " , ", ({ rules }) => rules.excludeAudiences, []],
    [
      "REQUIRE_AUDIENCE",
      "Review mails allowed",
      ({ rules }) => rules.requireAudience,
      "review_mails_allowed",
    ],
    ["REQUIRE_CONSENT", " Reviews ", ({ rules }) => rules.requireConsent, "Reviews"],
    ["ON_UNKNOWN", "Resend", ({ delivery }) => delivery.onUnknown, "resend"],
    ["DRY_RUN", "TRUE", ({ delivery }) => delivery.dryRun, true],
    ["DRY_RUN", true, ({ delivery }) => delivery.dryRun, true],
    ["DRY_RUN", false, ({ delivery }) => delivery.dryRun, false],
    ["MONTHLY_LIMIT", "50", ({ trustpilot }) => trustpilot.monthlyLimit, 50],
  ])("%s = %j", (name, value, read, expected) => expect(read(valid({ [name]: value }))).toEqual(expected));

  it("the current secret goes before the previous one", () => {
    const { segment } = valid({
      SEGMENT_SHARED_SECRET_PREVIOUS: "old",
      SEGMENT_SHARED_SECRET: "a new strong one",
    });
    expect(segment.sharedSecrets).toEqual(["a new strong one", "old"]);
  });
});

const OPTIONAL = [
  "SEGMENT_SHARED_SECRET",
  "SEGMENT_SHARED_SECRET_PREVIOUS",
  "STATUS_PASSWORD",
  "TRUSTPILOT_API_URL",
  "SHOP_ORIGIN",
  "INVITE_ON",
  "HOLD_DAYS",
  "MAX_ORDER_AGE_DAYS",
  "MAX_WAIT_DAYS",
  "INVITE_ONE_IN",
  "EXCLUDE_AUDIENCES",
  "REQUIRE_AUDIENCE",
  "REQUIRE_CONSENT",
  "ON_UNKNOWN",
  "DRY_RUN",
  "MONTHLY_LIMIT",
  "ALERT_WEBHOOK_URL",
  "PUBLIC_URL",
] as const;

it.each(OPTIONAL)("%s that is empty or blank counts as not set", (name) => {
  for (const value of ["", "  ", undefined, null]) {
    expect(valid({ [name]: value })).toEqual(valid({}));
  }
});

describe("a malformed value is named with the command that fixes it, and not quoted", () => {
  const deploy = "npx wrangler deploy";
  const secret = (name: string) => `npx wrangler secret put ${name}`;

  it.each<[SettingName, unknown, string]>([
    ["TRUSTPILOT_INTEGRATION_KEY", undefined, secret("TRUSTPILOT_INTEGRATION_KEY")],
    ["TRUSTPILOT_INTEGRATION_KEY", "  ", secret("TRUSTPILOT_INTEGRATION_KEY")],
    ["TRUSTPILOT_INTEGRATION_KEY", "telltale/../x", secret("TRUSTPILOT_INTEGRATION_KEY")],
    ["TRUSTPILOT_INTEGRATION_KEY", "telltale\nx", secret("TRUSTPILOT_INTEGRATION_KEY")],
    ["TRUSTPILOT_INTEGRATION_KEY", { telltale: 1 }, secret("TRUSTPILOT_INTEGRATION_KEY")],
    ["SEGMENT_SHARED_SECRET", ["telltale"], secret("SEGMENT_SHARED_SECRET")],
    ["STATUS_PASSWORD", { telltale: 1 }, secret("STATUS_PASSWORD")],
    ["SEGMENT_SHARED_SECRET", "telltale 15 chs", secret("SEGMENT_SHARED_SECRET")],
    ["STATUS_PASSWORD", "telltale", secret("STATUS_PASSWORD")],
    ["SEGMENT_TOKEN", "telltale with spaces", secret("SEGMENT_TOKEN")],
    ["AUTHENTICATE_BY", "telltale", deploy],
    ["TRUSTPILOT_API_URL", "telltale", deploy],
    ["TRUSTPILOT_API_URL", "ftp://telltale/", deploy],
    ["TRUSTPILOT_API_URL", "http://telltale.example.com/", deploy],
    ["TRUSTPILOT_API_URL", "http://127.0.0.1.telltale.example/", deploy],
    ["ALERT_WEBHOOK_URL", "http://telltale.example.com/", secret("ALERT_WEBHOOK_URL")],
    ["TRUSTPILOT_REDIRECT_URI", "http://telltale.example.com/", deploy],
    ["PUBLIC_URL", "http://telltale.example.com/", deploy],
    ["HEARTBEAT_URL", "http://telltale.example.com/", secret("HEARTBEAT_URL")],
    ["TRUSTPILOT_API_URL", "https://telltale@example.com/", deploy],
    ["ALERT_WEBHOOK_URL", "https://example.com:telltale@evil.example/", secret("ALERT_WEBHOOK_URL")],
    ["PUBLIC_URL", "https://telltale:telltale@example.com/", deploy],
    ["SHOP_ORIGIN", "telltale.example.com", deploy],
    ["SHOP_ORIGIN", "javascript:telltale", deploy],
    ["INVITE_ON", "_", deploy],
    ["INVITE_ON", "telltale".repeat(100), deploy],
    ["HOLD_DAYS", "telltale", deploy],
    ["HOLD_DAYS", "-1", deploy],
    ["HOLD_DAYS", "1.5", deploy],
    ["HOLD_DAYS", "1e3", deploy],
    ["HOLD_DAYS", "9999999999", deploy],
    ["HOLD_DAYS", true, deploy],
    ["MAX_ORDER_AGE_DAYS", "0", deploy],
    ["MAX_WAIT_DAYS", "0", deploy],
    ["MAX_ORDER_AGE_DAYS", "30 days", deploy],
    ["INVITE_ONE_IN", "0", deploy],
    ["INVITE_ONE_IN", "1/3", deploy],
    ["EXCLUDE_AUDIENCES", ["telltale", "staff"], deploy],
    ["EXCLUDE_AUDIENCES", { telltale: true }, deploy],
    ["REQUIRE_AUDIENCE", "one, telltale", deploy],
    ["REQUIRE_CONSENT", ["telltale"], deploy],
    ["ON_UNKNOWN", "telltale", deploy],
    ["DRY_RUN", "telltale", deploy],
    ["DRY_RUN", 1, deploy],
    ["MONTHLY_LIMIT", "0", deploy],
    ["MONTHLY_LIMIT", "unlimited", deploy],
    ["MONTHLY_LIMIT", ["telltale"], deploy],
    ["ALERT_WEBHOOK_URL", "telltale", secret("ALERT_WEBHOOK_URL")],
    ["ALERT_WEBHOOK_URL", ["https://telltale.example/"], secret("ALERT_WEBHOOK_URL")],
    ["PUBLIC_URL", "telltale", deploy],
  ])("%s = %j", (name, value, command) => {
    const checked = check({ [name]: value });
    if (checked.ok) throw new Error("it was taken");
    expect(checked.problems).toEqual([{ name, message: expect.stringContaining(name) }]);
    expect(checked.problems[0]!.message).toContain(command);
    expect(checked.problems[0]!.message).not.toContain("telltale");
  });

  it("a previous secret without a current one asks for the current one", () => {
    expect(check({ SEGMENT_SHARED_SECRET_PREVIOUS: "telltale" })).toMatchObject({
      ok: false,
      problems: [
        { name: "SEGMENT_SHARED_SECRET", message: expect.stringContaining(secret("SEGMENT_SHARED_SECRET")) },
      ],
    });
  });
});

describe("all problems are named at once", () => {
  const wrong = {
    TRUSTPILOT_INTEGRATION_KEY: "tell/tale",
    SEGMENT_SHARED_SECRET: undefined,
    SEGMENT_SHARED_SECRET_PREVIOUS: "tell tale",
    SHOP_ORIGIN: "tell.tale",
    HOLD_DAYS: "tell",
    ON_UNKNOWN: "tale",
    MONTHLY_LIMIT: "none",
  };
  const names = [
    "TRUSTPILOT_INTEGRATION_KEY",
    "SEGMENT_SHARED_SECRET",
    "SHOP_ORIGIN",
    "HOLD_DAYS",
    "ON_UNKNOWN",
    "MONTHLY_LIMIT",
  ];

  it("by the check", () => {
    const checked = check(wrong);
    expect(checked.ok ? [] : checked.problems.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });

  it.each([
    ["POST", "/segment", 503],
    ["GET", "/status/health", 200],
  ])("in the answer to %s %s, without a value", async (method, path, status) => {
    const headers = { Authorization: `Basic ${btoa("colleague:a strong password")}` };
    const settings = { ...wrong, STATUS_PASSWORD: "a strong password" };
    const response = await callWorker(
      new Request(`https://worker.example.com${path}`, { method, headers }),
      settings,
    );
    const text = await response.text();
    expect(response.status).toBe(status);
    for (const name of names) expect(text).toContain(name);
    expect(text).not.toMatch(/tell.?tale/);
  });
});

describe("what is needed depends on TRANSPORT", () => {
  const API = {
    TRANSPORT: "invitations-api",
    TRUSTPILOT_API_KEY: "key",
    TRUSTPILOT_API_SECRET: "secret",
    TRUSTPILOT_BUSINESS_UNIT_ID: "unit",
    TRUSTPILOT_BUSINESS_USER_ID: "user",
  };
  const EMAIL = {
    TRANSPORT: "email",
    TRUSTPILOT_AFS_ADDRESS: "shop+1a@invite.trustpilot.com",
    TRUSTPILOT_AFS_FROM: "orders@example.com",
  };
  const missing = (settings: Settings) => {
    const checked = checkConfig(settings);
    return checked.ok ? [] : checked.problems.map(({ name }) => name);
  };

  it.each<[string, Settings, string[]]>([
    ["nothing at all", {}, ["TRUSTPILOT_INTEGRATION_KEY"]],
    ["the API without anything", { TRANSPORT: "invitations-api" }, Object.keys(API).slice(1)],
    ["the e-mail without anything", { TRANSPORT: "email" }, Object.keys(EMAIL).slice(1)],
    [
      "the API beside the key as the proof",
      { ...API, AUTHENTICATE_BY: "integration-key" },
      ["TRUSTPILOT_INTEGRATION_KEY"],
    ],
    ["the API, complete", { ...API, SEGMENT_SHARED_SECRET: "a secret of at least 16 characters" }, []],
    ["the e-mail, complete", { ...EMAIL, SEGMENT_SHARED_SECRET: "a secret of at least 16 characters" }, []],
    [
      "a transport that does not exist",
      { TRANSPORT: "pigeon", TRUSTPILOT_INTEGRATION_KEY: "a" },
      ["TRANSPORT"],
    ],
  ])("%s", (_, settings, names) => {
    expect(missing(settings)).toEqual(names);
  });

  it.each([
    ["TRUSTPILOT_TAGS", "two words"],
    ["TRUSTPILOT_TAGS", "one,,two"],
    ["TRUSTPILOT_LOCALE", "english"],
    ["TRUSTPILOT_REPLY_TO", "no address"],
    ["TRUSTPILOT_BUSINESS_UNIT_ID", "../../elsewhere"],
    ["TRUSTPILOT_SEND_AFTER_DAYS", "-1"],
    ["TRUSTPILOT_INVITATIONS_URL", "http://api.example.com"],
  ])("%s = %j is invalid", (name, value) => {
    expect(missing({ TRUSTPILOT_INTEGRATION_KEY: "a", [name]: value })).toEqual([name]);
  });
});
