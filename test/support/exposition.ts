/** A strict reader of Prometheus' text format, version 0.0.4: throws at whatever a scraper might not understand. */
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/;
const VALUE = /^(?:[+-]Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

export interface ReadSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface ReadFamily {
  help: string;
  type: string;
  samples: ReadSample[];
}

/** The families by their names. @throws with the line that is wrong */
export function readExposition(text: string): Map<string, ReadFamily> {
  if (!text.endsWith("\n")) throw new Error("The last line must end with a line feed");
  const families = new Map<string, ReadFamily>();
  const series = new Set<string>();
  let name = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, kind, ofFamily = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") {
      if (!NAME.test(ofFamily) || families.has(ofFamily)) fail("A wrong name, or a second HELP");
      if (/\\(?![\\n])/.test(rest.replaceAll("\\\\", ""))) fail("A wrong escape");
      name = ofFamily;
      families.set(name, { help: rest, type: "", samples: [] });
      continue;
    }
    const family = families.get(name) ?? fail("No HELP before");
    if (kind === "TYPE") {
      if (ofFamily !== name || family.type !== "" || family.samples.length > 0) fail("TYPE at a wrong place");
      if (!["counter", "gauge", "histogram"].includes(rest)) fail("No such type");
      family.type = rest;
      continue;
    }
    const [, ofSample = "", inner = "", value = ""] =
      SAMPLE.exec(line) ?? fail("Neither a comment nor a sample");
    const suffixes = family.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    if (!suffixes.some((suffix) => name + suffix === ofSample)) fail("A sample of another family");
    if (!VALUE.test(value)) fail("No number");
    const labels = readLabels(inner) ?? fail("Wrong labels");
    const id = `${ofSample} ${JSON.stringify(Object.entries(labels).toSorted())}`;
    if (series.has(id)) fail("The series comes twice");
    series.add(id);
    family.samples.push({ name: ofSample, labels, value: numberOf(value) });
  }
  for (const [name, family] of families) {
    if (family.type === "counter" && !name.endsWith("_total"))
      throw new Error(`A counter ends with _total: ${name}`);
    if (family.type === "counter" && family.samples.some(({ value }) => !(value >= 0)))
      throw new Error(`A counter below zero: ${name}`);
    if (family.type === "histogram") expectHistograms(name, family.samples);
  }
  return families;
}

function readLabels(inner: string): Record<string, string> | null {
  const labels: Record<string, string> = {};
  for (let rest = inner; rest !== "";) {
    const [all, name, value] = LABEL.exec(rest) ?? [];
    if (all === undefined || Object.hasOwn(labels, name!)) return null;
    labels[name!] = value!.replace(/\\(.)/g, (_, character: string) =>
      character === "n" ? "\n" : character,
    );
    rest = rest.slice(all.length);
  }
  return labels;
}

/** Buckets ascend and are cumulative, the last is +Inf and equals the count, and there is a sum. */
function expectHistograms(name: string, samples: readonly ReadSample[]): void {
  const ofOne = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  for (const [labels, all] of ofOne) {
    const buckets = all.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map((bucket) => numberOf(bucket.labels["le"] ?? ""));
    const rises = (numbers: readonly number[], strictly: boolean) =>
      numbers.every((number, index) => index === 0 || number > numbers[index - 1]! - (strictly ? 0 : 1e-9));
    const isCumulative = rises(
      buckets.map(({ value }) => value),
      false,
    );
    const count = all.find((sample) => sample.name === `${name}_count`)?.value;
    const sum = all.find((sample) => sample.name === `${name}_sum`)?.value;
    if (
      !rises(bounds, true) ||
      bounds.at(-1) !== Infinity ||
      !isCumulative ||
      buckets.at(-1)!.value !== count
    )
      throw new Error(`Not a histogram: ${name} ${labels}`);
    if (sum === undefined || all.length !== buckets.length + 2)
      throw new Error(`Not a histogram: ${name} ${labels}`);
  }
}

function numberOf(value: string): number {
  if (value === "+Inf") return Infinity;
  return value === "-Inf" ? -Infinity : value === "" ? NaN : Number(value);
}
