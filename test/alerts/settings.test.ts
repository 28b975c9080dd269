import { describe, expect, it } from "vitest";
import { checkConfig } from "../../src/config/config.ts";
import type { Settings } from "../../src/config/settings.ts";

const configOf = (env: Settings) => {
  const checked = checkConfig({ TRUSTPILOT_INTEGRATION_KEY: "alertSettingsKey", ...env });
  if (!checked.ok) throw new Error(checked.problems.map(({ message }) => message).join(" "));
  return checked.config;
};

describe("the settings of alerts", () => {
  it.each([[undefined], [""], ["  "]])("ALERT_WEBHOOK_URL %o wants no alerts", (url) => {
    const config = configOf({
      ...(url !== undefined && { ALERT_WEBHOOK_URL: url }),
      PUBLIC_URL: "https://a.example",
    });
    expect(config.alerts.webhookUrl).toBeNull();
  });

  it("PUBLIC_URL is not needed", () => {
    expect(configOf({ ALERT_WEBHOOK_URL: "https://hooks.example.com/a/b" }).alerts).toEqual({
      webhookUrl: "https://hooks.example.com/a/b",
      statusUrl: null,
      heartbeatUrl: null,
    });
  });

  it.each([
    "https://invitations.example.com",
    "https://invitations.example.com/",
    "https://invitations.example.com/segment?a=b",
  ])("PUBLIC_URL %s leads to the status page", (url) => {
    const { alerts } = configOf({ ALERT_WEBHOOK_URL: "https://hooks.example.com/a/b", PUBLIC_URL: url });
    expect(alerts.statusUrl).toBe("https://invitations.example.com/status");
  });

  it.each(["ALERT_WEBHOOK_URL", "PUBLIC_URL"] as const)(
    "%s that is no address is a problem, told with the command and without the value",
    (name) => {
      const checked = checkConfig({
        TRUSTPILOT_INTEGRATION_KEY: "alertSettingsKey",
        [name]: "hooks.example.com/T0/secret",
      });
      const [problem] = checked.ok ? [] : checked.problems;
      expect(problem).toMatchObject({ name, message: expect.stringContaining("npx wrangler ") });
      expect(problem?.message).not.toContain("T0/secret");
    },
  );
});
