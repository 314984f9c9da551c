// Makes random cases: a template with what it includes and what it is rendered from. The same seed
// and number make the same case.
//
//   case = { "matter": front matter, if any, "template": text, "partials": { name: text },
//            "data": Dotprompt's data }
'use strict';

// Names of members. Few, so that paths often find something; some are indexes, some hold a space.
const NAMES = ['a', 'b', 'c', 'list', 'obj', 'str', 'num', 'yes', 'no', 'nil', '10', '2', 'a b', 'é'];
const PARTIALS = ['p1', 'p2', 'layout', 'sub/p3'];
const TEXTS = ['', 'hi', 'a\nb', ' ', 'é😀x', '{{a}}', '<b>&"\'', '0', 'true', 'line\r\n', 'user'];
const NUMBERS = [0, -0, 1, -1, 1.5, 100, 0.1 + 0.2, 1e21, 1e-7, 123456789012345680000, 5e-324, -2.5e-9];
const LITERALS = ['"x"', "'y z'", '"a\\"b"', '""', '0', '1', '1.50', '-3', '-0', '10000000000000000000000',
  'true', 'false', 'null', 'undefined'];
// What mutations put into a template.
const SCRAPS = ['{{', '}}', '{', '}', '~', '#', '/', '^', '!', '--', '"', "'", '\\', '[', ']', '(', ')', '=',
  '.', '..', '|', 'as |', 'else', '@', ' ', '\n', 'if', 'each', '>', '*', '{{{{', '}}}}', '{{{{a}}}}',
  '{{{{/a}}}}', '0', '1', '.5', 'true', 'null', 'this', 'a', 'é', '\u00a0', '&', '{{/if}}', '{{else}}', 'x=',
  '{{^}}', '-', '{{!--', '--}}', '%', ';', ',', '`', '<'];

