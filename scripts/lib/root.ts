import { join, resolve } from "node:path";

/** The project's folder. */
export const ROOT = resolve(import.meta.dirname, "../..");

export const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
