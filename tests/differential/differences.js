// What may differ from the reference, and why. Everything else fails a run.
//
// There are two kinds. A rule of reference.js is taught to the reference, and then it is byte-equal.
// And a refusal: we refuse, when a prompt is published or rendered, what the reference only finds
// out when it comes to it, or never. Each diagnostic has to be true of the case, as the reference's
// own parser sees it.
'use strict';

const reference = require('./reference.js');

// Rule of reference.js: why it is there.
exports.TAUGHT = {
  'prints-numbers': 'numbers and booleans that stand side by side are printed, not added',
  'values-are-text': 'text of a variable or of the template opens no role',
  'arguments-are-whole': 'a URL, a content type and the name of a section may hold a space',
  'index-segments': '{{a.0}} is the path that it looks like',
  'partial-block-is-asked-for': '{{#if @partial-block}} asks whether there is one, and does not run it',
  'null-once': 'the type of "name?: null" is null, and not a list that has it twice',
  'whole-characters': 'half of a pair of surrogates has no UTF-8: it is U+FFFD',
};

const STRUCTURAL = ['role', 'history', 'section', 'media'];
const NEED_BLOCK = ['if', 'unless', 'each', 'with', 'ifEquals', 'unlessEquals'];
const ROLES = ['system', 'user', 'model', 'tool'];
// How many arguments without a name.
const ARITY = { each: [1, 1], history: [0, 0], if: [1, 1], ifEquals: [2, 2], json: [1, 1], log: [0, Infinity],
  lookup: [2, 2], media: [0, 0], role: [1, 1], section: [1, 1], unless: [1, 1], unlessEquals: [2, 2], with: [1, 1] };

// Every call in a syntax tree, as { node, name, kind }: kind is mustache, block, sub, partial,
// decorator or, without a block, lone decorator.
function callsOf(tree) {
  const calls = [];
  const add = (kind) => function (node) {
    const path = node.path ?? node.name;
    calls.push({ node, kind, name: path.parts?.length === 1 ? path.parts[0] : path.original, data: path.data });
    reference.Visitor.prototype[node.type].call(this, node);
  };
  const visitor = new reference.Visitor();
  visitor.MustacheStatement = add('mustache');
  visitor.BlockStatement = add('block');
  visitor.SubExpression = add('sub');
  visitor.PartialStatement = add('partial');
  visitor.PartialBlockStatement = add('partial');
  visitor.DecoratorBlock = add('decorator');
  visitor.Decorator = add('lone decorator');
  visitor.accept(tree);
  return calls;
}

const hashOf = (node, key) => node.hash?.pairs.find((pair) => pair.key === key)?.value;
const hasWrongCount = ({ node, name, kind }) => kind !== 'partial' && ARITY[name] !== undefined &&
  (node.params.length < ARITY[name][0] || node.params.length > ARITY[name][1]);
const isBadMedia = ({ node, name }) => {
  const url = hashOf(node, 'url');
  return name === 'media' && (url === undefined || (/Literal$/.test(url.type) && (url.type !== 'StringLiteral' || url.value === '')));
};

// Diagnostic code: whether it is true of a call of the file.
const REFUSED_CALLS = {
  // A helper with too many or too few arguments.
  WRONG_ARGUMENTS: (call) => hasWrongCount(call) || isBadMedia(call) || (call.kind === 'partial' && call.node.params.length > 1),
  // Pieces of messages stand for themselves; what runs a block needs one.
  MISPLACED_HELPER: ({ name, kind }) => (kind === 'sub' && STRUCTURAL.includes(name)) ||
    (['sub', 'mustache'].includes(kind) && NEED_BLOCK.includes(name)),
  // A role is one of four.
  UNKNOWN_ROLE: ({ node, name }) => name === 'role' && node.params.length === 1 && /Literal$/.test(node.params[0].type) &&
    !ROLES.includes(node.params[0].value),
  // {{@role}} is read as the helper there.
  AMBIGUOUS_NAME: ({ name, data }) => data && ARITY[name] !== undefined,
  // Names of partials are written out.
  DYNAMIC_PARTIAL: ({ node, kind }) => (kind === 'partial' && (node.name.type === 'SubExpression' || node.name.data)) ||
    (kind === 'decorator' && node.params[0]?.type !== 'StringLiteral') || (kind === 'decorator' && node.params.length !== 1) ||
    (kind === 'decorator' && node.params[0].value === ''),
  // {{lookup.b a}} and {{./lookup a}} call lookup there.
  UNKNOWN_HELPER: ({ node, kind }) => ARITY[node.path?.parts?.[0]] !== undefined && node.path.original !== node.path.parts[0] &&
    (kind === 'sub' || node.params.length > 0 || node.hash !== undefined),
  // A decorator that isn't run.
  SYNTAX: ({ kind }) => kind === 'lone decorator',
  UNKNOWN_DECORATOR: ({ name, kind }) => kind === 'decorator' && name !== 'inline',
  // An inline partial that includes itself, outside of any block: it ends by no variable, so it is
  // refused where it is written and not only when it is run.
  INCLUDE_CYCLE: ({ node, kind }) => kind === 'decorator' && node.program.body.some((statement) =>
    /^Partial/.test(statement.type) && statement.name.original === node.params[0]?.value),
  MISSING_PARTIAL: ({ node, kind }, partials) => kind === 'partial' && partials[node.name.original] === undefined,
};

