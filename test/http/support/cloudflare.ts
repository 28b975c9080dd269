/**
 * The part of Cloudflare's API that a first deploy speaks with, on this machine. It keeps what it received, so that
 * a test can see what would have been deployed.
 */
import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { json as readJson } from "node:stream/consumers";

interface Binding {
  type: string;
  name: string;
  text?: string;
  namespace_id?: string;
}

export interface CloudflareApi {
  /** For the environment of wrangler. */
  env: Record<string, string>;
  namespaces: string[];
  /** The bindings of the Worker as it was uploaded; `null` before that. */
  bindings(): Binding[] | null;
  close(): Promise<void>;
}

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const NAMESPACE = "fedcba9876543210fedcba9876543210";
const NOT_FOUND = {
  status: 404,
  errors: [{ code: 10007, message: "This Worker does not exist on your account." }],
};

/**
 * @param secrets the names of the secrets that are deployed; `null`: the Worker was never deployed
 * @param holdsUpload never answers when the Worker is uploaded
 */
export async function startCloudflareApi(
  secrets: string[] | null = null,
  holdsUpload = false,
): Promise<CloudflareApi> {
  const namespaces: string[] = [];
  let bindings: Binding[] | null = null;

  const routes: [string, (request: IncomingMessage) => unknown][] = [
    ["GET /user/tokens/verify", () => ({ id: "token", status: "active" })],
    ["GET /user", () => ({ id: "user", email: "operator@example.com" })],
    ["GET /memberships", () => [{ id: "membership", account: { id: ACCOUNT, name: "Shop" } }]],
    ["GET /accounts", () => [{ id: ACCOUNT, name: "Shop" }]],
    ["GET /secrets", () => secrets?.map((name) => ({ name, type: "secret_text" })) ?? NOT_FOUND],
    [
      "GET /workers/services/segment-trustpilot-invitations",
      () =>
        secrets === null
          ? NOT_FOUND
          : {
              default_environment: { environment: "production", script: { last_deployed_from: "wrangler" } },
            },
    ],
    ["GET /workers/subdomain", () => ({ subdomain: "shop" })],
    [
      "GET /workers/workers/segment-trustpilot-invitations",
      () => ({ id: "worker", subdomain: { enabled: true } }),
    ],
    ["GET /subdomain", () => ({ enabled: true, previews_enabled: false })],
    ["POST /subdomain", () => ({ enabled: true, previews_enabled: false })],
    ["PUT /schedules", () => ({ schedules: [] })],
    ["GET /storage/kv/namespaces", () => namespaces.map((title) => ({ id: NAMESPACE, title }))],
    [
      "POST /storage/kv/namespaces",
      async (request) => {
        const { title } = (await readJson(request)) as { title: string };
        namespaces.push(title);
        return { id: NAMESPACE, title };
      },
    ],
    [
      "UPLOAD",
      async (request) => {
        const form = await new Response(request as unknown as ReadableStream, {
          headers: { "Content-Type": request.headers["content-type"]! },
        }).formData();
        bindings = (JSON.parse(form.get("metadata") as string) as { bindings: Binding[] }).bindings;
        if (holdsUpload) await new Promise(() => {});
        return { id: "script", etag: "etag", startup_time_ms: 5, deployment_id: "deployment" };
      },
    ],
  ];

  const server = createServer((request, response) => {
    void (async () => {
      const { pathname } = new URL(request.url!, "http://localhost");
      const path = pathname.replace("/client/v4", "").replace(`/accounts/${ACCOUNT}/`, "/");
      const key = `${request.method} ${path}`;
      const isUpload = request.method === "PUT" && /^\/workers\/scripts\/[^/]+$/.test(path);
      const route = isUpload ? "UPLOAD" : key.replace(/^(\w+) \/workers\/scripts\/[^/]+\//, "$1 /");
      const result = (await routes.find(([name]) => name === route)?.[1](request)) ?? NOT_FOUND;
      const failed = result === NOT_FOUND;
      response.writeHead(failed ? 404 : 200, { "Content-Type": "application/json" });
      const body = failed
        ? { success: false, ...NOT_FOUND, result: null }
        : { success: true, errors: [], result };
      response.end(JSON.stringify({ messages: [], ...body }));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}/client/v4`,
      CLOUDFLARE_API_TOKEN: "a token of the tests",
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    },
    namespaces,
    bindings: () => bindings,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
