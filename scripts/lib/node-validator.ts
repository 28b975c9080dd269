/**
 * Lets Node load the ES modules of `validator`, which the Worker uses: they import each other without extensions,
 * as only bundlers understand. Call it before anything of src that reads e-mail addresses is imported.
 */
import { registerHooks } from "node:module";

export function resolveValidator(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const bare = context.parentURL?.includes("/validator/es/") === true && !specifier.endsWith(".js");
      return next(bare ? `${specifier}.js` : specifier, context);
    },
  });
}
