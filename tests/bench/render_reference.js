// How long the reference runtime, the npm package `dotprompt`, takes for a rendering of a prompt
// that is compiled. Reads {"source", "partials", "variables", "text", "seconds"} from the file that
// is named, renders for so long and prints microseconds a rendering. What it renders must be `text`.
'use strict';

const fs = require('fs');
const { Dotprompt } = require('dotprompt');

const BATCH = 100;

async function main(file) {
  const { source, partials, variables, text, seconds } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const render = await new Dotprompt({ partials }).compile(source);
  const { messages } = await render({ input: variables });
  if (messages[0].content[0].text !== text) {
    throw new Error(`rendered as something else: ${JSON.stringify(messages)}`);
  }
  const measure = async (milliseconds) => {
    const start = performance.now();
    let count = 0;
    for (; performance.now() - start < milliseconds; count += BATCH) {
      for (let i = 0; i < BATCH; ++i) await render({ input: variables });
    }
    return (performance.now() - start) * 1000 / count;
  };
  await measure(500);  // Until it is compiled to machine code.
  console.log(await measure(seconds * 1000));
}

main(process.argv[2]).catch((error) => {
  console.error(String(error.message));
  process.exit(1);
});
