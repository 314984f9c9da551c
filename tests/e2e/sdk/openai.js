// What apps do with OpenAI's SDK, done with the service: node openai.js BASE_URL
"use strict";

const assert = require("node:assert/strict");
const OpenAI = require("openai");
const { test, expectRecord, run } = require("./cases.js");

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: "none", maxRetries: 0 });
const model = "acme/chat";
const user = (content) => ({ role: "user", content });
const prompt = { id: "acme/chat", version: "1", variables: { tone: "kindly" } };
const own = { colophon: { variables: { tone: "kindly" } } };
const schema = {
  type: "object",
  properties: { kind: { type: "string" } },
  required: ["kind"],
  additionalProperties: false,
};
// A streamed response has no output_text in this SDK.
const textOf = (response) => response.output.at(-1).content[0].text;
const parameters = { type: "object", properties: { id: { type: "integer" } } };

test("chat", async () => {
  const answer = await client.chat.completions.create({ model, ...own, messages: [user("Hi")] });
  assert.equal(answer.choices[0].message.content, "Hello there");
  assert.equal(answer.model, "acme/chat@v1");
  assert.equal(answer._request_id, answer.id);
  expectRecord(answer.id);
});

test("chat, streamed", async () => {
  const stream = client.chat.completions.stream({
    model,
    ...own,
    messages: [user("Hi")],
    stream_options: { include_usage: true },
  });
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
  assert.equal(text, "Hello there");
  const answer = await stream.finalChatCompletion();
  assert.ok(answer.usage.total_tokens > 0);
  expectRecord(answer.id);
});

test("chat, tools that the SDK runs", async () => {
  const asked = [];
  const runner = client.chat.completions.runTools({
    model,
    ...own,
    messages: [user("use the tool")],
    tools: [
      {
        type: "function",
        function: {
          name: "get_order",
          parameters,
          parse: JSON.parse,
          function: (given) => {
            asked.push(given);
            return "at the door";
          },
        },
      },
    ],
  });
  assert.equal(await runner.finalContent(), "It is at the door");
  assert.deepEqual(asked, [{ id: 7 }]);
  for (const answer of runner.allChatCompletions()) expectRecord(answer.id);
});

test("chat, structured output", async () => {
  const answer = await client.chat.completions.parse({
    model,
    ...own,
    messages: [user("as json")],
    response_format: { type: "json_schema", json_schema: { name: "sorted", strict: true, schema } },
  });
  assert.equal(JSON.parse(answer.choices[0].message.content).kind, "parcel");
  assert.equal(answer.colophon.output_valid, true);
  expectRecord(answer.id);
});

test("chat, aborted", async () => {
  const stream = await client.chat.completions.create({
    model,
    ...own,
    messages: [user("never ends")],
    stream: true,
  });
  let id;
  for await (const chunk of stream) {
    id = chunk.id;
    break;  // Aborts the request.
  }
  expectRecord(id, "CANCELLED");
});

test("errors", async () => {
  const call = (content, more = {}) =>
    client.chat.completions.create({ model, ...own, messages: [user(content)], ...more });
  await assert.rejects(call("x", { model: "acme/chta" }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, "PROMPT_NOT_FOUND");
    assert.match(error.message, /close to it: "chat"/);  // The closest name.
    return true;
  });
  await assert.rejects(call("x", { n: 2 }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "n");
    return true;
  });
  await assert.rejects(call("throttle"), (error) => {
    assert.ok(error instanceof OpenAI.RateLimitError);
    expectRecord(error.requestID, "FAILED");
    return true;
  });
  await assert.rejects(call("overload"), (error) => {
    assert.ok(error instanceof OpenAI.InternalServerError);
    expectRecord(error.requestID, "FAILED");
    return true;
  });
});

test("an error is tried again by the SDK", async () => {
  const patient = client.withOptions({ maxRetries: 1 });
  const answer = await patient.chat.completions.create({
    model,
    ...own,
    messages: [user("throttle once")],
  });
  assert.equal(answer.choices[0].message.content, "Hello there");
  expectRecord(answer.id);
});

