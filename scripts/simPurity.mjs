// What code under src/sim may not do, so that a scenario, a seed and timed inputs always give the
// same run, on every machine: read a clock, draw its own random numbers, wait, touch the page, or
// use arithmetic whose last digit the language leaves open (Math.log and its like differ by engine).
import ts from 'typescript';

const exactMath = new Set(
  'abs ceil clz32 floor fround imul max min round sign sqrt trunc E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2'.split(
    ' ',
  ),
);

/** @type {Record<string, string[]>} */
const bannedGlobals = {
  'reads the wall clock': ['Date', 'performance'],
  waits: [
    'setTimeout',
    'setInterval',
    'setImmediate',
    'requestAnimationFrame',
    'requestIdleCallback',
    'queueMicrotask',
    'Promise',
  ],
  'touches the page or the machine': [
    'document',
    'window',
    'globalThis',
    'self',
    'navigator',
    'location',
    'localStorage',
    'sessionStorage',
    'indexedDB',
    'fetch',
    'XMLHttpRequest',
    'WebSocket',
    'Worker',
    'postMessage',
    'process',
    'require',
  ],
  'draws random numbers of its own': ['crypto'],
  'depends on the reader’s language': ['Intl'],
  'runs text as code': ['eval', 'Function'],
};
const reasonByName = new Map(
  Object.entries(bannedGlobals).flatMap(([reason, names]) => names.map((name) => [name, reason])),
);

/**
 * @typedef {{ line: number, what: string, why: string }} Impurity
 * @param {string} text
 * @param {string} [fileName]
 * @returns {Impurity[]}
 */
export function findImpurities(text, fileName = 'sample.ts') {
  const { file, checker } = parse(text, fileName);
  /** @type {Impurity[]} */
  const found = [];
  visit(file);
  return found;

  /** @param {ts.Node} node @param {string} what @param {string} why */
  function report(node, what, why) {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    found.push({ line: line + 1, what, why });
  }

  /** @param {ts.Node} node */
  function visit(node) {
    if (ts.isIdentifier(node)) checkName(node);
    checkOperator(node);
    checkAsync(node);
    checkImport(node);
    ts.forEachChild(node, visit);
  }

  /** @param {ts.Identifier} node */
  function checkName(node) {
    const isMath = node.text === 'Math';
    const reason = reasonByName.get(node.text);
    if ((!isMath && !reason) || !isReference(node) || isLocal(node, checker)) return;
    if (reason) return report(node, node.text, reason);
    const member = ts.isPropertyAccessExpression(node.parent) ? node.parent.name.text : undefined;
    if (member === undefined) report(node, 'Math', 'hides which of its functions is used');
    else if (member === 'random') report(node, 'Math.random', 'draws random numbers of its own');
    else if (!exactMath.has(member)) {
      report(node, `Math.${member}`, 'may differ in the last digit from one engine to the next');
    }
  }

  /** @param {ts.Node} node */
  function checkOperator(node) {
    if (!ts.isBinaryExpression(node)) return;
    const { kind } = node.operatorToken;
    if (
      kind === ts.SyntaxKind.AsteriskAsteriskToken ||
      kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken
    ) {
      report(node, '**', 'may differ in the last digit from one engine to the next');
    }
  }

  /** @param {ts.Node} node */
  function checkAsync(node) {
    if (node.kind === ts.SyntaxKind.AsyncKeyword) report(node, 'async', 'waits');
    if (ts.isAwaitExpression(node)) report(node, 'await', 'waits');
  }

  /** @param {ts.Node} node */
  function checkImport(node) {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      return report(node, 'import()', 'waits');
    }
    if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return;
    const from = node.moduleSpecifier;
    if (from && ts.isStringLiteral(from) && !from.text.startsWith('.')) {
      report(node, from.text, 'is a package; the simulation uses none');
    }
  }
}

/** @param {string} text @param {string} fileName */
function parse(text, fileName) {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2022, true);
  const host = ts.createCompilerHost({});
  host.getSourceFile = (name) => (name === fileName ? file : undefined);
  // Without the language's own types every global is unknown, so a known name is a local one.
  const program = ts.createProgram(
    [fileName],
    { noLib: true, noResolve: true, types: [], target: ts.ScriptTarget.ES2022 },
    host,
  );
  return { file, checker: program.getTypeChecker() };
}

/**
 * False for a name that only labels something: a property, a member, a key.
 * @param {ts.Identifier} node
 */
function isReference(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isPropertyDeclaration(parent)) return parent.initializer === node;
  return !(
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isAccessor(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isNamedTupleMember(parent) ||
    ts.isJsxAttribute(parent)
  );
}

/** @param {ts.Identifier} node @param {ts.TypeChecker} checker */
function isLocal(node, checker) {
  if (node.text === 'globalThis') return false;
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
  return (symbol?.declarations?.length ?? 0) > 0;
}
