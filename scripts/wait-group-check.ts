// Writes schema/src/check/wait-group-check.ts.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitGroupCheckSource } from './generated/wait-group-check-source.ts';
import { root } from './root.ts';

writeFileSync(join(root, 'schema/src/check/wait-group-check.ts'), waitGroupCheckSource());
