/** Stands between a command and the Worker, and can answer, break or hold what comes. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export type Fault = { status: number; headers?: Record<string, string> } | "drop";

export interface Proxy {
  origin: string;
  /** The bodies of the POSTs that came, as texts. */
  received: string[];
  /** How the next POSTs are treated, before the Worker sees them. */
  faults: Fault[];
  /** Called with the number of the POST once the Worker has taken it, before its answer is passed on. */
  onTaken: (number: number) => void;
  close(): void;
}

export async function startProxy(target: string): Promise<Proxy> {
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request);
      const isPost = request.method === "POST";
      if (isPost) proxy.received.push(body.toString());
      const number = proxy.received.length;
      const fault = isPost ? proxy.faults.shift() : undefined;
      if (fault === "drop") return request.socket.destroy();
      if (fault !== undefined) return response.writeHead(fault.status, fault.headers).end();
      const answer = await fetch(`${target}${request.url}`, {
        method: request.method!,
        headers: { ...(request.headers as Record<string, string>), connection: "close" },
        ...(isPost && { body }),
      });
      const text = await answer.text();
      if (isPost) proxy.onTaken(number);
      response.writeHead(answer.status, { "Content-Type": "application/json" }).end(text);
    })().catch(() => request.socket.destroy());
  });
  const proxy: Proxy = {
    origin: "",
    received: [],
    faults: [],
    onTaken: () => {},
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}
