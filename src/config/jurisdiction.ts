/** Where Durable Objects may be told to stay. @see https://developers.cloudflare.com/durable-objects/reference/data-location/ */
export const JURISDICTIONS = ["eu", "fedramp"] as const;
