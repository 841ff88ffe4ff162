/** A native modal dialog: focus, Escape and the backdrop are the browser's. */
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useReturnFocus } from './useReturnFocus.ts';

interface DialogProps {
  readonly title: string;
  readonly className?: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

export function Dialog({ title, className, children, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useReturnFocus();
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={className ? `dialog ${className}` : 'dialog'}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => {
        // The dialog itself is only hit where its backdrop is.
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={id}>{title}</h2>
          <CloseButton onClick={() => dialog.current?.close()} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

export function CloseButton({ onClick }: { readonly onClick: () => void }) {
  return (
    <button type="button" className="icon-button" aria-label="Close" onClick={onClick}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        <path d="M2 2l10 10M12 2L2 12" stroke="currentColor" strokeWidth="1.6" fill="none" />
      </svg>
    </button>
  );
}
