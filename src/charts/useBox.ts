/** The size of an element's content box in CSS pixels. */
import { useEffect, useState, type RefObject } from 'react';

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** @returns null until it is known */
export function useBox(element: RefObject<Element | null>): Box | null {
  const [box, setBox] = useState<Box | null>(null);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver((entries) => {
      const size = entries.at(-1)?.contentRect;
      if (!size) return;
      const width = Math.round(size.width);
      const height = Math.round(size.height);
      setBox((old) => (old?.width === width && old.height === height ? old : { width, height }));
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return box;
}