test("models", async () => {
  const ids = [];
  for await (const one of client.models.list()) ids.push(one.id);
  assert.ok(ids.includes("acme/chat@production"), ids.join());
});

test("responses, by a prompt object, turn after turn", async () => {
  const first = await client.responses.create({ prompt, input: "Hi" });
  assert.equal(first.output_text, "Hello there");
  assert.equal(first.model, "acme/chat@v1");
  expectRecord(first.id);
  const second = await client.responses.create({
    prompt: { ...prompt, version: "production" },
    previous_response_id: first.id,
    input: "what was said?",
  });
  assert.equal(second.output_text, "system|user:Hi|assistant:Hello there|user:what was said?");
  expectRecord(second.id);
  const again = await client.responses.retrieve(second.id);
  assert.equal(again.previous_response_id, first.id);
  assert.equal(again.output[0].content[0].text, second.output_text);
});

test("responses, streamed", async () => {
  const stream = client.responses.stream({ prompt, input: "Hi" });
  const types = new Set();
  let text = "";
  for await (const event of stream) {
    types.add(event.type);
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  assert.equal(text, "Hello there");
  assert.ok(types.has("response.created") && types.has("response.completed"));
  const response = await stream.finalResponse();
  assert.equal(textOf(response), "Hello there");
  expectRecord(response.id);
});

test("responses, tools", async () => {
  const tools = [{ type: "function", name: "get_order", parameters, strict: false }];
  const input = [user("use the tool")];
  const stream = client.responses.stream({ prompt, input, tools });
  const asked = await stream.finalResponse();
  const call = asked.output.find((item) => item.type === "function_call");
  assert.equal(call.arguments, '{"id":7}');
  expectRecord(asked.id);
  const told = await client.responses.create({
    prompt,
    tools,
    input: [
      ...input,
      ...asked.output,
      { type: "function_call_output", call_id: call.call_id, output: "at the door" },
    ],
  });
  assert.equal(told.output_text, "It is at the door");
  expectRecord(told.id);
});

test("responses, structured output", async () => {
  const answer = await client.responses.parse({
    prompt,
    input: "as json",
    text: { format: { type: "json_schema", name: "sorted", strict: true, schema } },
  });
  assert.equal(JSON.parse(answer.output_text).kind, "parcel");
  expectRecord(answer.id);
});

test("responses, a stream that is cut", async () => {
  const stream = await client.responses.create({ prompt, input: "cut", stream: true });
  let last;
  for await (const event of stream) last = event;
  assert.equal(last.type, "response.failed");
  assert.equal(last.response.error.code, "PROVIDER_CUT");
  expectRecord(last.response.id, "CUT");
});

test("responses, aborted", async () => {
  const stream = await client.responses.create({ prompt, input: "never ends", stream: true });
  let id;
  for await (const event of stream) {
    id = event.response.id;
    break;
  }
  expectRecord(id, "CANCELLED");
});

test("responses of Anthropic's model", async () => {
  const answer = await client.responses.create({ model: "acme/claude", input: "Hi" });
  assert.equal(answer.output_text, "Hello there");
  expectRecord(answer.id);
  const stream = client.responses.stream({ model: "acme/claude", input: "Hi" });
  const streamed = await stream.finalResponse();
  assert.equal(textOf(streamed), "Hello there");
  expectRecord(streamed.id);
});

test("responses, errors", async () => {
  await assert.rejects(client.responses.create({ prompt: { id: "acme/chta" }, input: "x" }), {
    status: 404,
    code: "PROMPT_NOT_FOUND",
  });
  await assert.rejects(client.responses.create({ prompt, input: "x", background: true }), {
    status: 400,
    param: "background",
  });
  await assert.rejects(client.responses.create({ prompt, input: "throttle" }), (error) => {
    assert.ok(error instanceof OpenAI.RateLimitError);
    expectRecord(error.requestID, "FAILED");
    return true;
  });
});

run();
