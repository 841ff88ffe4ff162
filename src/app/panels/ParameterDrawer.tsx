/** All further parameters, beside the machine, so that their effect stays in view. */
import { useEffect, useRef } from 'react';
import type { Parameter } from '../../scenarios/scenario.ts';
import { useSession, useUi } from '../state/session.ts';
import { CloseButton } from './Dialog.tsx';
import { ParameterRow } from './ParameterRow.tsx';
import { SeedRow } from './SeedRow.tsx';
import { useReturnFocus } from './useReturnFocus.ts';
import { useSlideIn } from './useSlideIn.ts';

const GROUPS: readonly (readonly [Parameter['group'], string])[] = [
  ['program', 'Program'],
  ['capacity', 'Threads and workers'],
  ['limits', 'Limits'],
  ['clients', 'Patience'],
  ['failures', 'Failures'],
  ['variability', 'Variability'],
];

export function ParameterDrawer() {
  const { scenario } = useSession();
  const open = useUi((ui) => ui.open);
  const panel = useRef<HTMLElement>(null);
  useSlideIn(panel);
  useReturnFocus();
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);
  return (
    <section
      className="drawer"
      ref={panel}
      tabIndex={-1}
      aria-label="More parameters"
      onKeyDown={(event) => {
        if (event.key === 'Escape') open(null);
      }}
    >
      <header className="dialog-head">
        <h2>More parameters</h2>
        <CloseButton onClick={() => open(null)} />
      </header>
      <div className="drawer-body">
        {GROUPS.map(([group, name]) => {
          const parameters = scenario.parameters.filter((one) => one.group === group);
          if (parameters.length === 0) return null;
          return (
            <section key={group} className="drawer-group" data-group={group}>
              <h3>{name}</h3>
              {parameters.map((one) => (
                <ParameterRow key={one.key} parameter={one} />
              ))}
            </section>
          );
        })}
        <section className="drawer-group">
          <h3>Chance</h3>
          <SeedRow />
        </section>
      </div>
    </section>
  );
}