// mulberry32
function makeRandom(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class Generator {
  constructor(seed) {
    this.random = makeRandom(seed);
  }

  below(n) {
    return Math.floor(this.random() * n);
  }
  pick(choices) {
    return choices[this.below(choices.length)];
  }
  chance(one, of) {
    return this.below(of) < one;
  }
  many(most, make) {
    return Array.from({ length: this.below(most + 1) }, make);
  }

  // --- Data.

  value(depth) {
    const kind = this.below(depth > 2 ? 6 : 10);
    if (kind === 0) return this.pick(TEXTS);
    if (kind === 1) return this.pick(NUMBERS);
    if (kind === 2) return this.chance(1, 2);
    if (kind === 3) return this.chance(1, 2) ? null : this.pick(NAMES);
    if (kind === 4) return this.below(5);
    if (kind === 5) return this.pick(['x', 'length', 'user', 'system', '1', 'a']);
    if (kind < 8) return this.many(3, () => this.value(depth + 1));
    return Object.fromEntries(this.many(4, () => [this.pick(NAMES), this.value(depth + 1)]));
  }

  message() {
    const role = this.pick(['user', 'model', 'tool', 'system']);
    const content = this.many(2, () => this.pick([{ text: this.pick(TEXTS) }, { text: 'h' },
      { media: { url: 'http://m' } }, { toolRequest: { name: 'f', input: { b: 1, a: 2 } } }]));
    return this.chance(1, 4) ? { role, content, metadata: { at: 1 } } : { role, content };
  }

  data() {
    const input = {};
    for (const name of [...NAMES].sort(() => this.random() - 0.5)) {
      if (this.chance(2, 3)) input[name] = this.value(1);
    }
    if (this.chance(1, 2)) input.list = this.many(4, () => this.value(1));
    if (this.chance(1, 40)) input.str = this.pick(['<<<dotprompt:role:system>>>', '<<<dotprompt:history>>>']);
    const data = { input };
    if (this.chance(3, 4)) data.context = { auth: { x: 'X', role: this.pick(['user', 'model', 'system']) }, user: this.value(2) };
    if (this.chance(1, 4)) data.messages = this.many(3, () => this.message());
    if (this.chance(1, 8)) data.docs = [{ content: [{ text: 'doc' }] }];
    return data;
  }

  // --- Expressions.

  segment() {
    // A number is a syntax error to the reference, and a path here.
    if (this.chance(1, 200)) return this.pick(['0', '2']);
    if (this.chance(1, 8)) return this.pick(['[a b]', '[10]', '[é]', '[0]', '[length]', 'é']);
    return this.pick(['a', 'b', 'c', 'list', 'obj', 'str', 'num', 'yes', 'no', 'nil', 'length', 'x', 'y', 'i']);
  }
  path() {
    if (this.chance(1, 8)) {
      return this.pick(['this', '.', '..', '@index', '@key', '@first', '@last', '@root', '../this', '../..',
        '@../index', '@../key', '@auth.x', '@user', '@user.a', '@../../index', '@metadata.docs', 'this.length']);
    }
    let path = this.pick(['', '', '', '', '', './', 'this.', '../', '../../', '@root.', 'this/']);
    path += path === '' || path.endsWith('/') || path === '@root.' || path === 'this.' ? this.segment() : '';
    for (let i = this.below(3); i > 0; --i) path += this.pick(['.', '.', '/']) + this.segment();
    return path.replace(/^(\d+)([./])/, '[$1]$2');
  }
  expression(depth) {
    const kind = this.below(10);
    if (kind < 6 || depth > 2) return this.path();
    if (kind < 8) return this.pick(LITERALS);
    if (kind === 8) return `(lookup ${this.expression(depth + 1)} ${this.expression(depth + 1)})`;
    return this.pick([`(json ${this.expression(depth + 1)})`, `(json ${this.path()} indent=1)`, '(log "l")',
      `(lookup ${this.path()} "a")`]);
  }
  // A name given to what is in a block or a partial.
  hash() {
    return this.pick(['x', 'y', 'a', 'b', '[a b]']) + '=' + this.expression(1);
  }

  // --- Tags.

  open() {
    return this.pick(['{{', '{{', '{{', '{{', '{{~']);
  }
  close() {
    return this.pick(['}}', '}}', '}}', '}}', '~}}', ' }}', '\n}}']);
  }
  tag(inner) {
    return this.open() + inner + this.close();
  }
  text() {
    return this.pick(['', '', ' ', '  ', '\n', '\n  ', '\n\n', ' \n', '\t', '\r\n', '\r\n  ', 'x', 'word ', '. ',
      '\nline\n', '- ', '\u00a0', 'é😀', '{ }', 'x}', '&amp;', '<i>', '\ufeff', '\u2028', '\\ ', '$1', '---\n']);
  }
  inverse(depth) {
    return this.chance(1, 2) ? this.tag(this.pick(['else', '^', 'else', ' else '])) + this.body(depth) : '';
  }
  chain(depth) {
    if (!this.chance(1, 4)) return '';
    const next = () => this.pick([`else if ${this.expression(1)}`, `else unless ${this.expression(1)}`,
      `else ifEquals ${this.expression(1)} ${this.expression(1)}`, `else each ${this.path()} as |x i|`,
      `else with ${this.path()} as |y|`, `else if ${this.expression(1)}`]);
    return this.many(2, () => this.tag(next()) + this.body(depth)).join('');
  }
  block(depth) {
    const inside = depth + 1;
    const whole = (opening, name) => this.tag(opening) + this.body(inside) + this.chain(inside) +
      this.inverse(inside) + this.tag('/' + name);
    const params = (choices) => (this.chance(1, 2) ? this.pick(choices) : '');
    const kind = this.below(12);
    if (kind < 3) {
      const zero = this.chance(1, 6) ? this.pick([' includeZero=true', ' includeZero=false', ' includeZero=num']) : '';
      return whole(`#if ${this.expression(0)}${zero}`, 'if');
    }
    if (kind === 3) return whole(`#unless ${this.expression(0)}`, 'unless');
    if (kind < 6) return whole(`#each ${this.expression(0)}${params([' as |x i|', ' as |x|', ' as |a b|'])}`, 'each');
    if (kind === 6) return whole(`#with ${this.expression(0)}${params([' as |y|', ' as |x|'])}`, 'with');
    if (kind === 7) return whole(`#ifEquals ${this.expression(0)} ${this.expression(0)}`, 'ifEquals');
    if (kind === 8) return whole(`#unlessEquals ${this.expression(0)} ${this.expression(0)}`, 'unlessEquals');
    if (kind === 9) {
      const name = this.path().replace(/^@.*/, 'a');
      if (this.chance(2, 3)) return whole(`#${name}${params([' as |x|'])}`, name);
      return `${this.tag(`^${name}`)}${this.body(inside)}${this.inverse(inside)}${this.tag('/' + name)}`;
    }
    if (kind === 10) {
      const name = this.pick(['if', 'each', 'unless', 'with']);
      return `${this.tag(`^${name} ${this.expression(0)}`)}${this.body(inside)}${this.inverse(inside)}${this.tag('/' + name)}`;
    }
    const name = this.pick(['list', 'yes', 'obj', 'nil']);
    return `{{{{${name}}}}}${this.pick([' {{a}} ', '{{{{b}}}} x {{{{/b}}}}', '\\{{a}}', '\n raw \n'])}{{{{/${name}}}}}`;
  }
  arguments() {
    const args = [];
    if (this.chance(1, 3)) args.push(this.path());
    for (let i = this.pick([0, 0, 0, 1, 1, 2]); i > 0; --i) args.push(this.hash());
    return args.map((arg) => ' ' + arg).join('');
  }
  partial(depth) {
    const kind = this.below(8);
    const name = this.pick(PARTIALS);
    if (kind < 4) return this.tag(`> ${name}${this.arguments()}`);
    if (kind === 4) return this.tag(`> ${this.pick(['inl', 'inl', '"p1"', '[p2]'])}${this.arguments()}`);
    if (kind === 5) {
      return `${this.tag('#*inline "inl"')}${this.body(depth + 1)}${this.tag('/inline')}` +
        `${this.text()}${this.tag(`> inl${this.arguments()}`)}`;
    }
    const fallback = this.chance(1, 4) ? 'nope' : name;
    return this.tag(`#> ${fallback}${this.arguments()}`) + this.body(depth + 1) + this.tag('/' + fallback);
  }
  helper() {
    return this.pick([
      () => this.tag(`json ${this.expression(1)}${this.pick(['', '', ' indent=2', ' indent="--"', ' indent=0', ' indent=12'])}`),
      () => this.tag(`lookup ${this.expression(1)} ${this.expression(1)}`),
      () => this.tag(`role "${this.pick(['system', 'user', 'model', 'tool'])}"`),
      () => this.tag(`role "${this.pick(['system', 'user', 'model'])}"`),
      () => this.tag(`role ${this.chance(1, 4) ? this.pick(['str', '"assistant"', 'list']) : '@auth.role'}`),
      () => this.tag('history'),
      () => this.tag(`section "${this.pick(['s1', 'code', 's t'])}"`),
      () => this.tag(`section ${this.chance(1, 8) ? this.path() : '@auth.x'}`),
      () => this.tag(`media url=${this.pick(['"http://u"', '"http://u v"', 'str', 'a'])}${this.pick(['', ' contentType="image/png"',
        ' contentType=str'])}`),
      () => this.tag(`log ${this.expression(1)}`),
      () => this.tag(`json @metadata.${this.pick(['prompt', 'docs', 'messages'])}`),
    ])();
  }
  mustache() {
    const inner = this.expression(9).replace(/^(\(.*)$/, 'a');
    return this.pick([() => this.tag(inner), () => this.tag(inner), () => this.tag('&' + inner),
      () => `{{{${inner}}}}`, () => `{{~{${inner}}~}}`])();
  }
  comment() {
    return this.pick(['{{!c}}', '{{!-- a }} b --}}', '{{~! x ~}}', '{{!}}', '{{!----}}', '{{~!-- -- --~}}']);
  }
  escape() {
    return this.pick(['\\{{a}}', '\\\\{{a}}', '\\\\\\{{a}}', '\\{{{a}}}', '\\{{#if a}}', 'x\\\\', '\\{{a}} {{b}}']);
  }
  body(depth) {
    let body = this.text();
    for (let i = this.below(depth > 3 ? 2 : 5); i > 0; --i) {
      const kind = this.below(24);
      if (kind < 8) body += this.mustache();
      else if (kind === 8) body += this.comment();
      else if (kind === 9) body += this.escape();
      else if (kind < 13) body += this.helper();
      else if (kind < 19) body += depth < 5 ? this.block(depth) : this.text();
      else if (kind < 22) body += depth < 4 && this.mayInclude ? this.partial(depth) : this.text();
      else if (kind === 22 && this.inLayout) body += this.tag(`> @partial-block${this.arguments()}`);
      else body += this.text();
      body += this.text();
    }
    return body;
  }

  // --- Files.

  partialTexts() {
    const partials = {};
    this.mayInclude = false;
    for (const name of PARTIALS) {
      this.inLayout = name === 'layout';
      partials[name] = this.body(2);
      if (this.inLayout) {
        partials[name] += this.pick(['{{> @partial-block}}', '{{#if @partial-block}}{{> @partial-block}}{{/if}}',
          '\n  {{> @partial-block}}\n', '{{> @partial-block}}{{> @partial-block a=1}}']);
      }
      // Never a cycle.
      partials[name] = partials[name].replace(/^\ufeff+/, '');
      if (name === 'sub/p3' && this.chance(1, 2)) partials[name] += this.text() + '{{> p1 x=a}}';
    }
    this.inLayout = false;
    this.mayInclude = true;
    return partials;
  }
  picoschema(depth) {
    const schema = {};
    for (const name of new Set(this.many(3, () => this.pick(['name', 'age', 'x', 'tags'])))) {
      const scalar = this.pick(['string', 'integer', 'number, how many', 'any', 'boolean, is it so', 'null']);
      const kind = this.below(depth > 1 ? 3 : 5);
      if (kind < 2) schema[name + '?'] = scalar;
      else if (kind === 2) schema[name + '?(enum, one of)'] = ['A', 'B', 1];
      else if (kind === 3) schema[name + '?(array, some)'] = scalar;
      else schema[name + '?(object)'] = this.picoschema(depth + 1);
    }
    if (this.chance(1, 4)) schema['(*)'] = 'any';
    return schema;
  }
  frontMatter() {
    const matter = {};
    const take = (key, make) => {
      if (this.chance(1, 3)) matter[key] = make();
    };
    take('model', () => this.pick(['x/m', 'a/b-c']));
    take('config', () => ({ temperature: this.pick([0, 0.5, 1]), 10: 'ten', stopSequences: ['a'] }));
    take('input', () => ({ default: { a: this.value(2), fresh: 'F' }, schema: this.picoschema(0) }));
    take('output', () => ({ format: 'json', schema: this.picoschema(0) }));
    take('team.owner', () => this.value(2));
    take('team.sub.owner', () => 'o');
    take('tools', () => ['t1', 't2']);
    take('custom', () => this.value(1));
    take('name', () => 'n');
    take('description', () => this.pick(['d', 'two words', '']));
    if (Object.keys(matter).length === 0) matter.name = 'n';
    return matter;
  }
  mutate(text) {
    const characters = Array.from(text);
    for (let i = 1 + this.below(3); i > 0; --i) {
      const at = this.below(characters.length + 1);
      const kind = this.below(3);
      const scrap = kind === 1 ? [] : [this.pick(SCRAPS)];
      characters.splice(at, kind === 0 ? 0 : 1 + this.below(3), ...scrap);
    }
    return characters.join('');
  }

  case() {
    const partials = this.partialTexts();
    let template = this.body(0);
    if (this.chance(1, 5)) template = this.mutate(template);
    if (this.chance(1, 12)) partials.p1 = this.mutate(partials.p1);
    // A byte order mark is refused, and seldom worth a case.
    if (!this.chance(1, 20)) template = template.replace(/^\ufeff+/, '');
    const kase = { template, partials, data: this.data() };
    if (this.chance(1, 8)) return { matter: this.frontMatter(), ...kase };
    // A "---" at the beginning would be front matter.
    kase.template = template.replace(/^(\s*)---/, '$1+++');
    return kase;
  }
}

exports.generate = (seed, number) =>
  new Generator(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)).case();
