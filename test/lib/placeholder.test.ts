import { describe, expect, it } from "vitest";
import { isPlaceholder } from "../../src/lib/placeholder.ts";

describe("stands for nothing:", () => {
  it.each<[string, string[]]>([
    ["nothing at all", ["", " ", "\t\n", "\u200b", "\u2800", "\u3164"]],
    [
      "punctuation only",
      ["-", "---", "#", "##", "?", "_", "…", "–", "...", "()", "<>", "[]", "{}", '""', "########", "🛒"],
    ],
    [
      "words for nothing",
      ["null", "NULL", "None", "nil", "undefined", "NaN", "n/a", "N.A.", "NA", "true", "false"],
    ],
    [
      "phrases for nothing",
      [
        "not set",
        "Not Available",
        "no value",
        "unknown",
        "Missing",
        "TBD",
        "xxx",
        "&nbsp;",
        "Infinity",
        "-inf",
      ],
    ],
    [
      "bracketed nothings",
      [
        "(null)",
        "<null>",
        "[null]",
        "{null}",
        "(none)",
        "(not set)",
        "<no value>",
        "<NA>",
        "( undefined )",
        "<nil>",
      ],
    ],
    ["quoted nothings", ['"null"', "'null'", "`undefined`", "“null”", '""', '"(null)"', "&lt;null&gt;"]],
    [
      "nothings after a #",
      ["#null", "#undefined", "# N/A", "#(null)", "#{{ order.name }}", "#-", "##null", "#\\N"],
    ],
    [
      "joined nothings",
      ["ORD-undefined", "order_null", "null-null", "undefined/undefined", "SHOP NaN", "- null -"],
    ],
    [
      "nothings with invisible characters",
      ["nu\u200bll", "\ufeffundefined", "\u202dnull\u202c", "n\u00adil"],
    ],
    ["database nulls", ["\\N", "\\\\N", '"\\N"', "DBNull", "<NULL>"]],
    [
      "spreadsheet errors",
      [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#ERROR!",
        "#GETTING_DATA",
        "REF!",
        "#BEZUG!",
        "#NV",
        "#WERT!",
        "#¡REF!",
        "#¿NOMBRE?",
        "#N/D",
        "#VALEUR!",
      ],
    ],
    [
      "template leftovers",
      [
        "{{ order.name }}",
        "{{id}}",
        "{{ order1 }}",
        "{{order_id",
        "{% id %}",
        "<%= id %>",
        "<%=order.id1%>",
        "${orderId}",
        "${order1}",
        "#{id}",
        "@{order}",
        "*|ORDER_ID|*",
        "%order_id%",
        "%%ORDER%%",
        "__ORDER_ID__",
        "[order_id]",
        "[[order_id]]",
        "{order_id}",
        "<order_id>",
        "(order id)",
        "{0}",
        "{0:D}",
        "%s",
        "%d",
        "%1$s",
        "%(order_id)s",
        "$order_id",
        ":orderId",
        "@order",
        "{order.items[0].id}",
        "%7B%7Border_id%7D%7D",
        "ORD-{{id}}-1",
      ],
    ],
    [
      "names of the field",
      ["order_id", "orderId", "ORDER ID", "order-number", "your_order_id", "transaction_id", "string", "id"],
    ],
    [
      "stringified objects",
      [
        "[object Object]",
        "[object Promise]",
        "[object Undefined]",
        '{"id":1001}',
        '{"id":null}',
        "{'id': 5}",
        "{id=5}",
        "#<Order:0x0001>",
        "<Order: Order object (5)>",
        "Promise { undefined }",
      ],
    ],
    [
      "stringified code",
      [
        "getOrderId()",
        "() => order.id1",
        "function () { return 1 }",
        "[Function: getId]",
        "Symbol(id)",
        "function id1() { [native code] }",
      ],
    ],
  ])("%s", (_, texts) => {
    expect(texts.filter((text) => !isPlaceholder(text))).toEqual([]);
  });
});

it.each(["{", "<", "#", "a ", "(", "%"])("a million times %j is read in no time", (text) => {
  expect(isPlaceholder(`${text.repeat(1_000_000)}x`)).toBe(false);
  expect(isPlaceholder(`{${":".repeat(1_000_000)}`)).toBe(false);
});

it("a long text is nothing only when it is blank", () => {
  expect(isPlaceholder(" ".repeat(1_000_000))).toBe(true);
});

it("what may be a value is one", () => {
  const values = [
    "1001",
    "#1001",
    "0",
    "-5",
    "A/B?c=d&e",
    "Größe-1 🛒",
    "nanny",
    "Nullarbor",
    "NO-1",
    "nil-7",
    "null-1001",
  ];
  const ids = [
    "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
    "{A3F2504E-4F89-11D3-9A0C-0305E82C3301}",
    "(1001)",
    "[1001]",
    "<1001>",
    "%1001%",
  ];
  const odd = [
    "$1001",
    "@1001",
    "__proto1__",
    "constructor",
    "jane@example.com",
    "order-id-7",
    "ORDER",
    "ABC",
    "#ABC",
    "100%",
    "x",
    "Tru",
    "W-N/A-17",
    "PO#REF17",
    "=1+1",
  ];
  expect([...values, ...ids, ...odd].filter(isPlaceholder)).toEqual([]);
});
