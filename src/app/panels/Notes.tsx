/** What the page has to say about bad input; each note can be dismissed. */
import { useUi } from '../state/session.ts';
import { CloseButton } from './Dialog.tsx';

export function Notes() {
  const notes = useUi((ui) => ui.notes);
  const dismiss = useUi((ui) => ui.dismiss);
  return (
    <div className="notes" role="status">
      {notes.map((note) => (
        <p key={note.id} className="note">
          {note.text}
          <CloseButton onClick={() => dismiss(note.id)} />
        </p>
      ))}
    </div>
  );
}
