/** What a person sees before orders are sent: the columns, three events, and whether the ids are the right ones. */
import { confirm, isCancel } from "@clack/prompts";
import type { Deployment } from "../lib/deployment.ts";
import { readOrder } from "../lib/order-view.ts";
import { printable } from "../lib/printable.ts";
import type { Columns } from "./columns.ts";
import { EXPORTS, type ExportName } from "./exports.ts";
import type { Survey } from "./survey.ts";

export function describeColumns(columns: Columns, from: ExportName | null): string {
  const lines = Object.entries(columns).map(
    ([field, names]) => `  ${field.padEnd(14)} ${names.join(", else ")}`,
  );
  const title = from === null ? "Columns" : `${EXPORTS[from].title} (--from ${from})`;
  return [`${title}:`, ...lines.map(printable)].join("\n");
}

export function describeSamples({ samples, orders }: Survey): string {
  const title = `The first ${samples.length} of ${orders.toLocaleString("en")} orders, as they are sent:`;
  return [title, ...samples.map((event) => `  ${printable(JSON.stringify(event))}`)].join("\n");
}

/** How many of `orderIds` the Worker already knows, in a sentence. */
export async function describeKnown(deployment: Deployment, orderIds: readonly string[]): Promise<string> {
  let known = 0;
  for (let start = 0; start < orderIds.length; start += AT_ONCE) {
    const ids = orderIds.slice(start, start + AT_ONCE);
    const answers = await Promise.all(ids.map((orderId) => readOrder(deployment, orderId)));
    const closed = answers.find((answer) => answer.kind === "closed");
    if (closed) return `Whether the Worker knows these order ids was not checked: ${closed.message}`;
    known += answers.filter(({ kind }) => kind === "order").length;
  }
  const doubt = known === 0 ? ": are these the ids that Segment sends?" : ".";
  return `The Worker knows ${known} of the first ${orderIds.length} order ids${doubt}`;
}

const AT_ONCE = 10;

/** @returns whether to go on */
export async function ask(question: string): Promise<boolean> {
  const answer = await confirm({ message: question, initialValue: false });
  return !isCancel(answer) && answer;
}
