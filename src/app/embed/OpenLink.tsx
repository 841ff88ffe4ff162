import { useStatus, useSession, useUi } from '../state/session.ts';
import { shareUrl } from '../state/share.ts';

/** To the full page, with the state this frame is in. */
export function OpenLink({ isIcon = false }: { readonly isIcon?: boolean }) {
  const session = useSession();
  // Renewed whenever what the link carries changes.
  useStatus((status) => status.values);
  useStatus((status) => status.seed);
  useUi((ui) => ui.theme);
  return (
    <a
      className={isIcon ? 'icon-button' : 'open-link'}
      href={shareUrl(session)}
      target="_blank"
      rel="noopener"
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
  );
}
