/**
 * The first reading of a file: its fingerprint and its number of rows.
 *
 * Reading everything twice costs seconds for a million rows, and buys that a file which is broken at its end is
 * refused before the first order goes out.
 */
import { createHash } from "node:crypto";
import { readRows, type Input } from "./rows.ts";

export interface Survey {
  rows: number;
  sha256: string;
}

/** @param onRows is told the number of rows now and then @throws UserError when the file cannot be read to its end */
export async function survey(input: Input, onRows: (rows: number) => void): Promise<Survey> {
  const hash = createHash("sha256");
  const reader = readRows(input, (chunk) => hash.update(chunk));
  let rows = 0;
  while ((await reader.next()).done !== true) {
    rows += 1;
    if (rows % 5000 === 0) onRows(rows);
  }
  return { rows, sha256: hash.digest("hex") };
}
