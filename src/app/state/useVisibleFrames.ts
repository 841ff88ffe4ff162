/** Runs the animation loop only while someone can see it: nothing elapses in hidden tabs and off-screen frames. */
import { useEffect } from 'react';
import { useSession } from './session.ts';

export function useVisibleFrames(): void {
  const { frames } = useSession();
  useEffect(() => {
    let isOnScreen = true;
    const update = () => {
      if (isOnScreen && !document.hidden) frames.start();
      else frames.stop();
    };
    const observer = new IntersectionObserver((entries) => {
      isOnScreen = entries.at(-1)?.isIntersecting ?? true;
      update();
    });
    observer.observe(document.documentElement);
    document.addEventListener('visibilitychange', update);
    update();
    return () => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', update);
      frames.stop();
    };
  }, [frames]);
}
