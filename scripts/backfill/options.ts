/** Options that the commands for files of orders have in common. */
import { dateOrderOf, type DateOrder } from "../../src/lib/time-reader.ts";
import { UserError } from "../lib/command.ts";

/** @throws UserError */
export function readDateFormat(format: string | undefined): DateOrder | undefined {
  if (format === undefined) return undefined;
  const order = dateOrderOf(format);
  if (order !== null) return order;
  throw new UserError(`--date-format must name day, month and year, such as DD.MM.YYYY, not "${format}".`);
}

/** @throws UserError */
export function readDelimiter(delimiter: string | undefined): string | undefined {
  const character = delimiter === "\\t" || delimiter === "tab" ? "\t" : delimiter;
  if (character === undefined || character.length === 1) return character;
  throw new UserError(`--delimiter must be one character (or tab), not "${delimiter}".`);
}
