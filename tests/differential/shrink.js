// Makes a failing case smaller while it goes on failing in the same way.
'use strict';

const MOST_TRIES = 4000;

function* smallerTexts(text) {
  const characters = Array.from(text);
  for (let size = characters.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= characters.length; at += size) {
      yield [...characters.slice(0, at), ...characters.slice(at + size)].join('');
    }
  }
}

function* smallerValues(value) {
  if (value === null) return;
  if (Array.isArray(value)) {
    if (value.length > 1) yield [];
    for (let i = 0; i < value.length; ++i) {
      yield value.filter((_, k) => k !== i);
      for (const smaller of smallerValues(value[i])) yield value.map((element, k) => (k === i ? smaller : element));
    }
  } else if (typeof value === 'object') {
    if (Object.keys(value).length > 1) yield {};
    for (const key of Object.keys(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
      for (const smaller of smallerValues(value[key])) yield { ...value, [key]: smaller };
    }
  } else if (typeof value === 'string') {
    yield* smallerTexts(value);
  }
}

// The coarse steps first: a case is mostly what doesn't matter.
function* smallerCases(kase) {
  if (Object.keys(kase.data).length > 0) yield { ...kase, data: {} };
  for (const name of Object.keys(kase.partials)) {
    yield { ...kase, partials: Object.fromEntries(Object.entries(kase.partials).filter(([key]) => key !== name)) };
  }
  if (kase.matter) {
    const { matter, ...rest } = kase;
    yield rest;
    for (const smaller of smallerValues(matter)) yield { ...kase, matter: smaller };
  }
  for (const template of smallerTexts(kase.template)) yield { ...kase, template };
  for (const name of Object.keys(kase.partials)) {
    for (const text of smallerTexts(kase.partials[name])) yield { ...kase, partials: { ...kase.partials, [name]: text } };
  }
  for (const data of smallerValues(kase.data)) yield { ...kase, data };
}

// `fails` says, in a promise, whether a case fails as the first one did.
exports.shrink = async (kase, fails) => {
  let smallest = kase;
  let tries = 0;
  for (let found = true; found; ) {
    found = false;
    for (const smaller of smallerCases(smallest)) {
      if (++tries > MOST_TRIES) return smallest;
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      found = true;
      break;
    }
  }
  return smallest;
};
