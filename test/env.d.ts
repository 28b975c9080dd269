/** What Vite offers to tests, without its types for browsers. */
declare module "*?raw" {
  const text: string;
  export default text;
}

interface ImportMeta {
  glob<T>(pattern: string, options: { query: string; import: "default"; eager: true }): Record<string, T>;
  glob(patterns: string[], options: { query: string }): Record<string, () => Promise<unknown>>;
}