function isTrue(diagnostic, { template: main, partials }) {
  const partial = /^(.*?)_([^/]*)\.prompt$/.exec(diagnostic.path);
  const template = partial ? partials[partial[1] + partial[2]] : main;
  // Editors hide it, and YAML stumbles over it.
  if (diagnostic.code === 'BAD_CHARACTER') return template.startsWith('\ufeff');
  const tree = reference.compile(template);
  // What can't be compiled refuses the prompt even where it isn't run.
  if (tree === undefined) return partial !== null;
  const holds = REFUSED_CALLS[diagnostic.code];
  return holds !== undefined && callsOf(tree).some((call) => holds(call, partials));
}

// Reason of an error while rendering: whether it is true of what the reference's helpers were
// called with.
const REFUSED_VALUES = {
  UNKNOWN_ROLE: ({ helper, value }) => helper === 'role' && !ROLES.includes(String(value)),
  BAD_MEDIA: ({ helper, value }) => helper === 'media' && (value?.string ?? value ?? '') === '' ||
    (helper === 'media' && typeof (value?.string ?? value) !== 'string'),
  BAD_SECTION: ({ helper, value }) => helper === 'section' && String(value ?? '') === '',
};

// Whether what we refuse in `ours` is a stricter rule's.
function isStricter(kase, ours, theirs) {
  if (ours.refused) {
    const found = ours.refused.every((diagnostic) => isTrue(diagnostic, kase));
    return found ? `refused: ${ours.refused[0].code}` : undefined;
  }
  const holds = ours.failed && REFUSED_VALUES[ours.failed.reason];
  return holds && theirs.calls.some(holds) ? `refused when rendered: ${ours.failed.reason}` : undefined;
}

// Only {{#each}} and {{#with}} fill block parameters, and not for the inline partials in them. The
// reference's code reads the others from a list that it isn't given: a TypeError.
exports.BLOCK_PARAMETERS = 'block parameters that nothing fills';

function isBlockParameterCrash({ template, partials }, theirs) {
  if (!/^Cannot read properties of undefined \(reading '\d+'\)$/.test(theirs.error ?? '')) return false;
  return [template, ...Object.values(partials)].some((file) => {
    let found = false;
    const visitor = new reference.Visitor();
    const hasParameters = (program) => program?.blockParams?.length > 0;
    visitor.DecoratorBlock = function (node) {
      found ||= this.parents.some(hasParameters);
      reference.Visitor.prototype.DecoratorBlock.call(this, node);
    };
    visitor.BlockStatement = function (node) {
      const isFilled = ['each', 'with'].includes(node.path.original) && hasParameters(node.program);
      found ||= !isFilled && (hasParameters(node.program) || hasParameters(node.inverse));
      reference.Visitor.prototype.BlockStatement.call(this, node);
    };
    const tree = reference.compile(file);
    if (tree !== undefined) visitor.accept(tree);
    return found;
  });
}

// "same", "both refuse", the name of what may differ, or undefined: it may not.
exports.judge = async (kase, ours) => {
  const plain = await reference.render(kase);
  if (ours.rendered !== undefined && ours.rendered === plain.rendered) return { verdict: 'same', theirs: plain };
  if (ours.rendered === undefined && plain.rendered === undefined) return { verdict: 'both refuse', theirs: plain };
  const taught = await reference.render(kase, new Set(reference.RULES));
  if (ours.rendered === undefined) {
    return { verdict: taught.rendered === undefined ? 'both refuse' : isStricter(kase, ours, taught), theirs: plain };
  }
  if (isBlockParameterCrash(kase, taught)) return { verdict: exports.BLOCK_PARAMETERS, theirs: plain };
  if (taught.rendered !== ours.rendered) return { verdict: undefined, theirs: taught };
  for (const rule of reference.RULES) {
    const one = await reference.render(kase, new Set([rule]));
    if (one.rendered === ours.rendered) return { verdict: rule, theirs: plain };
  }
  return { verdict: 'several rules', theirs: plain };
};
