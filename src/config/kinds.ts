/**
 * The kinds of settings: how the text of each is checked and read. A default is written as in wrangler.toml and read
 * like any other value, so the documentation and the Worker cannot disagree about it.
 */

/** What the table says about a setting, whatever its kind. */
export interface Row {
  /** For docs/settings.md, the form of the "Deploy to Cloudflare" button and the questions of `npm run deploy`. */
  about: string;
  /** As written in wrangler.toml. Without one, a setting that is not set is `null` (a list is empty). */
  default?: string;
  example?: string;
  /** Kept out of wrangler.toml; never shown. */
  secret?: true;
  /**
   * Whether a shop of SHOPS may have its own: `inherited` from the Worker unless it does, or only its `own`.
   * A shop's own secret is named after it: `TRUSTPILOT_INTEGRATION_KEY_UK`.
   */
  perShop?: "inherited" | "own";
  /** A new Worker needs it, unless other settings say otherwise (contradictions.ts). Says where to find it. */
  required?: string;
  /** Asked for when the Worker is set up. Says what it means to leave it empty. */
  whenEmpty?: string;
}

export interface Setting<Name extends string = string, Value = unknown> extends Row {
  name: Name;
  /** Completes "NAME must be …". */
  must: string;
  /** @param text trimmed, not empty @returns `undefined` when it is not valid */
  read(text: string): Value | undefined;
  /** The value when it is not set. */
  fallback: Value;
}

/** Without a default, a setting may be missing. */
type ValueOf<Options, Value> = Options extends { default: string } ? Value : Value | null;

function setting<const Name extends string, Options extends Row, Value>(
  name: Name,
  row: Options,
  must: string,
  read: (text: string) => Value | undefined,
): Setting<Name, ValueOf<Options, Value>> {
  const fallback = (row.default === undefined ? null : read(row.default)) as ValueOf<Options, Value>;
  return { ...row, name, must, read, fallback };
}

type TextRow = Row & { must?: string; as?: (text: string) => unknown };
type Text<Options> = Options extends { as: (text: string) => infer Value }
  ? Exclude<Value, undefined>
  : string;

/** @param row `as` reads it, `undefined` for one that is not valid; `must` then says what is */
export function text<const Name extends string, Options extends TextRow>(name: Name, row: Options) {
  const read = row.as ?? ((value: string) => value);
  return setting(name, row, row.must ?? "a string", read as (value: string) => Text<Options> | undefined);
}

/** Of a secret: what cannot be guessed in a lifetime. */
export const STRONG = {
  must: "at least 16 characters",
  as: (secret: string) => (secret.length >= 16 ? secret : undefined),
};

export function wholeNumber<const Name extends string, Options extends Row>(
  name: Name,
  row: Options & { least: number },
) {
  const { least } = row;
  return setting(name, row as Options, `a whole number from ${least} up`, (value) =>
    /^\d{1,9}$/.test(value) && Number(value) >= least ? Number(value) : undefined,
  );
}

type UrlRow = Row & { example: string; httpsOnly?: true; as?: (url: URL) => string };

/** @param row `as`: the part that is used, else all of it; `httpsOnly`: plain http for this machine alone. Never with a user name: pages and alerts may show it */
export function url<const Name extends string, Options extends UrlRow>(name: Name, row: Options) {
  const { example, httpsOnly = false, as = (parsed: URL) => parsed.href } = row;
  return setting(name, row, `${httpsOnly ? "an https URL" : "a URL"} such as ${example}`, (value) => {
    const parsed = URL.parse(value);
    if (!parsed || parsed.username + parsed.password !== "") return undefined;
    const isHttp = parsed.protocol === "http:" && (!httpsOnly || isLoopback(parsed));
    return isHttp || parsed.protocol === "https:" ? as(parsed) : undefined;
  });
}

export function oneOf<const Name extends string, const Word extends string, Options extends Row>(
  name: Name,
  row: Options & { words: readonly Word[] },
) {
  return setting(name, row as Options, `one of ${row.words.join(", ")}`, (value) =>
    row.words.find((word) => word === value.toLowerCase()),
  );
}

export function flag<const Name extends string>(name: Name, row: Row) {
  const read = (value: string) =>
    FLAGS.has(value.toLowerCase()) ? value.toLowerCase() === "true" : undefined;
  return setting(name, { ...row, default: "false" }, `one of ${[...FLAGS].join(", ")}`, read);
}

const FLAGS = new Set(["false", "true"]);

/** Separated by commas. @param row `as`: what an entry is compared as; those that are empty then are dropped */
export function list<const Name extends string>(name: Name, row: Row & { as: (entry: string) => string }) {
  const read = (value: string): readonly string[] => value.split(",").map(row.as).filter(Boolean);
  return setting(name, { ...row, default: "" }, "one string, separated by commas", read);
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}
