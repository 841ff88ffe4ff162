/** What the page has to say about bad input, the newest first; each note can be dismissed, or all at once. */
import { useUi } from '../state/session.ts';
import { CloseButton } from './Dialog.tsx';

/** Stands in the header or in a row of its own: the figure is never covered. */
export function Notes() {
  const notes = useUi((ui) => ui.notes);
  const dismiss = useUi((ui) => ui.dismiss);
  const dismissAll = useUi((ui) => ui.dismissAll);
  const note = notes.at(-1);
  const more = notes.length - 1;
  return (
    <div className="notes" role="status">
      {note && (
        <p key={note.id} className="note">
          <span className="note-text">{note.text}</span>
          {more > 0 && (
            <span className="notes-rest">
              and {more} more
              <button type="button" className="link-button" onClick={dismissAll}>
                dismiss all
              </button>
            </span>
          )}
          <CloseButton onClick={() => dismiss(note.id)} />
        </p>
      )}
    </div>
  );
}
