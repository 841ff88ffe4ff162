/** The full page, in the arrangement that fits the window. */
import { useLayoutEffect } from 'react';
import { Inspector } from '../panels/Inspector.tsx';
import { ParameterDrawer } from '../panels/ParameterDrawer.tsx';
import { useAddress } from '../state/share.ts';
import { useArrangement, type Layout } from '../state/layout.ts';
import { useStatus, useUi } from '../state/session.ts';
import { Dialogs } from './Dialogs.tsx';
import { Desk } from './Desk.tsx';
import { Header } from './Header.tsx';
import { Lanes, type LanesProps } from './Lanes.tsx';
import { PhoneDesk } from './PhoneDesk.tsx';
import { useEntrance } from './useEntrance.ts';

const WHOLE = { hasExperience: true, hasLegend: true, hasUsers: true, sentence: 'full' } as const;

const LANES: Readonly<Record<Layout, LanesProps>> = {
  full: { ...WHOLE, stage: 'full', lines: 'all' },
  narrow: { ...WHOLE, stage: 'mid', lines: 'all' },
  compact: { ...WHOLE, stage: 'mid', lines: 'switchable', sentence: 'short' },
  mid: { ...WHOLE, stage: 'mid', lines: 'last', hasExperience: false },
  phone: {
    stage: 'narrow',
    lines: 'last',
    hasExperience: false,
    hasLegend: false,
    hasUsers: true,
    sentence: 'short',
  },
};

export function Page() {
  const { layout, scale } = useArrangement();
  const followed = useStatus((status) => status.followed);
  const panel = useUi((ui) => ui.panel);
  const entrance = useEntrance();
  useAddress();
  // On the document's element, where the tokens are computed from it.
  useLayoutEffect(() => {
    document.documentElement.style.setProperty('--k', String(scale));
  }, [scale]);
  return (
    <div className="page" data-layout={layout} data-entrance={entrance}>
      <div className="column">
        <Header isNarrow={layout === 'phone'} />
      </div>
      <main className="column figure">
        <Lanes {...LANES[layout]} />
        {panel === 'parameters' && <ParameterDrawer />}
        {panel !== 'parameters' && followed !== null && <Inspector request={followed} />}
      </main>
      {layout === 'phone' ? <PhoneDesk /> : <Desk />}
      <Dialogs />
    </div>
  );
}
