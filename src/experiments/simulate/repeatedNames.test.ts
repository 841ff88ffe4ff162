import { expect, it } from 'vitest';
import { repeatedNames } from './repeatedNames.ts';

it.each([
  ['{"a": 1, "b": {"a": 2}, "c": [{"a": 1}, {"a": 2}]}', []],
  ['{"nodes": {"s": {"kind": "queue"}, "s": {"kind": "log"}}}', ['nodes.s']],
  [
    '{"list": [1, "x", {"a": [], "b": "a:{[,", "\\u0061": null}], "list": 2}',
    ['list[2].a', 'list'],
  ],
  ['["a", "a", {}, ":", "\\"", "\\\\"]', []],
  ['"a"', []],
  ['3', []],
])('of %s are %j', (text, paths) => {
  JSON.parse(text);
  expect(repeatedNames(text).map(({ path }) => path)).toEqual(paths);
});

it('ends for a file of nothing else', () => {
  expect(repeatedNames(`{${'"a": 1,'.repeat(300_000)}"a": 1}`)).toHaveLength(100);
  const deep = `${'['.repeat(300_000)}${']'.repeat(300_000)}`;
  expect(repeatedNames(deep)).toEqual([]);
});
