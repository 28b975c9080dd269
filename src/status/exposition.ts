/**
 * Prometheus' text format. Pure.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export interface Family {
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
  samples: Sample[];
}

export interface Sample {
  /** Of a histogram. */
  suffix?: "_bucket" | "_sum" | "_count";
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** One family after the other, each with all its samples. */
export function expose(families: readonly Family[]): string {
  return families
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help.replace(/[\\\n]/g, escape)}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(
        ({ suffix = "", labels, value }) => `${name}${suffix}${labelsOf(labels)} ${numberOf(value)}`,
      ),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

function labelsOf(labels: Sample["labels"]): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\\n"]/g, escape)}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escape(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}

/** As a value or as the bound of a bucket: `0.25`, `+Inf`. */
export function numberOf(value: number): string {
  return value === Infinity ? "+Inf" : String(value);
}
