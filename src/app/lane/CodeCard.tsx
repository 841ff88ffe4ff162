/** The handler a lane runs, with the number of threads that stand on each line right now. */
import { useMemo, useRef } from 'react';
import type { ChoiceParameter, CodeLine, LaneId } from '../../scenarios/scenario.ts';
import { useSession, useStatus } from '../state/session.ts';
import { setText, useReadout } from '../state/useReadout.ts';
import { countLines, entryService, findPool } from './lineCounts.ts';
import { StepSwitch } from './StepSwitch.tsx';

/** All lines, those with a switch, or the last of those. */
export type CodeLines = 'all' | 'switchable' | 'last';

/** With this share of the pool on one line, that is where the trouble is. */
const HOT_SHARE = 0.8;

interface CodeCardProps {
  readonly lane: LaneId;
  readonly lines: CodeLines;
}

function choose(code: readonly CodeLine[], lines: CodeLines): readonly CodeLine[] {
  if (lines === 'all') return code;
  const switchable = code.filter((line) => line.switchKey);
  return lines === 'switchable' ? switchable : switchable.slice(-1);
}

export function CodeCard({ lane, lines }: CodeCardProps) {
  const { scenario, player } = useSession();
  const shown = useMemo(() => choose(scenario.code, lines), [scenario, lines]);
  const entry = useMemo(() => entryService(scenario, lane), [scenario, lane]);
  const counts = useRef(new Int32Array(16));
  const list = useRef<HTMLOListElement>(null);

  useReadout(() => {
    const pool = findPool(player.view(lane), entry);
    if (!pool) return;
    countLines(pool, counts.current);
    const hotFrom = HOT_SHARE * pool.capacity;
    return () => {
      const items = list.current?.children;
      if (!items) return;
      shown.forEach((line, i) => {
        const item = items[i];
        if (!item || line.step === null) return;
        const count = counts.current[line.step] ?? 0;
        setText(item.firstElementChild, String(count));
        const heat = count === 0 ? 'none' : count >= hotFrom ? 'hot' : 'some';
        if (item.getAttribute('data-heat') !== heat) item.setAttribute('data-heat', heat);
      });
    };
  }, 'first');

  return (
    <div className="code-card" data-lines={lines}>
      {lines !== 'last' && (
        <div className="code-head">threads standing on each line, right now</div>
      )}
      <ol
        className="code"
        ref={list}
        aria-label="The program, with the number of threads on each line"
      >
        {shown.map((line, i) => (
          <CodeRow key={i} line={line} lane={lane} isTrimmed={lines !== 'all'} />
        ))}
      </ol>
    </div>
  );
}

interface CodeRowProps {
  readonly line: CodeLine;
  readonly lane: LaneId;
  readonly isTrimmed: boolean;
}

function CodeRow({ line, lane, isTrimmed }: CodeRowProps) {
  const { scenario } = useSession();
  const key = line.switchKey?.[lane];
  const parameter = scenario.parameters.find(
    (one): one is ChoiceParameter => one.key === key && one.kind === 'choice',
  );
  const mode = useStatus((status) => (key === undefined ? 'wait' : status.values[key]));
  const code = mode === 'queue' ? (line.queue ?? line.wait) : line.wait;
  return (
    <li className="code-line" data-mode={parameter ? mode : undefined}>
      <span className="code-count" />
      <code>
        {(isTrimmed ? code.trim() : code)
          .split(/\b(await)\b/)
          .map((part, i) => (part === 'await' ? <b key={i}>{part}</b> : part))}
      </code>
      {parameter && <StepSwitch parameter={parameter} lane={lane} />}
    </li>
  );
}
