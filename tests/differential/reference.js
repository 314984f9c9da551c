// The reference runtime: the npm packages `dotprompt` and `handlebars`, as they are or with some of
// the rules of service/template/render/renderer.h taught to them.
'use strict';

const Handlebars = require('handlebars/dist/cjs/handlebars.js').default;
const { Dotprompt } = require('dotprompt');
const yaml = require('yaml');

// The rules that can be taught. A difference that one of them explains is byte-equal with it.
exports.RULES = ['prints-numbers', 'values-are-text', 'arguments-are-whole', 'index-segments',
  'partial-block-is-asked-for', 'whole-characters', 'null-once'];

const MARKER = '<<<dotprompt:';
// As long, so that lengths and indexes stay. Each of its first three characters stands for a "<",
// also when a template takes it out.
const STAND_IN = '\ue000\ue001\ue002dotprompt:';

const dotprompt = new Dotprompt();
const known = { json: true, role: true, history: true, section: true, media: true, ifEquals: true, unlessEquals: true };
// What {{log}} and the parser of front matter say.
for (const method of ['log', 'debug', 'info', 'warn', 'error']) console[method] = () => {};

// --- prints-numbers: what stands side by side is printed, not added.

const append = Handlebars.JavaScriptCompiler.prototype.append;
function appendText() {
  if (this.isInline()) {
    this.replaceStack((current) => [' != null ? ""+', current, ' : ""']);
    this.pushSource(this.appendToBuffer(this.popStack()));
    return;
  }
  const local = this.popStack();
  this.pushSource(['if (', local, ' != null) { ', this.appendToBuffer(['""+', local], undefined, true), ' }']);
  if (this.environment.isSimple) {
    this.pushSource(['else { ', this.appendToBuffer("''", undefined, true), ' }']);
  }
}

// --- arguments-are-whole: a URL, a type and a section's name may hold anything.

const encode = (text) => 'x' + Buffer.from(String(text), 'utf16le').toString('hex');
const decode = (text) => Buffer.from(text.slice(1), 'hex').toString('utf16le');

// What the pieces of messages were called with, for differences.js.
let calls = [];
const helpers = { role: Handlebars.helpers.role, media: Handlebars.helpers.media, section: Handlebars.helpers.section,
  if: Handlebars.helpers.if, unless: Handlebars.helpers.unless };

function registerHelpers(rules) {
  const whole = rules.has('arguments-are-whole');
  Handlebars.registerHelper('role', (name) => {
    calls.push({ helper: 'role', value: name });
    return helpers.role(name);
  });
  Handlebars.registerHelper('section', (name) => {
    calls.push({ helper: 'section', value: name });
    return helpers.section(whole ? encode(name ?? '') : name);
  });
  Handlebars.registerHelper('media', (options) => {
    const { url, contentType } = options.hash;
    calls.push({ helper: 'media', value: url });
    if (!whole) return helpers.media(options);
    return helpers.media({ hash: { url: encode(url), contentType: contentType && String(contentType) ? encode(contentType) : '' } });
  });
  // {{#if @partial-block}} doesn't run it.
  const asks = rules.has('partial-block-is-asked-for');
  for (const name of ['if', 'unless']) {
    Handlebars.registerHelper(name, function (condition, options) {
      return helpers[name].call(this, asks && typeof condition === 'function' ? true : condition, options);
    });
  }
}

// --- null-once: what is null anyway isn't made nullable.

const renderPicoschema = dotprompt.renderPicoschema;
async function renderPicoschemaOnce(metadata) {
  const rendered = await renderPicoschema.call(dotprompt, metadata);
  for (const place of ['input', 'output']) {
    if (!rendered[place]?.schema) continue;
    const schema = JSON.stringify(rendered[place].schema).replaceAll('["null","null"]', '"null"');
    rendered[place] = { ...rendered[place], schema: JSON.parse(schema) };
  }
  return rendered;
}

// --- Texts of a case before it is rendered and of an answer after.

function mapTexts(value, map) {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((element) => mapTexts(element, map));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapTexts(member, map)]));
}

