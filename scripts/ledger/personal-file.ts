/**
 * The second file of a backup: what open orders need to be sent, and the key of the audiences. Encrypted as one
 * stream in the age format (https://age-encryption.org), to a passphrase or to an X25519 recipient.
 */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { Decrypter, Encrypter } from "age-encryption";
import type { PersonalLine } from "../../src/portable/backup-format.ts";
import { UserError } from "../lib/command.ts";
import { ask } from "../lib/credentials.ts";

/** What opens the file: the key of `age1…`, or the passphrase. */
export type Lock = { recipient: string } | { passphrase: string };

/** Written to `path` with rights for its owner alone, under another name until it is complete. */
export async function writePersonalFile(
  path: string,
  lock: Lock,
  lines: AsyncIterable<string>,
): Promise<void> {
  const encrypter = new Encrypter();
  if ("recipient" in lock) addRecipient(encrypter, lock.recipient);
  else encrypter.setPassphrase(lock.passphrase);
  const encoder = new TextEncoder();
  async function* bytes() {
    for await (const line of lines) yield encoder.encode(`${line}\n`);
  }
  const plain = Readable.toWeb(Readable.from(bytes())) as unknown as globalThis.ReadableStream<Uint8Array>;
  const file = await open(path, "w", 0o600);
  try {
    for await (const chunk of (await encrypter.encrypt(plain)) as unknown as ReadableStream<Uint8Array>) {
      await file.write(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @param key a passphrase, or an identity `AGE-SECRET-KEY-1…` @throws UserError when it does not open the file */
export async function* readPersonalFile(path: string, key: string): AsyncGenerator<PersonalLine> {
  const decrypter = new Decrypter();
  if (key.startsWith("AGE-SECRET-KEY-")) decrypter.addIdentity(key);
  else decrypter.addPassphrase(key);
  const encrypted = Readable.toWeb(
    createReadStream(path),
  ) as unknown as globalThis.ReadableStream<Uint8Array>;
  const plain = await decrypter.decrypt(encrypted).catch(() => {
    throw new UserError(`${path} does not open with this passphrase or identity, or it is damaged.`);
  });
  const input = Readable.fromWeb(plain as unknown as ReadableStream<Uint8Array>);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (line !== "") yield JSON.parse(line) as PersonalLine;
    }
  } catch {
    throw new UserError(`${path} is damaged: it ends too early, or was changed.`);
  }
}

/** LEDGER_PASSPHRASE, or a question at the terminal. @throws UserError when there is neither */
export async function readPassphrase(message: string): Promise<string> {
  const passphrase = process.env["LEDGER_PASSPHRASE"] || (await ask(message));
  if (passphrase !== null && passphrase.length >= 16) return passphrase;
  throw new UserError(
    passphrase === null
      ? "Personal data is only written encrypted: set LEDGER_PASSPHRASE (at least 16 characters), or name --recipient age1…"
      : "The passphrase must have at least 16 characters.",
  );
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient);
  } catch {
    throw new UserError(`--recipient must be an age recipient (age1…), not "${recipient}".`);
  }
}
