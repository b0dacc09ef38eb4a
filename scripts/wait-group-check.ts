// Writes schema/src/check/wait-group-check.ts.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.ts';
import { waitGroupCheckSource } from './wait-group-check-source.ts';

writeFileSync(join(root, 'schema/src/check/wait-group-check.ts'), waitGroupCheckSource());
