// What apps do with Anthropic's SDK, done with the service: node anthropic.js BASE_URL
"use strict";

const assert = require("node:assert/strict");
const Anthropic = require("@anthropic-ai/sdk");
const { test, expectRecord, run } = require("./cases.js");

const client = new Anthropic({ baseURL: process.argv[2], apiKey: "none", maxRetries: 0 });
const model = "acme/claude";
const user = (content) => ({ role: "user", content });
const call = (content, more = {}) => ({
  model,
  max_tokens: 100,
  messages: [user(content)],
  ...more,
});
const tools = [{ name: "get_order", input_schema: { type: "object" } }];

test("messages", async () => {
  const answer = await client.messages.create(call("Hi"));
  assert.equal(answer.content[0].text, "Hello there");
  assert.equal(answer.model, "acme/claude@v1");
  expectRecord(answer.id);
});

test("messages, streamed", async () => {
  const stream = client.messages.stream(call("Hi"));
  let text = "";
  stream.on("text", (more) => (text += more));
  const answer = await stream.finalMessage();
  assert.equal(text, "Hello there");
  assert.equal(answer.stop_reason, "end_turn");
  expectRecord(answer.id);
});

test("messages, tools", async () => {
  const asked = await client.messages.create(call("use the tool", { tools }));
  assert.equal(asked.stop_reason, "tool_use");
  const use = asked.content.find((block) => block.type === "tool_use");
  assert.deepEqual(use.input, { id: 7 });
  expectRecord(asked.id);
  const told = await client.messages.create({
    ...call("", { tools }),
    messages: [
      user("use the tool"),
      { role: "assistant", content: asked.content },
      user([{ type: "tool_result", tool_use_id: use.id, content: "at the door" }]),
    ],
  });
  assert.equal(told.content[0].text, "It is at the door");
  expectRecord(told.id);
});

test("tokens are counted", async () => {
  const { max_tokens, ...counted } = call("Hi", { tools });
  const count = await client.messages.countTokens(counted);
  assert.equal(count.input_tokens, 14);
});

test("messages of OpenAI's model", async () => {
  const answer = await client.messages.create(
    call("Hi", { model: "acme/chat", colophon: { variables: { tone: "kindly" } } }),
  );
  assert.equal(answer.content[0].text, "Hello there");
  expectRecord(answer.id);
});

test("aborted", async () => {
  const stream = await client.messages.create(call("never ends", { stream: true }));
  let id;
  for await (const event of stream) {
    if (event.type === "message_start") id = event.message.id;
    if (event.type === "content_block_delta") break;
  }
  expectRecord(id, "CANCELLED");
});

test("errors", async () => {
  await assert.rejects(client.messages.create(call("x", { model: "acme/cluade" })), (error) => {
    assert.ok(error instanceof Anthropic.NotFoundError);
    assert.match(error.error.error.message, /close to it: "claude"/);  // The closest name.
    return true;
  });
  await assert.rejects(client.messages.create(call("x", { container: "c1" })), (error) => {
    assert.ok(error instanceof Anthropic.BadRequestError);
    assert.match(error.message, /container/);
    return true;
  });
  await assert.rejects(client.messages.create(call("throttle")), (error) => {
    assert.ok(error instanceof Anthropic.RateLimitError);
    expectRecord(error.requestID, "FAILED");
    return true;
  });
});

test("a stream that is cut", async () => {
  const stream = await client.messages.create(call("cut", { stream: true }));
  let id;
  await assert.rejects(async () => {
    for await (const event of stream) if (event.type === "message_start") id = event.message.id;
  }, Anthropic.APIError);
  expectRecord(id, "CUT");
});

run();
