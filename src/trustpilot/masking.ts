import { maskMessage } from "./explanation.ts";
import type { Transport } from "./transport.ts";

/** Masks what Trustpilot said: in one place, so that no transport can pass on a customer's name or address. */
export function masking(transport: Transport): Transport {
  return {
    ...transport,
    prepare(order) {
      const prepared = transport.prepare(order);
      const send = async () => {
        const answer = await prepared.send();
        return answer.message === undefined
          ? answer
          : { ...answer, message: maskMessage(answer.message, order) };
      };
      return { ...prepared, send };
    },
  };
}
