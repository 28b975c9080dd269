/** What the operator is asked on a terminal before a deploy. */
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isCancel, log, password, select, text } from "@clack/prompts";
import type { Setting } from "../../src/config/kinds.ts";
import type { Secret } from "../../src/config/secrets.ts";
import { SETTINGS } from "../../src/config/settings.ts";
import { UserError } from "../lib/command.ts";
import { ROOT } from "../lib/root.ts";

export type Secrets = Record<string, string>;

/** Asks for each of `missing`; what is not wanted is left out. @throws UserError when it is cancelled */
export async function askForSecrets(missing: readonly Secret[]): Promise<Secrets> {
  const secrets: Secrets = {};
  for (const secret of missing) {
    const { whenEmpty } = secret.setting;
    const value = whenEmpty === undefined ? await askFor(secret) : await askOrGenerate(secret, whenEmpty);
    if (value !== null) secrets[secret.name] = value;
  }
  return secrets;
}

/** Asks for the shop's address if there is none, and writes it into wrangler.toml. */
export async function askForOrigin(config: string, vars: Record<string, unknown>): Promise<void> {
  const { shopOrigin } = SETTINGS.trustpilot;
  const current = vars[shopOrigin.name];
  if (current !== undefined && current !== "") return;
  const answer = await text({
    message: `${shopOrigin.about} (${shopOrigin.name})`,
    placeholder: `${shopOrigin.example} (empty: ${shopOrigin.whenEmpty})`,
    validate: (value) => problemOf(shopOrigin, value),
  });
  const origin = answered(answer);
  if (!origin) return;
  const path = join(ROOT, config);
  const toml = await readFile(path, "utf8");
  const changed = toml.replace(/^SHOP_ORIGIN\s*=\s*""/m, () => `SHOP_ORIGIN = ${JSON.stringify(origin)}`);
  if (changed === toml) log.warn(`Add it under [vars] in ${config}: SHOP_ORIGIN = ${JSON.stringify(origin)}`);
  else await writeFile(path, changed);
}

async function askFor({ name, setting }: Secret): Promise<string | null> {
  const answer = await password({
    message: `${plain(setting.about)} (${name}) Leave empty to keep the deployed one.`,
    validate: (value) => problemOf(setting, value),
  });
  return answered(answer)?.trim() || null;
}

async function askOrGenerate({ name, setting }: Secret, whenEmpty: string): Promise<string | null> {
  const choice = answered(
    await select({
      message: `${plain(setting.about)} (${name})`,
      options: [
        { value: "generate", label: "Generate a strong one", hint: "shown once, after the deploy" },
        { value: "enter", label: "Enter my own" },
        { value: "none", label: `None: ${whenEmpty}`, hint: "or it is deployed already" },
      ],
    }),
  );
  if (choice === "generate") return generateSecret();
  if (choice === "none") return null;
  const answer = await password({ message: name, validate: (value) => problemOf(setting, value) });
  return answered(answer)?.trim() || null;
}

function problemOf(setting: Setting, value: string | undefined): string | undefined {
  const valid = !value?.trim() || setting.read(value.trim()) !== undefined;
  return valid ? undefined : `It must be ${setting.must}.`;
}

/** Without Markdown. */
function plain(about: string): string {
  return about.replaceAll(/[*`]/g, "");
}

/** 256 bits; letters, digits, - and _ only, so that it survives every form that it is pasted into. */
export function generateSecret(): string {
  return randomBytes(32).toString("base64url");
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new UserError("Cancelled: nothing was deployed.");
  return answer as Exclude<T, symbol>;
}
