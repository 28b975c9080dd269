/**
 * A language with its region, as Trustpilot writes it: `en_us` and `EN-us` become `en-US`, `da` the language where
 * most speak it, `da-DK`. `undefined` for what is no locale.
 */
export function readLocale(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > LONGEST) return undefined;
  try {
    const { language, region } = new Intl.Locale(value.trim().replaceAll("_", "-")).maximize();
    return region === undefined || language.length > 2 ? undefined : `${language}-${region}`;
  } catch {
    return undefined;
  }
}

const LONGEST = 35;
