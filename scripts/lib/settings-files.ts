/** What is written from the table of settings: docs/settings.md, .dev.vars.example, the Deploy button's form. Pure. */
import { nameFor } from "../../src/config/config-problem.ts";
import { ALL_SETTINGS, SETTINGS, SHOPS } from "../../src/config/settings.ts";
import type { Setting } from "../../src/config/kinds.ts";

const TITLES: Record<keyof typeof SETTINGS, string> = {
  trustpilot: "Trustpilot",
  segment: "Segment",
  rules: "Which orders are invited",
  delivery: "Sending",
  status: "Status page",
  alerts: "Alerts",
  storage: "Storage",
};

/** docs/settings.md, before Prettier. */
export function settingsPage(): string {
  const sections = Object.entries(SETTINGS).map(
    ([group, settings]) =>
      `## ${TITLES[group as keyof typeof SETTINGS]}\n\n${table(Object.values(settings))}`,
  );
  return `${HEAD}\n${sections.join("\n\n")}\n\n## Several shops\n\n${table([SHOPS])}\n`;
}

const HEAD = `# Settings

Written by \`npm run settings\` from the table in \`src/config/settings.ts\`.

Set a **secret** with \`npx wrangler secret put NAME\`; it takes effect at once. Everything else goes under \`[vars]\` in \`wrangler.toml\`, followed by \`npm run deploy\`. No wrong value is ignored: \`/segment\` answers 503 with every problem and its fix, and Segment sends its events again.

**Per shop**: a shop in \`SHOPS\` may have its own value and otherwise inherits the Worker's. A secret marked "own" is never inherited; its name carries the shop's, as in \`${nameFor(SETTINGS.trustpilot.integrationKey, "uk")}\`.
`;

function table(settings: readonly (Pick<Setting, "name"> & Partial<Setting>)[]): string {
  const rows = settings.map((setting) => {
    const { name, secret, perShop, about = "", example } = setting;
    const fallback = setting.default ? `\`${setting.default}\`` : "";
    const such = example === undefined || example === setting.default ? "" : ` Example: \`${example}\`.`;
    const what = `${about}${such}`;
    return `| \`${name}\` | ${secret ? "secret" : fallback} | ${perShop ?? ""} | ${what.replaceAll("|", "\\|")} |`;
  });
  return ["| name | default | per shop | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** Settings that the Deploy button's form asks for. */
function formSettings(): Setting[] {
  return ALL_SETTINGS.filter(({ required, whenEmpty }) => (required ?? whenEmpty) !== undefined);
}

/** The form's descriptions by name: `cloudflare.bindings` in package.json has these, and one for each binding. */
export function formDescriptions(): Record<string, { description: string }> {
  const entries = formSettings().map(({ name, required, about, whenEmpty }) => {
    const notes = required === undefined ? `${about} Empty: ${whenEmpty}.` : about;
    return [name, { description: notes }] as const;
  });
  return Object.fromEntries(entries);
}

/** .dev.vars.example. */
export function devVarsExample(): string {
  const secrets = ALL_SETTINGS.filter(({ secret }) => secret);
  const entries = secrets.map((setting) => {
    const { name, about } = setting;
    const sign = formSettings().includes(setting) ? "" : "# ";
    return `${comment(plain(about))}\n${sign}${name}=""`;
  });
  return [DEV_VARS_HEAD, ...entries].join("\n\n") + "\n";
}

const DEV_VARS_HEAD = `# Secrets, for \`npm run dev\` and the other commands. Copy this file so that only you may read it, and fill it in:
#   install -m 600 .dev.vars.example .dev.vars
# .dev.vars is never committed. Each line that is not commented out is a field in the form of the "Deploy to Cloudflare" button, filled
# with the value below, which is why there are no values here. Written by \`npm run settings\`.`;

/** Without Markdown. */
function plain(text: string): string {
  return text.replace(/\[[^\]]*\]\(([^)]*)\)/g, "docs/$1").replaceAll("**", "");
}

/** Lines of at most 118 characters. */
function comment(text: string): string {
  return text.replace(/(.{1,115})(?:\s+|$)/g, "# $1\n").trimEnd();
}
