import { sign } from "../lib/segment.ts";

/** A signed order as a curl command; without a shared secret one that does not need the key on the command line. */
export function exampleRequest(port: number, { SEGMENT_SHARED_SECRET: secret }: NodeJS.Dict<string>): string {
  // The orders of earlier days are still known, and would be duplicates.
  const order_id = `dev-${Date.now().toString(36)}`;
  const url = `http://localhost:${port}`;
  if (!secret)
    return `  npm run send -- examples/order-completed.json --url ${url} \\\n    --set properties.order_id=${order_id}`;
  const properties = { order_id, email: "jane@example.com" };
  const body = JSON.stringify({ type: "track", event: "Order Completed", properties });
  const proof = `X-Signature: ${sign(body, secret)}`;
  return `  curl ${url}/segment -H 'Content-Type: application/json' \\\n    -H '${proof}' \\\n    -d '${body}'`;
}
