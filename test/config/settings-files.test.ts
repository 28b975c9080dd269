/** What is written from the table of settings is up to date, and what is documented is what the code takes. */
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json";
import page from "../../docs/settings.md?raw";
import example from "../../.dev.vars.example?raw";
import { devVarsExample, formDescriptions, settingsPage } from "../../scripts/lib/settings-files.ts";
import { checkConfig } from "../../src/config/config.ts";
import { problemWith } from "../../src/config/config-problem.ts";
import { ALL_SETTINGS, type SettingName } from "../../src/config/settings.ts";

const REMEDY = "run: npm run settings";

/** Prettier aligns tables. */
const unaligned = (markdown: string) => markdown.replace(/ +/g, " ").replace(/-+/g, "-");

describe("what npm run settings writes is up to date", () => {
  it("docs/settings.md", () => expect(unaligned(page), REMEDY).toBe(unaligned(settingsPage())));

  it(".dev.vars.example", () => expect(example, REMEDY).toBe(devVarsExample()));

  it('the descriptions of the "Deploy to Cloudflare" form', () =>
    expect(packageJson.cloudflare.bindings, REMEDY).toMatchObject(formDescriptions()));
});

describe("the table of settings", () => {
  it("has each name once", () => {
    const names = ALL_SETTINGS.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it("documents the defaults that the code has", () => {
    const key = { TRUSTPILOT_INTEGRATION_KEY: "abcdefghijklmnop" };
    const written = Object.fromEntries(
      ALL_SETTINGS.filter((setting) => setting.default).map((setting) => [setting.name, setting.default]),
    );
    expect(checkConfig({ ...key, ...written })).toEqual(checkConfig(key));
  });

  it.each(
    ALL_SETTINGS.map((setting): [SettingName, (typeof ALL_SETTINGS)[number]] => [setting.name, setting]),
  )("%s has an example that is valid, and a fix that says where to set it", (_name, setting) => {
    if (setting.example !== undefined) expect(setting.read(setting.example)).toBeDefined();
    for (const shop of [null, "uk"]) {
      const { message } = problemWith(setting, shop, "is wrong.");
      expect(message).toMatch(
        setting.secret ? /npx wrangler secret put \w+$/ : /Set it under \[vars.*npx wrangler deploy$/,
      );
    }
  });
});

it("a shop's own secret carries its name, and 'previous' stays at the end", () => {
  const own = (name: string) => ({ ...ALL_SETTINGS[0]!, name, secret: true, perShop: "own" }) as const;
  expect(problemWith(own("A_SECRET"), "us-west", "").name).toBe("A_SECRET_US_WEST");
  expect(problemWith(own("A_SECRET_PREVIOUS"), "uk", "").name).toBe("A_SECRET_UK_PREVIOUS");
});
