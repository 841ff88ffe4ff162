// Checks the imports under src/ against .dependency-cruiser.mjs.
import { readdir } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import rules from '../.dependency-cruiser.mjs';

/**
 * @typedef {{ rule: string, from: string, to: string }} Violation
 * @param {string} root the folder that holds src/
 * @returns {Promise<{ violations: Violation[], moduleCount: number, missed: string[] }>}
 *   `missed` names the source files that the tool did not see: it must be empty, or the result
 *   means nothing (the tool passes silently where it cannot read TypeScript).
 */
export async function checkArchitecture(root) {
  const { options, ...ruleSet } = rules;
  const { output } = await cruise(['src'], {
    ...options,
    baseDir: root,
    validate: true,
    ruleSet,
  });
  if (typeof output === 'string') throw new Error('Expected a result object, got text.');
  const seen = new Set(output.modules.map((module) => module.source));
  const files = await sourceFiles(root);
  return {
    violations: output.summary.violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      from,
      to,
    })),
    moduleCount: files.filter((file) => seen.has(file)).length,
    missed: files.filter((file) => !seen.has(file)),
  };
}

/** @param {string} root */
async function sourceFiles(root) {
  const entries = await readdir(resolve(root, 'src'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, resolve(entry.parentPath, entry.name)).split(sep).join('/'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { violations, moduleCount, missed } = await checkArchitecture(process.cwd());
  for (const { rule, from, to } of violations) console.log(`${rule}: ${from} → ${to}`);
  for (const file of missed) console.log(`not looked at: ${file}`);
  console.log(`${moduleCount} modules, ${violations.length} violations`);
  if (violations.length > 0 || missed.length > 0 || moduleCount === 0) process.exitCode = 1;
}
