/**
 * What every command does alike: reads its arguments, answers `--help`, and says what was wrong in one sentence.
 *
 * Something that the user got wrong is no crash: it is a `UserError`, shown without a stack, and the exit code is 1.
 * Anything else that is thrown is a fault of the command itself and keeps its stack.
 */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import colors from "picocolors";
import { printableLines } from "./printable.ts";
import { expectNoSecrets } from "./secret-arguments.ts";
import { UserError } from "./user-error.ts";

export { UserError };

interface Command<Options extends ParseArgsOptionsConfig> {
  /** As it is called: `npm run send`. */
  name: string;
  /** The whole text of `--help`. */
  help: string;
  options: Options;
  /** What may stand beside the options: one file, one of several commands and its file, or the options of another command after a second `--`. */
  beside?: "a file" | "a command and a file" | "options of wrangler";
}

/** Runs `main` with the checked arguments; its result is the exit code. */
export async function run<Options extends ParseArgsOptionsConfig>(
  command: Command<Options>,
  main: (values: Values<Options>, positionals: string[]) => Promise<number>,
): Promise<void> {
  try {
    const { values, positionals } = parse(command);
    if (values.help === true) {
      console.log(command.help.trim());
      return;
    }
    process.exitCode = await main(values, positionals);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`${colors.red("✘")} ${printableLines(error.message)}`);
    process.exitCode = 1;
  }
}

const HELP = { help: { type: "boolean", short: "h" } } as const;
const STRICT = { allowPositionals: true, strict: true } as const;

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options } & typeof STRICT>
>["values"];

function parse<Options extends ParseArgsOptionsConfig>({ name, options, beside }: Command<Options>) {
  const parsed = parseStrictly(name, options);
  const [first, second, third] = parsed.positionals;
  const unexpected = {
    "a file": second,
    "a command and a file": third,
    "options of wrangler": first?.startsWith("-") ? undefined : first,
    nothing: first,
  }[beside ?? "nothing"];
  if (unexpected !== undefined) {
    throw new UserError(`Unexpected argument "${unexpected}". All options: ${name} -- --help`);
  }
  return parsed;
}

function parseStrictly<Options extends ParseArgsOptionsConfig>(name: string, options: Options) {
  expectNoSecrets(process.argv.slice(2));
  try {
    const { values, positionals } = parseArgs({ options: { ...options, ...HELP }, ...STRICT });
    return { values: values as Values<Options> & { help?: boolean }, positionals };
  } catch (error) {
    const [sentence] = (error as Error).message.split(". ");
    throw new UserError(`${sentence}. All options: ${name} -- --help`);
  }
}

/** `value` as a whole number from `least` to `most`; `fallback` when the option was not given. */
export function wholeNumber(
  option: string,
  value: string | undefined,
  fallback: number,
  least: number,
  most = 1e9,
): number {
  if (value === undefined) return fallback;
  if (/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw new UserError(`--${option} must be a whole number from ${least} to ${most}, not "${value}".`);
}

/** As `wholeNumber`, for numbers that may have a fraction. */
export function decimal(
  option: string,
  value: string | undefined,
  fallback: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return fallback;
  if (/^\d*\.?\d+$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw new UserError(`--${option} must be a number from ${least} to ${most}, not "${value}".`);
}
