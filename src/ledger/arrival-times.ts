/** When orders arrived, read from the index by arrival. Times in ms; `null` when there is none. */
import { LEAST_ORDERS, type Arrivals, type Span } from "../domain/silence.ts";
import type { Database } from "./database.ts";

const NOT_REJECTED = "state <> 'rejected'";

export class ArrivalTimes {
  readonly #sql: Database;

  constructor(sql: Database) {
    this.#sql = sql;
  }

  /** Of a rejected one too. */
  last(): number | null {
    return this.#time("MAX(received)", "received IS NOT NULL");
  }

  lastNotRejected(): number | null {
    return this.#time("MAX(received)", `received >= 0 AND ${NOT_REJECTED}`);
  }

  /** Since `time`, without the gaps shorter than `within`: a row or two for each span. */
  since(time: number, within: number): Arrivals {
    const spans: Span[] = [];
    const next = (from: number) => this.#time("MIN(received)", `received >= ${from} AND ${NOT_REJECTED}`);
    const before = (end: number) => this.#time("MAX(received)", `received < ${end} AND ${NOT_REJECTED}`);
    for (let first = next(time); first !== null;) {
      const last = before(first + within)!;
      spans.push({ first, last });
      first = next(last + 1);
    }
    return { spans, orders: this.count(time, LEAST_ORDERS) };
  }

  /** At `time` or later, the rejected ones left out. @param most counted no further */
  count(time: number, most = -1): number {
    return this.#sql
      .exec<{ count: number }>(
        `SELECT COUNT(*) AS count FROM (SELECT 1 FROM orders WHERE received >= ? AND ${NOT_REJECTED} LIMIT ?)`,
        time,
        most,
      )
      .one().count;
  }

  #time(which: string, where: string): number | null {
    return this.#sql.exec<{ time: number | null }>(`SELECT ${which} AS time FROM orders WHERE ${where}`).one()
      .time;
  }
}
