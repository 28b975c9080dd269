import { describe, expect, it } from "vitest";
import { maskMessage, messageIn } from "../../src/trustpilot/explanation.ts";

describe("what Trustpilot says", () => {
  it.each<[body: string, message: string | undefined]>([
    ['{"message":"recipientEmail is on the suppression list"}', "recipientEmail is on the suppression list"],
    ['{"error":{"description":"no such template"}}', "no such template"],
    ['{"errors":[{"detail":"bad reference"}]}', "bad reference"],
    ['{"error":"invalid_grant","error_description":"the key is wrong"}', "the key is wrong"],
    ['"a plain string"', "a plain string"],
    ['{"code":17}', '{"code":17}'],
    ["Bad request\r\n", "Bad request"],
    ["<html><style>p{}</style><h1>403</h1><p>Forbidden</p></html>", "403 Forbidden"],
    ['{"message":"cut in the mid', '{"message":"cut in the mid'],
    ["", undefined],
    ["   ", undefined],
    ["[]", "[]"],
    ["null", "null"],
  ])("in %j is %j", (body, message) => {
    expect(messageIn(body)).toBe(message);
  });

  it.each<[message: string, name: string, masked: string]>([
    ["jane@private.example is wrong", "Jane Doe", "…@… is wrong"],
    ['"Jane.Doe+x@private.example", again', "Jane Doe", '"…@…", again'],
    ["Jane Doe is suppressed", "Jane Doe", "… is suppressed"],
    ["Dear DOE, jane", "Jane Doe", "Dear …, …"],
    ["Janet is another person", "Jane Doe", "Janet is another person"],
    ["name (.*) is odd", "(.*)", "name … is odd"],
    ["Łukasz Żak", "Łukasz Żak", "…"],
    ["no name here", "", "no name here"],
    ["https://shop.example/a?t=secret is no image", "", "https://shop.example/a is no image"],
    ["see https://jane:secret@shop.example/a#b", "", "see https://shop.example/a"],
  ])("%j about %j is kept as %j", (message, name, masked) => {
    expect(maskMessage(message, { name })).toBe(masked);
  });

  it("is cut to 300 characters after it was masked, so that no half of an address stays", () => {
    const masked = maskMessage(`${"x".repeat(295)} jane@private.example`, { name: "" });
    expect(masked).toBe(`${"x".repeat(295)} …@…`);
    expect(maskMessage("x".repeat(1000), { name: "" })).toHaveLength(300);
  });
});
