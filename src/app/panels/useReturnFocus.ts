import { useLayoutEffect, useRef } from 'react';

/** Gives the focus back to where it was when the panel opened, if it would be lost with the panel. */
export function useReturnFocus(): void {
  const opener = useRef<Element | null>(null);
  useLayoutEffect(() => {
    opener.current ??= document.activeElement;
    return () => {
      // After the panel has left the document.
      queueMicrotask(() => {
        const { activeElement, body } = document;
        if (activeElement !== null && activeElement !== body) return;
        if (opener.current instanceof HTMLElement) opener.current.focus({ preventScroll: true });
      });
    };
  }, []);
}
