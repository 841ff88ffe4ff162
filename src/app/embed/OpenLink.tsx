import { useState, type MouseEvent } from 'react';
import { ShownLink } from '../panels/ShownLink.tsx';
import { useSession, useStatus, useUi } from '../state/session.ts';
import { shareUrl } from '../state/share.ts';

/** To the full page, with the state this frame is in. */
export function OpenLink({ isIcon = false }: { readonly isIcon?: boolean }) {
  const session = useSession();
  // Renewed whenever what the link carries changes.
  useStatus((status) => status.values);
  useStatus((status) => status.seed);
  useUi((ui) => ui.theme);
  const [shown, setShown] = useState<string | null>(null);
  // A sandboxed frame without `allow-popups` may not open anything: the link is shown to be taken.
  const openOrShow = (event: MouseEvent<HTMLAnchorElement>) => {
    if (window.origin !== 'null') return;
    event.preventDefault();
    const url = event.currentTarget.href;
    if (window.open(url, '_blank') === null) setShown(url);
  };
  return (
    <>
      <a
        className={isIcon ? 'icon-button' : 'open-link'}
        href={shareUrl(session)}
        target="_blank"
        rel="noopener"
        onClick={openOrShow}
        aria-label={isIcon ? 'Open in Flowscope' : undefined}
        title={isIcon ? 'Open in Flowscope' : undefined}
      >
        {isIcon ? (
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
            <path
              d="M6 3H3v10h10v-3M9 2h5v5M14 2L7.5 8.5"
              fill="none"
              stroke="currentColor"
              strokeWidth="1.5"
            />
          </svg>
        ) : (
          'Open in Flowscope'
        )}
      </a>
      {shown !== null && <ShownLink url={shown} onClose={() => setShown(null)} />}
    </>
  );
}
