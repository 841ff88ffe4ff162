/** The page's state as an address. */
import { useEffect } from 'react';
import { buildLink } from '../../playback/link.ts';
import { useSession, type Session } from './session.ts';

const REWRITE_MS = 500;

/** Query for the parameters and seed shown now, theme included. */
function currentQuery({ scenario, player, ui }: Session): string {
  const { seed, values } = player.status;
  const { theme } = ui.getState();
  return buildLink({ scenario, seed, values, theme });
}

/** An address that shows the full page in this state. */
export function shareUrl(session: Session): string {
  const { origin, pathname, href, protocol } = location;
  const base =
    protocol === 'http:' || protocol === 'https:' ? origin + pathname : href.split(/[?#]/)[0];
  return `${base}${currentQuery(session)}`;
}

/** Keeps the address bar in step with the parameters; an embed never touches it. */
export function useAddress(): void {
  const session = useSession();
  useEffect(() => {
    if (session.isEmbed) return;
    let timer = 0;
    const write = () => {
      try {
        const next = `${location.pathname}${currentQuery(session)}${location.hash}`;
        if (next !== `${location.pathname}${location.search}${location.hash}`) {
          history.replaceState(history.state, '', next);
        }
      } catch {
        // A sandboxed frame or a file may not; the page works without.
      }
    };
    const later = () => {
      clearTimeout(timer);
      timer = window.setTimeout(write, REWRITE_MS);
    };
    const unsubscribe = [
      session.status.subscribe((now, before) => {
        if (now.values !== before.values || now.seed !== before.seed) later();
      }),
      session.ui.subscribe((now, before) => {
        if (now.theme !== before.theme) later();
      }),
    ];
    return () => {
      clearTimeout(timer);
      for (const stop of unsubscribe) stop();
    };
  }, [session]);
}
