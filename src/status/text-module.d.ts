/** What scripts/build.js has built, as wrangler's default rule for `.txt` imports it. */
declare module "*.txt" {
  const text: string;
  export default text;
}
