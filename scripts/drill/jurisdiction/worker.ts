/**
 * The Worker with a stand-in for `.jurisdiction`, which the local runtime does not have: objects of a jurisdiction are
 * other objects than those of the same name outside it.
 */
import worker, * as objects from "../../../src/index.ts";

interface Namespace {
  getByName(name: string): unknown;
  jurisdiction(name: string): Namespace;
}

function withJurisdictions(env: Env): Env {
  const wrap = (namespace: Namespace): Namespace => ({
    getByName: (name) => namespace.getByName(name),
    jurisdiction: (jurisdiction) => ({
      ...namespace,
      getByName: (name: string) => namespace.getByName(`${jurisdiction}/${name}`),
    }),
  });
  const isNamespace = (value: unknown): value is Namespace =>
    typeof (value as { idFromName?: unknown } | null)?.idFromName === "function";
  const wrapped = Object.entries(env).map(([name, value]) => [
    name,
    isNamespace(value) ? wrap(value) : value,
  ]);
  return Object.fromEntries(wrapped) as Env;
}

type Class = new (ctx: DurableObjectState, env: Env) => object;

function inJurisdictions(base: Class): Class {
  return class extends base {
    constructor(ctx: DurableObjectState, env: Env) {
      super(ctx, withJurisdictions(env));
    }
  };
}

export const Ledger = inJurisdictions(objects.Ledger);
export const Audiences = inJurisdictions(objects.Audiences);
export const Allowance = inJurisdictions(objects.Allowance);
export { Attempts, Registry, Tokens } from "../../../src/index.ts";
export const Alerts = inJurisdictions(objects.Alerts);

export default {
  fetch: (request: Request, env: Env, context: ExecutionContext) =>
    worker.fetch(request, withJurisdictions(env), context),
} satisfies ExportedHandler<Env>;
