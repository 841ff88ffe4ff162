/** What is opened seldom comes in files of its own. */
import { lazy, Suspense } from 'react';
import { useUi } from '../state/session.ts';

const HelpDialog = lazy(async () => ({
  default: (await import('../panels/HelpDialog.tsx')).HelpDialog,
}));
const TableDialog = lazy(async () => ({
  default: (await import('../panels/TableDialog.tsx')).TableDialog,
}));

export function Dialogs() {
  const panel = useUi((ui) => ui.panel);
  return (
    <Suspense fallback={null}>
      {panel === 'help' && <HelpDialog />}
      {panel === 'table' && <TableDialog />}
    </Suspense>
  );
}
