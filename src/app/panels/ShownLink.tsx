/** A link to take by hand, selected, where the page may neither copy nor open it. */
import { useEffect, useRef } from 'react';
import { CloseButton } from './Dialog.tsx';

export function ShownLink({
  url,
  onClose,
}: {
  readonly url: string;
  readonly onClose: () => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    <div className="shown-link">
      <label>
        Copy this link
        <input ref={field} readOnly value={url} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <CloseButton onClick={onClose} />
    </div>
  );
}
