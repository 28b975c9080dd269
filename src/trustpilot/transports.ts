import type { Config } from "../config/config.ts";
import { integrationKey } from "./integration-key/integration-key.ts";
import type { Transport } from "./transport.ts";

/** The transport that the settings ask for. */
export function openTransport({ trustpilot }: Config): Transport {
  return integrationKey(trustpilot);
}
