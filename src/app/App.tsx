/** Puts the session together and shows the page or the embed. */
import { useCallback, useState } from 'react';
import { SvgDefs } from '../stage/SvgDefs.tsx';
import { EmbedPage } from './embed/EmbedPage.tsx';
import { Page } from './page/Page.tsx';
import { createSession } from './state/createSession.ts';
import { SessionContext, type Session } from './state/session.ts';
import { useShortcuts } from './state/shortcuts.ts';
import { useApplyTheme } from './state/theme.ts';
import { useVisibleFrames } from './state/useVisibleFrames.ts';

export function App() {
  const [session] = useState(() => createSession(location.search));
  return (
    <SessionContext value={session}>
      <SvgDefs />
      <Shell session={session} />
    </SessionContext>
  );
}

function Shell({ session }: { readonly session: Session }) {
  const { frames, isEmbed } = session;
  useApplyTheme(useCallback(() => frames.invalidate(), [frames]));
  useVisibleFrames();
  useShortcuts();
  return isEmbed ? <EmbedPage /> : <Page />;
}
