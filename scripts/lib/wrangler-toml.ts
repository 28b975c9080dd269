/** What this project's wrangler.toml files say, without wrangler: to load it takes two seconds at each start. */
import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { parse } from "smol-toml";
import type { Settings } from "../../src/config/settings.ts";
import type { MailBinding } from "../doctor/email.ts";
import { UserError } from "./command.ts";
import { ROOT } from "./root.ts";

/** What is used here of https://developers.cloudflare.com/workers/wrangler/configuration/; a deploy checks the rest. */
interface WranglerToml {
  compatibility_date: string;
  compatibility_flags?: string[];
  vars?: Settings;
  kv_namespaces?: { binding: string }[];
  durable_objects?: { bindings: { name: string; class_name: string }[] };
  send_email?: MailBinding[];
}

/** @param path absolute, or relative to the project @throws UserError */
export async function readWranglerToml(path: string): Promise<WranglerToml> {
  try {
    return parse(
      await readFile(isAbsolute(path) ? path : join(ROOT, path), "utf8"),
    ) as object as WranglerToml;
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** The Worker of `path` as Miniflare wants it: its variables, KV namespaces and Durable Objects. @throws UserError */
export async function workerOptionsOf(path: string) {
  const toml = await readWranglerToml(path);
  const { vars = {}, kv_namespaces = [], durable_objects: { bindings: objects } = { bindings: [] } } = toml;
  return {
    compatibilityDate: toml.compatibility_date,
    compatibilityFlags: toml.compatibility_flags ?? [],
    bindings: { ...vars } as Record<string, string>,
    kvNamespaces: kv_namespaces.map(({ binding }) => binding),
    durableObjects: Object.fromEntries(
      objects.map(({ name, class_name }) => [name, { className: class_name, useSQLite: true }]),
    ),
  };
}
