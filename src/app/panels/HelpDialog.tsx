/** Keys, legend, what the model leaves out, and where each default comes from. */
import { formatValue } from '../../scenarios/parameterValue.ts';
import { Glyph, glyphMeanings, type GlyphName } from '../../stage/glyphs.tsx';
import { useSession, useUi } from '../state/session.ts';
import { SHORTCUTS } from '../state/shortcuts.ts';
import { Dialog } from './Dialog.tsx';

const SIMPLIFICATIONS: readonly string[] = [
  'Users arrive at random moments and keep coming, however slow the answers are (an open system). Nobody tries again.',
  'One machine a service: its threads are alike, and nothing but waiting slows them down. No network time, no memory, no garbage collection.',
  'A thread is held from start to answer. A non-blocking server would park no threads, but its users would wait as long.',
  'A user who gives up is gone; by default the server does not notice and finishes the work for nobody.',
  'The broker never fails. Messages are delivered in order, to one worker each, and again after a failure or a crash: at least once.',
  'A card is authorised or declined at once; nothing is ever in doubt.',
  'Service times follow a gamma distribution around their mean; every user brings the same demands to both programs.',
];

export function HelpDialog() {
  const open = useUi((ui) => ui.open);
  return (
    <Dialog title="Help" className="help" onClose={() => open(null)}>
      <Legend />
      <Keys />
      <section>
        <h3>What the model simplifies</h3>
        <ul className="bullets">
          {SIMPLIFICATIONS.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </section>
      <Defaults />
    </Dialog>
  );
}

function Legend() {
  return (
    <section>
      <h3>What the marks mean</h3>
      <p>
        Ink is work, warm is trouble, blue is your hand. Everything that waits stands to the left of
        what it waits for; a strand leads from a parked thread to the thread or the place in the
        queue it waits for. The hatching of a parked thread gets darker the longer it waits.
      </p>
      <ul className="help-legend">
        {(Object.keys(glyphMeanings) as GlyphName[]).map((name) => (
          <li key={name}>
            <Glyph name={name} size={16} />
            {glyphMeanings[name].meaning}
          </li>
        ))}
      </ul>
      <ul className="bullets">
        <li>
          A cut corner on a thread, or a pale bar, is wasted work: it is done for a user who has
          gone.
        </li>
        <li>
          “1 dot = N requests” stands where moving tokens would be too many to draw; cells, queues
          and counts stay exact.
        </li>
        <li>
          Drag the playhead back to see any earlier moment. Change something there and time goes on
          differently; the future that was left stays as a faint line in the charts.
        </li>
      </ul>
    </section>
  );
}

function Keys() {
  const characterKeys = useUi((ui) => ui.characterKeys);
  const setCharacterKeys = useUi((ui) => ui.setCharacterKeys);
  return (
    <section>
      <h3>Keys</h3>
      <dl className="keys">
        {SHORTCUTS.map((shortcut) => (
          <div key={shortcut.keys} data-off={shortcut.isCharacter && !characterKeys}>
            <dt>
              <kbd>{shortcut.keys}</kbd>
            </dt>
            <dd>{shortcut.does}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input
          type="checkbox"
          checked={characterKeys}
          onChange={(event) => setCharacterKeys(event.currentTarget.checked)}
        />
        single-character keys
      </label>
    </section>
  );
}

function Defaults() {
  const { scenario } = useSession();
  return (
    <section>
      <h3>Where the numbers come from</h3>
      <p>
        The article this page illustrates gives asynchronous checkout 200 ms. Its own parts say
        otherwise: 50 ms to validate, 300 ms to charge the card and 5 ms to hand over the message
        make 355 ms. Only a queued payment would be that fast, and that promises what is not known.
      </p>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Defaults and their sources">
        <table>
          <thead>
            <tr>
              <th scope="col">Parameter</th>
              <th scope="col">Default</th>
              <th scope="col">Source</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {scenario.parameters.map((parameter) => (
              <tr key={parameter.key}>
                <th scope="row">{parameter.label}</th>
                <td>{formatValue(parameter, parameter.defaultValue)}</td>
                <td>{parameter.source}</td>
                <td>{parameter.help}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
