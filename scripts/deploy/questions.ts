/** What the operator is asked before a deploy, on a terminal. */
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isCancel, log, password, select, text } from "@clack/prompts";
import { UserError } from "../lib/command.ts";
import { ROOT } from "../lib/root.ts";
import type { Vars } from "../lib/rules.ts";

export type Secrets = Record<string, string>;

/** Beside the Integration Keys. */
export const SECRETS = ["SEGMENT_SHARED_SECRET", "STATUS_PASSWORD"] as const;

type SecretName = (typeof SECRETS)[number];

/** Asks for each of `missing`; what is not wanted is left out. @throws UserError when it is cancelled */
export async function askForSecrets(missing: readonly string[]): Promise<Secrets> {
  const secrets: Secrets = {};
  for (const name of missing) {
    const value = isOptional(name) ? await askOrGenerate(name) : await askForKey(name);
    if (value !== null) secrets[name] = value;
  }
  return secrets;
}

/** Asks for the shop's address if there is none, and writes it into wrangler.toml. */
export async function askForOrigin(config: string, vars: Vars): Promise<void> {
  const current = vars["SHOP_ORIGIN"];
  if (current !== undefined && current !== "") return;
  const answer = await text({
    message: "The shop's address (SHOP_ORIGIN). Trustpilot's own plugins send it with every request.",
    placeholder: "https://www.example.com (empty: none)",
    validate: (value) =>
      !value || /^https?:$/.test(URL.parse(value)?.protocol ?? "")
        ? undefined
        : "An address begins with https://",
  });
  const origin = answered(answer);
  if (!origin) return;
  const path = join(ROOT, config);
  const toml = await readFile(path, "utf8");
  const changed = toml.replace(/^SHOP_ORIGIN\s*=\s*""/m, () => `SHOP_ORIGIN = ${JSON.stringify(origin)}`);
  if (changed === toml) log.warn(`Add it under [vars] in ${config}: SHOP_ORIGIN = ${JSON.stringify(origin)}`);
  else await writeFile(path, changed);
}

function isOptional(name: string): name is SecretName {
  return SECRETS.some((known) => known === name);
}

async function askForKey(name: string): Promise<string | null> {
  const answer = await password({
    message: `Trustpilot's Integration Key (Trustpilot > Integrations > Developers) for ${name}. Empty: it is deployed already.`,
    validate: (value) =>
      !value || /^\s*[\w-]+\s*$/.test(value) ? undefined : "A key has only letters and digits, usually 16.",
  });
  return answered(answer)?.trim() || null;
}

const MEANINGS: Record<SecretName, { what: string; without: string }> = {
  SEGMENT_SHARED_SECRET: {
    what: "The shared secret, by which Segment's events are told from anybody else's",
    without: "None: events must carry the Integration Key",
  },
  STATUS_PASSWORD: {
    what: "The password for /status and /orders",
    without: "None: they stay closed",
  },
};

async function askOrGenerate(name: keyof typeof MEANINGS): Promise<string | null> {
  const { what, without } = MEANINGS[name];
  const choice = answered(
    await select({
      message: `${what} (${name})`,
      options: [
        { value: "generate", label: "Generate a strong one", hint: "shown once, after the deploy" },
        { value: "enter", label: "Enter my own" },
        { value: "none", label: without, hint: "or it is deployed already" },
      ],
    }),
  );
  switch (choice) {
    case "generate":
      return generateSecret();
    case "enter":
      return answered(await password({ message: name }))?.trim() || null;
    case "none":
      return null;
  }
}

/** 256 bits; letters, digits, - and _ only, so that it survives every form that it is pasted into. */
export function generateSecret(): string {
  return randomBytes(32).toString("base64url");
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new UserError("Cancelled: nothing was deployed.");
  return answer as Exclude<T, symbol>;
}
