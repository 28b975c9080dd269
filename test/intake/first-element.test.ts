import { describe, expect, it } from "vitest";
import { firstElement } from "../../src/intake/first-element.ts";

const text = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes));

function find(body: string) {
  const found = firstElement(new TextEncoder().encode(body));
  return found && [text(found.element), text(found.wrapped), found.only];
}

const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;

describe("of a JSON array, the exact bytes of the first element, those it wraps, and whether it is the only one", () => {
  it.each<[string, string, string | null, boolean]>([
    ['[{"a":1}]', '{"a":1}', null, true],
    ['[{"a":1},{"b":2}]', '{"a":1}', null, false],
    ['\ufeff [ {"a" : 1 } , 2 ] ', '{"a" : 1 }', null, false],
    ['[{"a":1}\n]\r\n', '{"a":1}', null, true],
    ['[{"a":"]},{"},2]', '{"a":"]},{"}', null, false],
    [String.raw`[{"a":"\"]"},2]`, String.raw`{"a":"\"]"}`, null, false],
    [String.raw`[{"a":"\\"},2]`, String.raw`{"a":"\\"}`, null, false],
    ["[[1,2],3]", "[1,2]", null, false],
    ["[1,2]", "1", null, false],
    ["[ 1.5e3 ]", "1.5e3", null, true],
    ["[null]", "null", null, true],
    ['["a,b",1]', '"a,b"', null, false],
    ['[{"a":1}]x', '{"a":1}', null, false],
    ['[{"a":1}', '{"a":1}', null, false],
    ['[{"json":{"a":1}}]', '{"json":{"a":1}}', '{"a":1}', true],
    ['[{"json":{"a":1}},{"json":{"b":2}}]', '{"json":{"a":1}}', '{"a":1}', false],
    ['[{ "json" : {"a":1} }]', '{ "json" : {"a":1} }', '{"a":1}', true],
    ['[{"json":7}]', '{"json":7}', "7", true],
    ["[{}]", "{}", null, true],
  ])("%j", (body, element, wrapped, only) => expect(find(body)).toEqual([element, wrapped, only]));
});

describe("a wrapper with anything beside the one event wraps nothing", () => {
  it.each([
    '[{"json":{"a":1},"json":{"b":2}}]',
    '[{"json":{"a":1},"x":1}]',
    '[{"x":1,"json":{"a":1}}]',
    String.raw`[{"js\u006fn":{"a":1}}]`,
    '[{"JSON":{"a":1}}]',
    '[{json:{"a":1}}]',
    '[{"json"}]',
    '[{"json":{"a":1}',
    '[{"json":{"a":1}]',
  ])("%j", (body) => expect(find(body)?.[1]).toBeNull());
});

describe("nothing is found in what is no array with an element", () => {
  it.each(["", "[", "[]", "[ ]", "{}", '{"json":[1]}', "null", "7", '"[1]"', "x[1]", "\ufeff", "[,1]"])(
    "%j",
    (body) => expect(find(body)).toBeNull(),
  );
});

it("ten thousand nested arrays are one element", () =>
  expect(find(`[${deep},1]`)).toEqual([deep, null, false]));

it("cut at any byte, a body is read to its end and not beyond", () => {
  const body = new TextEncoder().encode('\ufeff[ {"json" : {"a":"\\"é",  "b":[1,{"c":null}]} } , 2 ]');
  for (let end = 0; end <= body.length; end++) {
    const found = firstElement(body.subarray(0, end));
    if (found) expect(text(found.element)!.length).toBeGreaterThan(0);
  }
});
