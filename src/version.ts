import { version } from "../package.json";

/** What `npm version` has set: shown by /health and in the log. */
export const VERSION: string = version;