// {{a.0}} is {{a.[0]}}: in tags, and there outside of quotes and brackets.
function bracketIndexes(text) {
  const word = /"(?:\\"|[^"])*"|'(?:\\'|[^'])*'|\[[^\]]*\]|[^\s()=|~}"'[]+/g;
  const bracket = (path) =>
    /^-?\d+(\.\d+)?$/.test(path) ? path : path.replace(/([./])(-?\d+|true|false|null|undefined)(?=[./]|$)/g, '$1[$2]');
  // An escaped "{{" opens no tag, and the "/" of {{/2}} is none of a path.
  return text.replace(/((?<!\\)\\\{\{)|(\{\{(?!~?!)~?[{#^/&>*]*)([^]*?\}\})/g,
    (all, escaped, open, inner) => escaped ?? open + inner.replace(word, bracket));
}

function prepare(texts, rules) {
  let prepared = texts;
  if (rules.has('values-are-text')) prepared = mapTexts(prepared, (text) => text.replaceAll(MARKER, STAND_IN));
  return prepared;
}

function finish(rendered, rules) {
  let finished = rendered;
  if (rules.has('whole-characters')) {
    const half = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
    finished = mapTexts(finished, (text) => text.replace(half, '\ufffd'));
  }
  if (rules.has('arguments-are-whole')) {
    for (const message of finished.messages) {
      for (const part of message.content) {
        if (message.metadata?.purpose === 'history') continue;
        if (/^x[0-9a-f]*$/.test(part.media?.url ?? '')) part.media.url = decode(part.media.url);
        if (/^x[0-9a-f]*$/.test(part.media?.contentType ?? '')) part.media.contentType = decode(part.media.contentType);
        if (part.metadata?.pending) part.metadata.purpose = decode(part.metadata.purpose);
      }
    }
  }
  if (rules.has('values-are-text')) finished = mapTexts(finished, (text) => text.replace(/[\ue000-\ue002]/g, '<'));
  return finished;
}

// The file that a case is of.
exports.sourceOf = ({ matter, template }) =>
  matter ? `---\n${yaml.stringify(matter, { lineWidth: 0 })}---\n${template}` : template;

// The defaults of front matter apply; to the reference the caller gives them.
function optionsOf(source) {
  const { raw } = dotprompt.parse(source);
  return raw?.input?.default ? { input: { default: raw.input.default } } : undefined;
}

// { rendered, calls } or { error, calls }; `rendered` is the JSON text that `colophon render FILE
// --json` would print.
exports.render = async (original, rules = new Set()) => {
  const { partials, data, ...file } = prepare(original, rules);
  const source = exports.sourceOf(file);
  const rewrite = rules.has('index-segments') ? bracketIndexes : (text) => text;
  calls = [];
  Handlebars.JavaScriptCompiler.prototype.append = rules.has('prints-numbers') ? appendText : append;
  dotprompt.renderPicoschema = rules.has('null-once') ? renderPicoschemaOnce : renderPicoschema;
  registerHelpers(rules);
  for (const name of Object.keys(Handlebars.partials)) Handlebars.unregisterPartial(name);
  for (const [name, text] of Object.entries(partials)) Handlebars.registerPartial(name, rewrite(text));
  try {
    const metadata = await dotprompt.renderMetadata(source);
    const { messages } = await dotprompt.render(rewrite(source), structuredClone(data), optionsOf(source));
    return { rendered: JSON.stringify(finish({ ...metadata, messages }, rules)), calls };
  } catch (error) {
    return { error: String(error.message), calls };
  }
};

// A file's syntax tree; undefined when it can't be compiled, which the reference finds out when it
// comes to it. It may hold {{a.0}}.
exports.compile = (text) => {
  const template = bracketIndexes(text);
  try {
    Handlebars.precompile(template, { knownHelpers: known, knownHelpersOnly: true, noEscape: true });
    return Handlebars.parse(template);
  } catch {
    return undefined;
  }
};
exports.Visitor = Handlebars.Visitor;
