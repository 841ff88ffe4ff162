/** Files of the project that are made from the descriptions: by path, their text before formatting. */
import { flowFormatPage } from './flowDocs.ts';
import { flowJsonSchema, SCHEMA_FILE } from './jsonSchema.ts';

export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    [`public/${SCHEMA_FILE}`]: JSON.stringify(flowJsonSchema()),
    'docs/flow-format.md': flowFormatPage(),
  };
}
