/**
 * What every command does alike: reads its arguments, answers `--help`, and says what was wrong in one sentence.
 *
 * A mistake of the operator's is no crash: it is a `Mistake`, shown without a stack, and the exit code is 1.
 * Anything else that is thrown is a fault of the command itself and keeps its stack.
 */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import colors from "picocolors";

/** Something that the person at the keyboard can mend; the message says how. */
export class Mistake extends Error {
  override name = "Mistake";
}

export interface Command<Options extends ParseArgsOptionsConfig> {
  /** As it is called: `npm run send`. */
  name: string;
  /** The whole text of `--help`. */
  help: string;
  options: Options;
}

/** Runs `main` with the checked arguments; its result is the exit code. */
export async function run<Options extends ParseArgsOptionsConfig>(
  { name, help, options }: Command<Options>,
  main: (values: Values<Options>, positionals: string[]) => Promise<number>,
): Promise<void> {
  try {
    const { values, positionals } = parse(name, options);
    if (values.help === true) {
      console.log(help.trim());
      return;
    }
    process.exitCode = await main(values, positionals);
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    console.error(`${colors.red("✘")} ${error.message}`);
    process.exitCode = 1;
  }
}

const HELP = { help: { type: "boolean", short: "h" } } as const;
const STRICT = { allowPositionals: true, strict: true } as const;

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options } & typeof STRICT>
>["values"];

function parse<Options extends ParseArgsOptionsConfig>(name: string, options: Options) {
  try {
    const { values, positionals } = parseArgs({ options: { ...options, ...HELP }, ...STRICT });
    return { values: values as Values<Options> & { help?: boolean }, positionals };
  } catch (error) {
    const [sentence] = (error as Error).message.split(". ");
    throw new Mistake(`${sentence}. All options: ${name} -- --help`);
  }
}

/** `value` as a whole number of at least `least`; `fallback` when the option was not given. */
export function wholeNumber(
  option: string,
  value: string | undefined,
  fallback: number,
  least: number,
  most = 1e9,
): number {
  if (value === undefined) return fallback;
  if (/^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  throw new Mistake(`--${option} must be a whole number from ${least} to ${most}, not "${value}".`);
}
