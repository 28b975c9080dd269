/**
 * What is deployed: the Worker's settings, which every object gets at its start as from a real deployment, and how the
 * platform treats the objects: crashes, failing writes, full disks, lost alarms.
 */
import { DurableObject, env } from "cloudflare:workers";
import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { envOf, shopOfName } from "../../src/bindings/scope.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { Settings } from "../support/worker.ts";
import { ledgerNamed, LEDGERS } from "./places.ts";

export class Deployment {
  #env: Env = env;

  /** The Worker's own bindings and settings. */
  get env(): Settings {
    return { ...this.#env };
  }

  /** All objects stop, and start again with these settings. */
  async deploy(settings: Settings): Promise<void> {
    this.#env = { ...env, LEDGERS: String(LEDGERS), ...settings } as Env;
    await abortAllDurableObjects();
  }

  /** From now on each ledger starts with what is deployed. @returns what undoes it */
  install(): () => void {
    const base: unknown = Object.getPrototypeOf(Ledger);
    const deployed = (name: string) => envOf(this.#env, shopOfName(name));
    class Deployed extends DurableObject<Env> {
      constructor(ctx: DurableObjectState, _env: Env) {
        super(ctx, deployed(ctx.storage.kv.get<string>("name") ?? ctx.id.name ?? ""));
      }
    }
    Object.setPrototypeOf(Ledger, Deployed);
    return () => Object.setPrototypeOf(Ledger, base as object);
  }
}

export const crash = abortAllDurableObjects;

/** Which writes of an object fail. */
const failing = new WeakMap<DurableObjectStorage, { after: number; count: number }>();

/** After `after` more writes, the next `count` ones of this object fail; a crash ends it. */
export function failWrites(name: string, after: number, count: number): Promise<void> {
  return runInDurableObject(ledgerNamed(name), (_, { storage }) => {
    if (!failing.has(storage)) intercept(storage);
    failing.set(storage, { after, count });
  });
}

function intercept(storage: DurableObjectStorage): void {
  const write = <Result>(write: () => Result): Result => {
    const plan = failing.get(storage)!;
    if (plan.after-- <= 0 && plan.count-- > 0) throw new Error("disk I/O error");
    return write();
  };
  const exec = storage.sql.exec.bind(storage.sql);
  vi.spyOn(storage.sql, "exec").mockImplementation(((query: string, ...bindings: SqlStorageValue[]) =>
    /^\s*(INSERT|UPDATE|DELETE)/.test(query)
      ? write(() => exec(query, ...bindings))
      : exec(query, ...bindings)) as SqlStorage["exec"]);
  const put = storage.kv.put.bind(storage.kv);
  vi.spyOn(storage.kv, "put").mockImplementation((key, value) => write(() => put(key, value)));
  const remove = storage.kv.delete.bind(storage.kv);
  vi.spyOn(storage.kv, "delete").mockImplementation((key) => write(() => remove(key)));
  const setAlarm = storage.setAlarm.bind(storage);
  vi.spyOn(storage, "setAlarm").mockImplementation(async (time) => write(() => setAlarm(time)));
}

/** The object's disk may grow by `pages` pages of 4 KB; `null`: without a limit. A crash ends it. */
export function limitDisk(name: string, pages: number | null): Promise<void> {
  return runInDurableObject(ledgerNamed(name), (_, { storage: { sql } }) => {
    const limit = pages === null ? 1e6 : sql.databaseSize / 4096 + pages;
    (sql as unknown as { setMaxPageCountForTest: (count: number) => void }).setMaxPageCountForTest(limit);
  });
}

export function loseAlarm(name: string): Promise<void> {
  return runInDurableObject(ledgerNamed(name), (_, { storage }) => storage.deleteAlarm());
}

/** When the alarm is set for, in ms; `null` when it is not. */
export function alarmOf(name: string): Promise<number | null> {
  return runInDurableObject(ledgerNamed(name), (_, { storage }) => storage.getAlarm());
}
