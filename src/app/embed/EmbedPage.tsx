/** The figure inside someone else's page: both lanes, one code line each, and the way to the full page. */
import { useEffect, useState } from 'react';
import { PrimarySlider } from '../controls/PrimarySlider.tsx';
import { PlayButton, ResetButton } from '../controls/Transport.tsx';
import { usePrimaries } from '../controls/usePrimaries.ts';
import { Lanes } from '../page/Lanes.tsx';
import { Notes } from '../panels/Notes.tsx';
import { useSession } from '../state/session.ts';
import { NarrowControls } from './NarrowControls.tsx';
import { OpenLink } from './OpenLink.tsx';

/** From this width on there is room for two sliders and words beside the stage, px. */
const MID_WIDTH = 600;

function useIsNarrow(): boolean {
  const [isNarrow, setIsNarrow] = useState(() => innerWidth < MID_WIDTH);
  useEffect(() => {
    const onResize = () => setIsNarrow(innerWidth < MID_WIDTH);
    addEventListener('resize', onResize);
    return () => removeEventListener('resize', onResize);
  }, []);
  return isNarrow;
}

export function EmbedPage() {
  const { scenario } = useSession();
  const isNarrow = useIsNarrow();
  return (
    <div className="page embed" data-layout={isNarrow ? 'embed-narrow' : 'embed-mid'}>
      <header className={isNarrow ? 'visually-hidden' : 'embed-head'}>
        <h1>{scenario.question}</h1>
        {!isNarrow && <Notes />}
        {!isNarrow && <OpenLink />}
      </header>
      {isNarrow && <Notes />}
      <main className="figure">
        <Lanes
          stage={isNarrow ? 'narrow' : 'mid'}
          lines="last"
          hasExperience={false}
          hasLegend={!isNarrow}
          hasUsers={false}
          sentence={isNarrow ? 'tiny' : 'short'}
        />
      </main>
      <section className="desk embed-desk" aria-label="Controls">
        <PlayButton />
        {isNarrow ? <NarrowControls /> : <MidControls />}
      </section>
    </div>
  );
}

function MidControls() {
  return (
    <>
      {usePrimaries()
        .filter((primary) => primary.id !== 'failure')
        .map((primary) => (
          <PrimarySlider key={primary.id} primary={primary} />
        ))}
      <ResetButton />
    </>
  );
}
