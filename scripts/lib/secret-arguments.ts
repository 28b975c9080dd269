/**
 * No secret on a command line: every process on the machine can read it there, and the shell keeps it in its history.
 * One rule for all commands, for what they pass on to wrangler as well.
 */
import { ALL_SETTINGS } from "../../src/config/settings.ts";
import { UserError } from "./user-error.ts";

/** What one would call the option, and the variable to use instead. */
const VARIABLES: Record<string, string> = {
  secret: "SEGMENT_SHARED_SECRET",
  token: "SEGMENT_TOKEN",
  key: "TRUSTPILOT_INTEGRATION_KEY",
  password: "STATUS_PASSWORD",
  passphrase: "LEDGER_PASSPHRASE",
  identity: "LEDGER_IDENTITY",
};

const SECRETS = ALL_SETTINGS.filter(({ secret }) => secret).map(({ name }) => name);
const OF_COMMANDS = [
  "CF_ACCESS_CLIENT_SECRET",
  "LEDGER_PASSPHRASE",
  "LEDGER_IDENTITY",
  "CLOUDFLARE_API_TOKEN",
];

/** `--secret`, `--ledger-secret=…`. */
const OPTION = /^--?(?:[a-z-]+-)?(secret|token|key|password|passphrase|identity)(?:=|$)/i;

/** `SEGMENT_TOKEN=…`, and `STATUS_PASSWORD:…` as in `--var` of wrangler; a shop's own has more after the name. */
const ASSIGNMENT = new RegExp(`(?:^|[^A-Z_])((?:${[...SECRETS, ...OF_COMMANDS].join("|")})[A-Z\\d_]*)[:=]`);

/** @throws UserError that says what to use instead, and does not repeat the secret */
export function expectNoSecrets(args: readonly string[]): void {
  for (const arg of args) {
    const word = OPTION.exec(arg)?.[1]?.toLowerCase();
    const name = ASSIGNMENT.exec(arg)?.[1];
    if (word === undefined && name === undefined) continue;
    const variable = name ?? variableFor(arg, word!);
    throw new UserError(
      `No secret on the command line, please: every process on this machine could read it, and your shell keeps it. Set ${variable} in the environment or in .dev.vars instead.`,
    );
  }
}

/** `--ledger-secret` is LEDGER_SECRET; what is no setting's name goes by its last word. */
function variableFor(option: string, word: string): string {
  const spelled = option
    .replace(/^--?|=.*$/gs, "")
    .replaceAll("-", "_")
    .toUpperCase();
  return SECRETS.find((name) => name === spelled) ?? VARIABLES[word]!;
}
