/** What the page has to say about bad input; each note can be dismissed, or all at once. */
import { useUi } from '../state/session.ts';
import { CloseButton } from './Dialog.tsx';

/** More would cover the figure. */
const MOST_SHOWN = 3;

export function Notes() {
  const notes = useUi((ui) => ui.notes);
  const dismiss = useUi((ui) => ui.dismiss);
  const dismissAll = useUi((ui) => ui.dismissAll);
  const shown = notes.slice(-MOST_SHOWN);
  const more = notes.length - shown.length;
  return (
    <div className="notes" role="status">
      {shown.map((note) => (
        <p key={note.id} className="note">
          {note.text}
          <CloseButton onClick={() => dismiss(note.id)} />
        </p>
      ))}
      {notes.length > 1 && (
        <p className="notes-rest">
          {more > 0 && `and ${more} more`}
          <button type="button" className="link-button" onClick={dismissAll}>
            dismiss all
          </button>
        </p>
      )}
    </div>
  );
}
