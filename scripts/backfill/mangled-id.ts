/**
 * Order ids that a spreadsheet or a script has changed. Such an id would mark another order than the one that Segment
 * sends, or none at all, so its row is rejected.
 */
const MANGLED: [RegExp, string][] = [
  [/^[-+]?\d+(?:[.,]\d+)?E[+-]\d+$/i, "a number in scientific notation: its last digits are lost"],
  [/^[-+]?\d+[.,]0+$/, "a number with decimals, as spreadsheets and scripts write whole numbers"],
  [/^\d{1,3}(?:[,'’\s]\d{3})+$/, "a number with separated thousands"],
  [/^=/, "a formula"],
  [/^['’]/, "text with the apostrophe by which spreadsheets mark text"],
  [/^#{2,}$/, "what a column shows that is too narrow for its number"],
  [/^(?:\d{1,2}[-./ ]?)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[-./ ]\d{2,4}$/i, "a date"],
  [/^\d{1,2}[-./ ](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)$/i, "a date"],
];

/** @returns what is wrong with the id; `%` stands for the id itself */
export function mangled(orderId: string): { what: string; value: string } | null {
  const found = MANGLED.find(([pattern]) => pattern.test(orderId));
  if (found === undefined) return null;
  const what = `has the order id %, which is ${found[1]}: export the file again and do not save it in a spreadsheet`;
  return { what, value: orderId };
}
