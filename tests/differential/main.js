// Renders random templates with the reference runtime and with ours and compares the bytes of what
// they answer. tests/differential/run calls it:
//
//   node main.js PROGRAM [--cases N] [--seed S] [--only NUMBER] [--most FAILURES]
//
// First come the named cases of cases.jsonl, each with what has to come of it. A case that differs
// is made smaller and printed; put it into cases.jsonl when it is understood.
'use strict';

const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { parseArgs } = require('util');

const { judge, TAUGHT, BLOCK_PARAMETERS } = require('./differences.js');
const { generate } = require('./generate.js');
const { sourceOf } = require('./reference.js');
const { shrink } = require('./shrink.js');

const say = (line) => process.stdout.write(line + '\n');

// Our renderer: one process, a case a line, an answer a line.
class Ours {
  constructor(program) {
    this.waiting = [];
    this.process = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.process.stdin.on('error', () => {});  // Told by "exit".
    this.process.on('exit', (code, signal) => {
      const at = this.waiting.length > 0 ? ` at the case ${JSON.stringify(this.waiting[0].kase)}` : '';
      for (const { reject } of this.waiting) reject(new Error(`${program} ended${at}: ${signal ?? `exit code ${code}`}`));
    });
    readline.createInterface({ input: this.process.stdout, crlfDelay: Infinity })
      .on('line', (line) => this.waiting.shift().resolve(line));
  }

  // { rendered: JSON text } | { refused: [diagnostic…] } | { failed: { reason, message } }
  ask(kase) {
    return new Promise((resolve, reject) => {
      this.waiting.push({ kase, resolve, reject });
      const { partials, data } = kase;
      this.process.stdin.write(JSON.stringify({ source: sourceOf(kase), partials, data }) + '\n');
    }).then((line) => {
      const start = '{"rendered":';
      return line.startsWith(start) ? { rendered: line.slice(start.length, -1) } : JSON.parse(line);
    });
  }

  end() {
    this.process.stdin.end();
  }
}

// In which way a case fails, so that a smaller one fails in the same.
function kindOf(ours, theirs) {
  if (ours.refused) return `only ours refuses: ${ours.refused[0].code}`;
  if (ours.failed) return `only ours fails: ${ours.failed.reason}`;
  return theirs.rendered === undefined ? 'only the reference refuses' : 'they differ';
}

async function report(ours, kase, name) {
  const first = await ours.ask(kase);
  const kind = kindOf(first, (await judge(kase, first)).theirs);
  const smallest = await shrink(kase, async (smaller) => {
    const answer = await ours.ask(smaller);
    const { verdict, theirs } = await judge(smaller, answer);
    return verdict === undefined && kindOf(answer, theirs) === kind;
  });
  const answer = await ours.ask(smallest);
  const { theirs } = await judge(smallest, answer);
  say(`\n${name}: ${kind}`);
  say(`  case       ${JSON.stringify(smallest)}`);
  say(`  reference  ${theirs.rendered ?? `refuses: ${theirs.error}`}`);
  say(`  ours       ${answer.rendered ?? JSON.stringify(answer)}`);
}

async function runNamed(ours, counts) {
  let failures = 0;
  const lines = fs.readFileSync(path.join(__dirname, 'cases.jsonl'), 'utf8').split('\n').filter((line) => line !== '');
  for (const line of lines) {
    const { name, is, ...kase } = JSON.parse(line);
    const { verdict } = await judge(kase, await ours.ask(kase));
    counts.named = (counts.named ?? 0) + 1;
    if (verdict === is) continue;
    ++failures;
    if (verdict === undefined) {
      await report(ours, kase, `"${name}"`);
    } else {
      say(`\n"${name}": is "${verdict}" and should be "${is}"`);
    }
  }
  // Every rule that may differ has a case that shows it.
  const shown = new Set(lines.map((line) => JSON.parse(line).is));
  for (const rule of [...Object.keys(TAUGHT), BLOCK_PARAMETERS]) {
    if (shown.has(rule)) continue;
    ++failures;
    say(`\nno case of cases.jsonl shows "${rule}"`);
  }
  return failures;
}

async function runRandom(ours, seed, first, end, most, counts) {
  const AHEAD = 64;
  let failures = 0;
  const asked = [];
  for (let number = first, next = first; number < end; ++number) {
    for (; next < end && next < number + AHEAD; ++next) {
      const kase = generate(seed, next);
      const answer = ours.ask(kase);
      answer.catch(() => {});  // Told when its turn comes.
      asked.push({ kase, answer });
    }
    const { kase, answer } = asked.shift();
    const { verdict } = await judge(kase, await answer);
    counts[verdict ?? 'DIFFERENT'] = (counts[verdict ?? 'DIFFERENT'] ?? 0) + 1;
    if (verdict !== undefined) continue;
    await report(ours, kase, `seed ${seed}, case ${number}`);
    if (++failures === most) {
      say(`\n${most} cases differ; --most N shows more`);
      break;
    }
  }
  return failures;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { cases: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' },
      only: { type: 'string' }, most: { type: 'string', default: '5' } },
  });
  const numbers = Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number(text)]));
  for (const [name, number] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} is no number: ${values[name]}`);
  }
  const first = numbers.only ?? 0;
  const end = numbers.only !== undefined ? first + 1 : numbers.cases;
  const ours = new Ours(positionals[0]);
  const counts = {};
  let failures = await runNamed(ours, counts);
  failures += await runRandom(ours, numbers.seed, first, end, numbers.most, counts);
  ours.end();
  say('');
  for (const [verdict, count] of Object.entries(counts).sort((a, b) => b[1] - a[1])) {
    say(`${String(count).padStart(7)}  ${verdict}${TAUGHT[verdict] ? `: ${TAUGHT[verdict]}` : ''}`);
  }
  say(failures === 0 ? `seed ${numbers.seed}: no difference` : `seed ${numbers.seed}: DIFFERENT`);
  process.exitCode = failures === 0 ? 0 : 1;
}

main().catch((error) => {
  process.stderr.write(`differential: ${error.message}\n`);
  process.exit(1);
});
