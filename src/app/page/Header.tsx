/** The scenario's name, what the page has to say, and only what works. */
import { useRef } from 'react';
import { CopyLink } from '../panels/CopyLink.tsx';
import { Notes } from '../panels/Notes.tsx';
import { programOf } from '../controls/ceilings.ts';
import { useSession, useStatus, useUi } from '../state/session.ts';
import { Brand } from './Brand.tsx';
import { ThemeButton } from './ThemeButton.tsx';

const DIFFERENCES = ['payment', 'email'] as const;

/** By the number of lines in which the programs differ; of one line the scenario speaks itself. */
const CAPTIONS: Readonly<Record<number, string>> = {
  0: 'the same users, twice the same program',
  2: 'the same users, two programs; they differ in two lines',
};

export function Header({ isNarrow }: { readonly isNarrow: boolean }) {
  const { scenario } = useSession();
  const differing = useStatus(
    ({ values }) =>
      DIFFERENCES.filter(
        (step) => programOf(values, 'sync')[step] !== programOf(values, 'async')[step],
      ).length,
  );
  return (
    <header className="header">
      <div className="brand">
        <Brand />
        <span className="brand-name">Flowscope</span>
      </div>
      <h1>{scenario.title}</h1>
      {!isNarrow && (
        <p className="header-caption">{differing === 1 ? scenario.caption : CAPTIONS[differing]}</p>
      )}
      <Notes />
      {isNarrow ? (
        <Menu />
      ) : (
        <div className="header-actions">
          <Actions />
        </div>
      )}
    </header>
  );
}

function Actions() {
  const open = useUi((ui) => ui.open);
  return (
    <>
      <button type="button" onClick={() => open('table')}>
        Table
      </button>
      <CopyLink />
      <ThemeButton />
      <button type="button" onClick={() => open('help')}>
        Help
      </button>
    </>
  );
}

function Menu() {
  const menu = useRef<HTMLDetailsElement>(null);
  return (
    <details
      className="menu"
      ref={menu}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && menu.current) menu.current.open = false;
      }}
      onBlur={(event) => {
        if (menu.current && !menu.current.contains(event.relatedTarget)) menu.current.open = false;
      }}
    >
      <summary aria-label="Menu">
        <svg width="22" height="16" viewBox="0 0 22 16" aria-hidden="true">
          <path d="M0 2H22M0 8H22M0 14H22" stroke="currentColor" strokeWidth="1.8" />
        </svg>
      </summary>
      <div className="header-actions">
        <Actions />
      </div>
    </details>
  );
}
