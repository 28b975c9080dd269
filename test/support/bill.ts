/** Counts what a ledger reads and writes: the rows that Cloudflare bills. */
import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";

export interface Bill {
  rowsRead: number;
  rowsWritten: number;
  mostRowsOfOneStatement: number;
  alarmsSet: number;
}

/** What `work` costs. */
export async function measure(
  ledger: DurableObjectStub<Ledger>,
  work: (ledger: Ledger) => unknown,
): Promise<Bill> {
  return runInDurableObject(ledger, async (instance, { storage }) => {
    const { bill, stop } = meter(storage);
    await work(instance);
    stop();
    return bill;
  });
}

/** Counts from now on, until `stop` or `vi.restoreAllMocks()`. */
export function meter(storage: DurableObjectStorage): { bill: Bill; stop: () => void } {
  const bill: Bill = { rowsRead: 0, rowsWritten: 0, mostRowsOfOneStatement: 0, alarmsSet: 0 };
  const exec = storage.sql.exec.bind(storage.sql);
  const execSpy = vi.spyOn(storage.sql, "exec").mockImplementation(((
    query: string,
    ...bindings: SqlStorageValue[]
  ) => {
    const cursor = exec(query, ...bindings);
    const rows = cursor.toArray();
    const { rowsRead, rowsWritten } = cursor;
    bill.rowsRead += rowsRead;
    bill.rowsWritten += rowsWritten;
    bill.mostRowsOfOneStatement = Math.max(bill.mostRowsOfOneStatement, rowsRead);
    return { rowsWritten, toArray: () => rows, one: () => rows[0], [Symbol.iterator]: () => rows.values() };
  }) as unknown as SqlStorage["exec"]);
  const setAlarm = storage.setAlarm.bind(storage);
  const alarmSpy = vi.spyOn(storage, "setAlarm").mockImplementation((time) => {
    bill.alarmsSet += 1;
    return setAlarm(time);
  });
  const stop = () => {
    execSpy.mockRestore();
    alarmSpy.mockRestore();
  };
  return { bill, stop };
}
