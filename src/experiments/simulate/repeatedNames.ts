/**
 * Names that a JSON text gives twice in one object. JSON.parse keeps the last and says nothing, so that a
 * second node of one name would make the first disappear.
 */
import type { Fault } from '../../sim/format/field.ts';

/** Beyond this many a file is not a flow, and a list of them helps nobody. */
const MOST = 100;

interface Level {
  readonly path: string;
  /** Of an object; null in a list. */
  readonly names: Set<string> | null;
  /** Where the value stands that comes next. */
  next: string;
  /** Of a list: values so far. */
  index: number;
}

/** @param text valid JSON */
export function repeatedNames(text: string): readonly Fault[] {
  const faults: Fault[] = [];
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;
  const levels: Level[] = [];
  let word = '';
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const [token] = found;
    const level = levels.at(-1);
    switch (token) {
      case '{':
      case '[': {
        const path = level?.next ?? '';
        const names = token === '{' ? new Set<string>() : null;
        levels.push({ path, names, next: `${path}[0]`, index: 0 });
        break;
      }
      case '}':
      case ']':
        levels.pop();
        break;
      case ',':
        if (level?.names === null) level.next = `${level.path}[${++level.index}]`;
        break;
      case ':': {
        const { path, names } = level!;
        const name = JSON.parse(word) as string;
        level!.next = path === '' ? name : `${path}.${name}`;
        if (names!.has(name)) {
          const right = 'every name once';
          faults.push({ path: level!.next, message: 'the name is given twice', right });
          if (faults.length === MOST) return faults;
        }
        names!.add(name);
        break;
      }
      default:
        word = token;
    }
  }
  return faults;
}
