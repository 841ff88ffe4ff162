/** Copies a link to the parameters and the seed; where that is not allowed, shows it selected. */
import { useEffect, useState } from 'react';
import { useSession } from '../state/session.ts';
import { shareUrl } from '../state/share.ts';
import { ShownLink } from './ShownLink.tsx';

const COPIED_MS = 2000;

export function CopyLink() {
  const session = useSession();
  const [isCopied, setIsCopied] = useState(false);
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = async () => {
    const url = shareUrl(session);
    try {
      await navigator.clipboard.writeText(url);
      setIsCopied(true);
    } catch {
      setShown(url);
    }
  };
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        {isCopied ? 'Copied' : 'Copy link'}
      </button>
      <span className="visually-hidden" role="status">
        {isCopied && 'The link is copied.'}
      </span>
      {shown !== null && <ShownLink url={shown} onClose={() => setShown(null)} />}
    </>
  );
}
