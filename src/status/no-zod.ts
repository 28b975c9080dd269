/** Stands where a library looks for zod, which is not in use here (see [alias] in wrangler.toml). */
export default undefined;
