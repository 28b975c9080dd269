/** What is uploaded: the size of the bundle, and what in it is how large. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

export interface Size {
  bytes: number;
  gzip: number;
  /** Packages and the project's own folders, the largest first; minified bytes. */
  parts: { name: string; bytes: number }[];
}

interface Metafile {
  outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
}

/** @param script a bundle that was made with `--metafile` */
export async function measureSize(script: string): Promise<Size> {
  const code = await readFile(script);
  const meta = JSON.parse(await readFile(join(dirname(script), "bundle-meta.json"), "utf8")) as Metafile;
  const parts = new Map<string, number>();
  for (const { inputs } of Object.values(meta.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name =
        /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? /(src\/[^/]+)/.exec(path)?.[1] ?? path;
      parts.set(name, (parts.get(name) ?? 0) + bytesInOutput);
    }
  }
  return {
    bytes: code.length,
    gzip: gzipSync(code, { level: 9 }).length,
    parts: [...parts]
      .map(([name, bytes]) => ({ name, bytes }))
      .filter(({ bytes }) => bytes > 0)
      .toSorted((a, b) => b.bytes - a.bytes),
  };
}
