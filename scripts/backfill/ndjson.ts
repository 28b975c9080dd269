/** The rows of a file with a JSON object on each line. */
import { createReadStream } from "node:fs";
import { UserError } from "../lib/command.ts";
import { LONGEST_ROW, NOT_UTF8, type Row } from "./row.ts";

/** @param onBytes is told each chunk as it is read @throws UserError when a line is too long to be an order */
export async function* readNdjson(path: string, onBytes: (chunk: Buffer) => void): AsyncGenerator<Row> {
  let line = 0;
  for await (const text of readLines(path, onBytes)) {
    line += 1;
    if (text.trim() === "") continue;
    if (text.includes("\uFFFD")) yield { kind: "broken", line, problem: NOT_UTF8 };
    else yield { line, ...readJson(text) };
  }
}

function readJson(text: string) {
  try {
    const record = JSON.parse(text) as unknown;
    if (typeof record === "object" && record !== null && !Array.isArray(record)) {
      return { kind: "record", record: record as Record<string, unknown> } as const;
    }
  } catch {
    // The parser's message quotes the row, which holds personal data.
    return { kind: "broken", problem: "is not JSON" } as const;
  }
  return { kind: "broken", problem: "is not a JSON object" } as const;
}

/** Only at line feeds: node:readline also breaks at U+2028, which JSON allows inside a string. */
async function* readLines(path: string, onBytes: (chunk: Buffer) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let line = 1;
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    onBytes(chunk);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
    line += lines.length;
    if (rest.length > LONGEST_ROW) throw new UserError(`${path}: line ${line} is longer than 1 MB.`);
  }
  if (rest !== "") yield rest;
}
